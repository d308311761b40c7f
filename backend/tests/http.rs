//! What every answer carries, and which pages of other sites may call.

use serde_json::json;
use shared::{
    ErrorCode,
    endpoint::{self, LIVE_PATH, Nothing, UPLOAD_PATH},
    meta::GetMeta,
};

use crate::support::{Client, Reply, new_ticket, spawn_app, spawn_app_with};

#[actix_web::test]
async fn health_and_readiness_need_no_session() {
    let app = spawn_app().await;
    let nobody = app.nobody();
    assert_eq!(nobody.get("/healthz").await.status, 200);
    nobody.get("/readyz").await.good();
    app.database
        .execute("DELETE FROM __diesel_schema_migrations WHERE version <> '20260206000000'");
    nobody
        .get("/readyz")
        .await
        .refused(ErrorCode::DatabaseUnavailable);
    assert_eq!(nobody.get("/healthz").await.status, 200);
}

#[actix_web::test]
async fn every_answer_carries_the_safe_headers() {
    let app = spawn_app().await;
    let (bob, nobody) = (app.agent("bob").await, app.nobody());
    bob.submits("一").await;
    let addresses = endpoint::all().map(|(_, _, path)| path.replace("{id}", "1"));
    let more = [
        "/",
        "/case",
        "/case/",
        "/case/login",
        "/case/ticket/1",
        "/case/x.js",
        "/healthz",
        "/readyz",
        UPLOAD_PATH,
        LIVE_PATH,
        "/case/uploads/x.png",
        "/uploads/x.png",
        "/uploads/%ff",
        "/case/api/x",
        "/x",
    ];
    for path in addresses.chain(more.map(str::to_owned)) {
        for method in ["GET", "HEAD", "POST", "OPTIONS", "DELETE"] {
            for who in [&bob, &nobody] {
                // `Reply` checks the headers of every answer it reads.
                let reply = who.send(who.request(method, &path)).await;
                assert!(reply.status < 500, "{method} {path} {}", reply.text());
                assert!(
                    reply.header("strict-transport-security").is_empty(),
                    "no TLS here"
                );
                assert!(!reply.header("cross-origin-opener-policy").is_empty());
                assert_eq!(reply.header("access-control-allow-origin"), "");
                assert_eq!(reply.header("server"), "");
            }
        }
    }
}

#[actix_web::test]
async fn pages_are_served_for_every_route_of_the_spa() {
    let app = spawn_app().await;
    let nobody = app.nobody();
    for path in ["/", "/case"] {
        let reply = nobody.get(path).await;
        assert_eq!((reply.status, reply.header("location")), (302, "/case/"));
    }
    for path in [
        "/case/",
        "/case/login",
        "/case/admin/login",
        "/case/submit",
        "/case/my-tickets",
        "/case/ticket/12",
        "/case/admin/tickets?page=2",
        "/case/setup",
    ] {
        let reply = nobody.get(path).await;
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (200, "text/html; charset=utf-8"),
            "{path}"
        );
        assert_eq!(reply.header("cache-control"), "no-store");
    }
    nobody
        .get("/case/missing.wasm")
        .await
        .refused(ErrorCode::NotFound);
    nobody
        .send(nobody.request("POST", "/case/login"))
        .await
        .refused(ErrorCode::MethodNotAllowed);
}

#[actix_web::test]
async fn meta_tells_what_a_client_must_know() {
    let app = spawn_app_with(&[
        ("TIMEZONE", "America/New_York"),
        ("TICKET_TYPES", "甲,乙"),
        ("MAX_CONTENT_LENGTH", "77"),
    ])
    .await;
    let meta = app.nobody().call(GetMeta, (), Nothing {}).await.good();
    assert_eq!(
        (meta.timezone.as_str(), meta.types),
        ("America/New_York", vec!["甲".to_owned(), "乙".to_owned()])
    );
    assert!(matches!(meta.utc_offset, -18_000 | -14_400));
    assert_eq!(
        (meta.limits.upload_bytes, meta.limits.per_page, meta.limits.batch),
        (77, 100, 500)
    );
    assert_eq!(meta.statuses.len(), 4);
}

async fn with(client: &Client, headers: &[(&str, &str)]) -> Reply {
    let request = client
        .request("POST", "/case/api/tickets")
        .json(&new_ticket("跨站"));
    client
        .send(
            headers
                .iter()
                .fold(request, |request, (name, value)| request.header(*name, *value)),
        )
        .await
}

#[actix_web::test]
async fn another_site_changes_nothing() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let port = app.address.port();
    let own = format!("http://127.0.0.1:{port}");
    let foreign = [
        "https://evil.example",
        "null",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        &format!("https://127.0.0.1:{port}"),
        &format!("http://127.0.0.1:{port}.evil.example"),
        &format!("http://127.0.0.1:{port}/"),
        "file://",
        "not an origin",
    ]
    .map(str::to_owned);
    for origin in &foreign {
        with(&ann, &[("origin", origin)])
            .await
            .refused(ErrorCode::CrossOrigin);
        let refused = ann
            .try_live(&[("origin", origin)])
            .await
            .err()
            .unwrap_or_else(|| panic!("{origin} connected"));
        assert_eq!(
            (refused.status, refused.code),
            (403, ErrorCode::CrossOrigin),
            "{origin}"
        );
    }
    for site in ["cross-site", "same-site", "mars"] {
        with(&ann, &[("sec-fetch-site", site)])
            .await
            .refused(ErrorCode::CrossOrigin);
        with(&ann, &[("sec-fetch-site", site), ("origin", &own)])
            .await
            .refused(ErrorCode::CrossOrigin);
    }
    for (method, path) in endpoint::all()
        .filter(|(_, method, _)| method.as_str() != "GET")
        .map(|(_, method, path)| (method, path.replace("{id}", "1")))
    {
        let request = ann
            .request(method.as_str(), &path)
            .header("origin", "https://evil.example")
            .json(&json!({}));
        ann.send(request).await.refused(ErrorCode::CrossOrigin);
    }
    let request = ann
        .request("POST", UPLOAD_PATH)
        .header("origin", "https://evil.example")
        .header("content-type", "multipart/form-data; boundary=x")
        .body("x");
    ann.send(request).await.refused(ErrorCode::CrossOrigin);
    assert_eq!(app.database.count("tickets"), 0);

    for headers in [
        vec![],
        vec![("origin", own.as_str())],
        vec![("origin", own.as_str()), ("sec-fetch-site", "same-origin")],
        vec![("sec-fetch-site", "same-origin")],
        vec![("sec-fetch-site", "none")],
    ] {
        assert_eq!(with(&ann, &headers).await.status, 201, "{headers:?}");
    }
    assert!(ann.try_live(&[("origin", &own)]).await.is_ok());
    let read = ann
        .send(
            ann.request("GET", "/case/api/tickets")
                .header("origin", "https://evil.example"),
        )
        .await;
    assert_eq!(
        (read.status, read.header("access-control-allow-origin")),
        (200, ""),
        "the browser keeps it from the page"
    );
}

#[actix_web::test]
async fn the_public_url_is_the_only_own_origin() {
    let app = spawn_app_with(&[("PUBLIC_URL", "http://desk.example.com")]).await;
    let ann = app.customer("ann").await;
    let listening = format!("http://127.0.0.1:{}", app.address.port());
    with(&ann, &[("origin", &listening)])
        .await
        .refused(ErrorCode::CrossOrigin);
    assert_eq!(
        with(&ann, &[("origin", "http://desk.example.com")]).await.status,
        201
    );
    with(
        &ann,
        &[
            ("origin", "http://desk.example.com.evil.cn"),
            ("host", "desk.example.com.evil.cn"),
        ],
    )
    .await
    .refused(ErrorCode::CrossOrigin);
}

#[actix_web::test]
async fn only_named_origins_may_call_from_a_browser() {
    let app = spawn_app_with(&[("CORS_ORIGINS", "https://portal.example.com,*")]).await;
    let ann = app.customer("ann").await;
    let preflight = async |origin: &str| -> Reply {
        let request = ann
            .request("OPTIONS", "/case/api/tickets")
            .header("origin", origin);
        ann.send(
            request
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "content-type,idempotency-key"),
        )
        .await
    };
    let reply = preflight("https://portal.example.com").await;
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.header("access-control-allow-origin"),
        "https://portal.example.com"
    );
    assert_eq!(reply.header("access-control-allow-credentials"), "true");
    let reply = with(
        &ann,
        &[
            ("origin", "https://portal.example.com"),
            ("sec-fetch-site", "cross-site"),
        ],
    )
    .await;
    assert_eq!(
        (reply.status, reply.header("access-control-allow-origin")),
        (201, "https://portal.example.com")
    );
    let reply = ann
        .send(
            ann.request("GET", "/case/api/tickets/999")
                .header("origin", "https://portal.example.com"),
        )
        .await;
    assert_eq!(
        (reply.status, reply.header("access-control-allow-origin")),
        (404, "https://portal.example.com"),
        "a refusal can be read too"
    );
    assert!(
        ann.try_live(&[("origin", "https://portal.example.com")])
            .await
            .is_ok()
    );
    for origin in [
        "https://evil.example",
        "https://portal.example.com.evil.example",
        "http://portal.example.com",
        "null",
    ] {
        let request = ann
            .request("OPTIONS", "/case/api/tickets")
            .header("origin", origin);
        let refused = request
            .header("access-control-request-method", "POST")
            .send()
            .await
            .unwrap();
        assert!(
            !refused.headers().contains_key("access-control-allow-origin"),
            "{origin}"
        );
        with(&ann, &[("origin", origin)])
            .await
            .refused(ErrorCode::CrossOrigin);
        assert!(ann.try_live(&[("origin", origin)]).await.is_err());
    }
}
