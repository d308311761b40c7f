//! Whatever is sent to whatever address: a refusal with a stable code, never a 5xx, never something half-written.

use serde_json::{Value, json};
use shared::{Endpoint, ErrorCode, Method, endpoint, tickets::CreateTicket};

use crate::support::{Client, Reply, TestApp, new_ticket, spawn_app};

const JSON: &str = "application/json";

/// Every endpoint with `{id}` filled in by something that exists.
fn addresses() -> Vec<(Method, String)> {
    endpoint::all()
        .map(|(_, method, path)| (method, path.replace("{id}", "1")))
        .collect()
}

async fn send(
    client: &Client,
    method: &str,
    path: &str,
    kind: &str,
    body: impl Into<reqwest::Body>,
) -> Reply {
    client
        .send(
            client
                .request(method, path)
                .header("content-type", kind)
                .body(body),
        )
        .await
}

/// How many rows there are of everything that a request could write.
fn rows(app: &TestApp) -> Vec<i64> {
    [
        "tickets",
        "messages",
        "users",
        "ticket_events",
        "attachments",
        "link_tokens",
    ]
    .map(|table| app.database.count(table))
    .to_vec()
}

async fn prepared() -> (TestApp, Client) {
    let app = spawn_app().await;
    let bob = app.agent("bob").await;
    bob.submits("一").await;
    (app, bob)
}

#[actix_web::test]
async fn broken_json_is_400_everywhere() {
    let (app, bob) = prepared().await;
    let before = rows(&app);
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_object = format!(
        "{{\"title\":{}1{}}}",
        "{\"a\":".repeat(100_000),
        "}".repeat(100_000)
    );
    let bodies: Vec<Vec<u8>> = vec![
        b"{".to_vec(),
        b"}".to_vec(),
        b"nope".to_vec(),
        b"{\"title\":}".to_vec(),
        b"{'title':'x'}".to_vec(),
        b"{\"title\":\"x\"} trailing".to_vec(),
        b"{\"title\":\"\xff\xfe\"}".to_vec(),
        b"\xef\xbb\xbf{}".to_vec(),
        b"{\"title\":\"\\ud800\"}".to_vec(),
        b"{\"title\":\"\\udc00\\ud800\"}".to_vec(),
        b"{\"title\":\"\x01\"}".to_vec(),
        b"{\"title\":\"\xc0\xaf\"}".to_vec(),
        b"{\"content\":1e400}".to_vec(),
        b"\0".to_vec(),
        deep.into_bytes(),
        deep_object.into_bytes(),
        b"{\"title\":\"x\"".to_vec(),
        b"NaN".to_vec(),
        b"{\"ids\":[1,]}".to_vec(),
    ];
    // Logging out wants nothing of its body, and there would be nobody left to send the rest.
    let takes_body = |(method, path): &(Method, String)| *method != Method::Get && path != "/case/api/logout";
    for (method, path) in addresses().into_iter().filter(takes_body) {
        for body in &bodies {
            let reply = send(&bob, method.as_str(), &path, JSON, body.clone()).await;
            let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            // A value of the wrong type can be met before the fault in the text, and a fault in what is ignored is ignored.
            assert!(
                matches!(reply.status, 400 | 422) || ignores(&path, body),
                "{path} {shown}: {} {}",
                reply.status,
                reply.text()
            );
        }
    }
    assert_eq!(rows(&app), before);
}

/// Faults that only a parser sees which looks at a field: these calls have no such field.
fn ignores(path: &str, body: &[u8]) -> bool {
    let body = String::from_utf8_lossy(body);
    let fits =
        body.ends_with('}') && (body.contains("\\u") || body.contains("1e400") || body.contains("{\"a\""));
    let calls = ["users/", "guest", "mails/", "notifications/"];
    let ignored = |call: &&str| path.starts_with(&format!("/case/api/{call}"));
    fits && (calls.iter().any(ignored) || path.ends_with("/guest/revoke"))
}

#[actix_web::test]
async fn values_of_the_wrong_type_are_422_and_name_their_field() {
    let (app, bob) = prepared().await;
    let before = rows(&app);
    let values = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5),
        json!(9_223_372_036_854_775_807_i64),
        json!([]),
        json!([[]]),
        json!({}),
        json!({"$ne": 1}),
    ];
    let fields = [
        ("/case/api/tickets", "title"),
        ("/case/api/tickets", "priority"),
        ("/case/api/tickets", "customer_email"),
        ("/case/api/tickets", "type"),
        ("/case/api/tickets/1/messages", "content"),
        ("/case/api/tickets/1/messages", "attachment_ids"),
        ("/case/api/tickets/1/messages", "internal"),
        ("/case/api/tickets/1/messages", "seen_seq"),
        ("/case/api/tickets/1/messages", "client_id"),
        ("/case/api/tickets/1/status", "status"),
        ("/case/api/tickets/1/status", "resolution"),
        ("/case/api/tickets/1/close", "resolution"),
        ("/case/api/tickets/1/assign", "assignee"),
        ("/case/api/users", "username"),
        ("/case/api/users", "password"),
        ("/case/api/users", "role"),
        ("/case/api/login", "username"),
        ("/case/api/login", "password"),
        ("/case/api/me/password", "new_password"),
        ("/case/api/guest", "token"),
        ("/case/api/setup", "token"),
    ];
    for (path, field) in fields {
        for value in &values {
            let reply = bob.post(path, &json!({ field: value })).await;
            let allowed = value.is_null()
                || (field == "attachment_ids" && *value == json!([]))
                || (field == "internal" && *value == json!(true))
                || (field == "seen_seq" && value.is_i64())
                || (field == "assignee" && value.is_i64());
            if !allowed {
                let problem = reply.refused(ErrorCode::ValidationFailed);
                let named: Vec<&str> = problem.fields.keys().map(String::as_str).collect();
                assert!(named.contains(&field), "{path} {field}={value}: {named:?}");
            }
            assert!(
                (400..500).contains(&reply.status) || (field == "assignee" && value.is_null()),
                "{path} {field}={value}: {}",
                reply.text()
            );
        }
    }
    for body in [json!(null), json!(5), json!("x"), json!(true)] {
        for (method, path) in addresses()
            .into_iter()
            .filter(|(method, _)| *method != Method::Get)
        {
            let request = bob.request(method.as_str(), &path).json(&body);
            bob.send(request).await.refused(ErrorCode::ValidationFailed);
        }
    }
    assert_eq!(rows(&app), before);
}

#[actix_web::test]
async fn control_characters_are_refused_in_every_text() {
    let (app, bob) = prepared().await;
    let before = rows(&app);
    for bad in ["a\0b", "\u{1}", "a\u{7f}", "a\u{85}b", "\u{1b}[2J"] {
        for field in [
            "title",
            "customer_name",
            "customer_phone",
            "description",
            "customer_email",
            "type",
        ] {
            let mut body = serde_json::to_value(new_ticket("好")).unwrap();
            body[field] = json!(bad);
            bob.post("/case/api/tickets", &body).await.refused_field(field);
        }
        bob.post("/case/api/tickets/1/messages", &json!({"content": bad}))
            .await
            .refused_field("content");
        bob.post("/case/api/tickets/1/close", &json!({"resolution": bad}))
            .await
            .refused_field("resolution");
        bob.post("/case/api/tickets/1/assign", &json!({"assignee": bad}))
            .await
            .refused(ErrorCode::UnknownAssignee);
        bob.post(
            "/case/api/users",
            &json!({"username": "x", "password": "long enough", "full_name": bad}),
        )
        .await
        .refused_field("full_name");
        bob.post("/case/api/login", &json!({"username": bad, "password": bad}))
            .await
            .refused(ErrorCode::WrongCredentials);
    }
    for line_break in ["a\nb", "a\r\nBcc: x@y.z"] {
        for field in ["title", "customer_name", "customer_phone", "customer_email"] {
            let mut body = serde_json::to_value(new_ticket("好")).unwrap();
            body[field] = json!(line_break);
            bob.post("/case/api/tickets", &body).await.refused_field(field);
        }
    }
    assert_eq!(rows(&app), before);
}

#[actix_web::test]
async fn a_body_that_is_too_large_is_413() {
    let (app, bob) = prepared().await;
    let before = rows(&app);
    let huge = format!("{{\"title\":\"{}\"}}", "x".repeat(3 * 1024 * 1024));
    for (method, path) in addresses()
        .into_iter()
        .filter(|(method, _)| *method != Method::Get)
    {
        // The server may answer before it has read everything; that must still be an answer.
        let reply = send(&bob, method.as_str(), &path, JSON, huge.clone()).await;
        reply.refused(ErrorCode::PayloadTooLarge);
    }
    let just = format!("{{\"x\":\"{}\",\"content\":\"\"}}", "x".repeat(1024 * 1024 - 30));
    send(&bob, "POST", "/case/api/tickets/1/messages", JSON, just)
        .await
        .refused_field("content");
    assert_eq!(rows(&app), before);
}

#[actix_web::test]
async fn other_content_types_and_encodings_are_415() {
    let (app, bob) = prepared().await;
    let before = rows(&app);
    let good = serde_json::to_string(&new_ticket("好")).unwrap();
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonx",
        "",
        "text/json",
        "application/xml",
    ] {
        send(&bob, "POST", CreateTicket::PATH, kind, good.clone())
            .await
            .refused(ErrorCode::UnsupportedMediaType);
    }
    for encoding in ["gzip", "br", "deflate", "zstd", "gzip, gzip", "x"] {
        for (method, path) in addresses() {
            let request = bob
                .request(method.as_str(), &path)
                .header("content-type", JSON)
                .header("content-encoding", encoding)
                .body(good.clone());
            bob.send(request).await.refused(ErrorCode::UnsupportedMediaType);
        }
    }
    assert_eq!(rows(&app), before);
    for kind in [
        "application/json",
        "APPLICATION/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
    ] {
        assert_eq!(
            send(&bob, "POST", CreateTicket::PATH, kind, good.clone())
                .await
                .status,
            201,
            "{kind}"
        );
    }
}

#[actix_web::test]
async fn a_wrong_method_is_405_and_a_wrong_address_404() {
    let (_app, bob) = prepared().await;
    let mut known: std::collections::BTreeMap<String, Vec<&str>> = std::collections::BTreeMap::new();
    for (method, path) in addresses() {
        known.entry(path).or_default().push(method.as_str());
    }
    for (path, methods) in &known {
        for method in ["GET", "POST", "PATCH", "PUT", "DELETE"] {
            if !methods.contains(&method) {
                bob.send(bob.request(method, path))
                    .await
                    .refused(ErrorCode::MethodNotAllowed);
            }
        }
    }
    for path in [
        "/case/api",
        "/case/api/",
        "/case/api/nothing",
        "/case/api/tickets/1/nothing",
        "/case/api/tickets/1/2/3",
        "/nothing",
        "/case/missing.js",
        "/uploads",
        "/.env",
        "/case/api/../../etc/passwd",
    ] {
        for method in ["GET", "POST", "DELETE"] {
            let reply = bob.send(bob.request(method, path)).await;
            assert!(
                matches!(reply.status, 404 | 405),
                "{method} {path}: {} {}",
                reply.status,
                reply.text()
            );
            assert_eq!(
                reply.header("content-type"),
                "application/json",
                "{method} {path}"
            );
        }
    }
}

#[actix_web::test]
async fn unknown_fields_move_no_column() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let eve = app.customer("eve").await;
    let mut body = serde_json::to_value(new_ticket("夹带")).unwrap();
    for (field, value) in [
        ("id", json!(777)),
        ("ticket_number", json!("TK1")),
        ("status", json!("已关闭")),
        ("assignee", json!("admin")),
        ("customer_id", json!(eve.id)),
        ("resolution", json!("x")),
        ("staff_seq", json!(9)),
        ("created_at", json!("2001-01-01 00:00:00")),
        ("is_system", json!(true)),
    ] {
        body[field] = value;
    }
    let id = ann.post("/case/api/tickets", &body).await.good()["ticket_id"]
        .as_i64()
        .unwrap();
    let ticket = ann.sees(shared::TicketId(id as i32)).await;
    assert_eq!(
        (id, ticket.status, ticket.assignee, ticket.seq, ticket.resolution),
        (1, shared::Status::Pending, None, 0, None)
    );
    assert!(!ticket.created_at.as_str().starts_with("2001"));
    assert!(!eve.may_see(ticket.id).await);
    let message = json!({"content": "嘿", "sender_type": "admin", "sender_id": 1, "sender_name": "系统", "is_system": true, "seq": 99, "ticket_id": 5});
    let stored = ann.post("/case/api/tickets/1/messages", &message).await.good()["message"].clone();
    assert_eq!(
        (
            &stored["sender_type"],
            &stored["sender_name"],
            &stored["is_system"],
            &stored["seq"]
        ),
        (&json!("customer"), &json!("ann"), &json!(false), &json!(1))
    );
}

#[actix_web::test]
async fn odd_idempotency_keys_are_refused_or_taken_but_never_an_error() {
    let (app, bob) = prepared().await;
    for (key, good) in [("k", true), ("钥匙", true), ("a b", true), ("", true)] {
        let request = bob
            .request_of(CreateTicket, (), &new_ticket("好"))
            .header("idempotency-key", key.as_bytes());
        let reply = bob.send(request).await;
        assert_eq!(reply.status == 201, good, "{key}: {}", reply.text());
    }
    let long = "k".repeat(65);
    let request = bob
        .request_of(CreateTicket, (), &new_ticket("好"))
        .header("idempotency-key", long);
    bob.send(request).await.refused_field("idempotency_key");
    assert_eq!(app.database.count("tickets"), 5);
}

#[actix_web::test]
async fn a_refusal_speaks_the_language_that_is_asked_for() {
    let (_app, bob) = prepared().await;
    let message = async |lang: Option<&str>| -> String {
        let request = bob.request("GET", "/case/api/tickets/999");
        let request = match lang {
            Some(lang) => request.header("accept-language", lang),
            None => request,
        };
        bob.send(request).await.problem().message
    };
    assert_eq!(message(None).await, "工单不存在");
    assert_eq!(message(Some("en-US,en;q=0.9")).await, "Ticket not found");
    assert_eq!(message(Some("zh-CN")).await, "工单不存在");
    assert_eq!(message(Some("é;;q=,")).await, "工单不存在");
    let request = bob.request_of(
        CreateTicket,
        (),
        &shared::tickets::NewTicket {
            title: String::new(),
            ..new_ticket("")
        },
    );
    let problem = bob
        .send(request.header("accept-language", "en"))
        .await
        .refused_field("title");
    assert_eq!(problem.fields["title"].message, "Required");
}

#[actix_web::test]
async fn headers_that_make_no_sense_are_survived() {
    let (_app, bob) = prepared().await;
    for (name, value) in [
        ("cookie", "casedesk_session=\"; casedesk_session=; =; ;;"),
        ("cookie", "\u{ff}"),
        ("accept-language", "*;q=9"),
        ("range", "bytes=9-1"),
        ("if-none-match", "\"\"\"\""),
        ("origin", "null"),
        ("sec-fetch-site", "mars"),
        ("host", "x y"),
        ("content-length", "0"),
    ] {
        let request = bob.request("GET", "/case/api/meta").header(name, value);
        let reply = request.send().await;
        if let Ok(reply) = reply {
            assert!(reply.status().as_u16() < 500, "{name}: {value}");
        }
    }
    let meta: Value = bob.get("/case/api/meta?x=%00&y[]=1&&&=").await.good();
    assert_eq!(meta["timezone"], "Asia/Shanghai");
}
