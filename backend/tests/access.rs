//! Every endpoint against every kind of asker: a new endpoint without a row here fails.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shared::{
    TicketId, endpoint,
    notifications::{ListNotifications, NotificationQuery},
    tickets::CreateTicket,
};

use crate::support::{ABSENT, Client, TestApp, client::saying, new_ticket, spawn_app};

/// What somebody gets: a success, or a refusal with this status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gets {
    Ok,
    No(u16),
}

use Gets::{No, Ok};

/// What nobody, a guest of another ticket, the ticket's guest, another customer, the owner, and an agent get.
type Row = [Gets; 6];

/// The rule of each endpoint, by name, and a body that is in order.
fn rule(name: &str) -> Option<(Row, Value)> {
    let anyone = [Ok, Ok, Ok, Ok, Ok, Ok];
    let signed_in = [No(401), No(401), No(401), Ok, Ok, Ok];
    let of_the_ticket = [No(401), No(404), Ok, No(404), Ok, Ok];
    let agents = [No(401), No(401), No(401), No(403), No(403), Ok];
    // What is refused for its content was let in.
    let link = [No(404); 6];
    let password = [No(401), No(401), No(401), No(422), No(422), No(422)];
    Some(match name {
        "Login" | "AdminLogin" => ([No(401); 6], json!({"username": "nobody", "password": "wrong"})),
        "Logout" => (anyone, json!({})),
        "Me" => ([No(401), Ok, Ok, Ok, Ok, Ok], json!(null)),
        "ChangePassword" => (
            password,
            json!({"current_password": "wrong", "new_password": "long enough"}),
        ),
        "OpenGuestLink" => (link, json!({"token": "x"})),
        "SetUp" => (link, json!({"token": "x", "new_password": "long enough"})),
        "ListUsers" => (agents, json!(null)),
        "CreateUser" => (agents, json!({"username": "neu", "password": "long enough"})),
        "UpdateUser" => (agents, json!({})),
        "CreateTicket" => (anyone, serde_json::to_value(new_ticket("表")).unwrap()),
        "ListTickets" => (signed_in, json!(null)),
        "GetTicket" | "ListMessages" => (of_the_ticket, json!(null)),
        "PostMessage" => (of_the_ticket, serde_json::to_value(saying("嘿")).unwrap()),
        "CloseTicket" => (of_the_ticket, json!({"resolution": "好"})),
        "SetStatus" => (agents, json!({"status": "处理中"})),
        "AssignTicket" => (agents, json!({"assignee": null})),
        "BatchTickets" => (
            agents,
            json!({"ids": [1], "action": "priority", "priority": "高"}),
        ),
        "GetStatistics" => (agents, json!(null)),
        "ListMails" | "GetMailStatus" | "ListMailTemplates" => (agents, json!(null)),
        "TestMail" => (agents, json!({"to": "a@b.cn"})),
        "SaveMailTemplate" | "PreviewMailTemplate" => (
            agents,
            json!({"kind": "message", "lang": "zh", "subject": "s", "text": "t", "html": "h"}),
        ),
        "ResetMailTemplate" => (agents, json!({"kind": "message", "lang": "zh"})),
        "RevokeGuestLinks" => (agents, json!({})),
        "RetryMail" | "CancelMail" | "RetryFailedMails" | "CancelFailedMails" => (agents, json!({})),
        "GetMailChoices" | "ListNotifications" => (signed_in, json!(null)),
        "SetMailChoices" => (signed_in, json!({"kinds": [], "lang": "zh"})),
        "ReadNotifications" => (signed_in, json!({"all": true})),
        "StopMails" => (link, json!({"token": "x"})),
        "GetMeta" => (anyone, json!(null)),
        _ => return None,
    })
}

struct Cast {
    app: TestApp,
    ticket: TicketId,
    askers: Vec<(&'static str, Client)>,
}

/// A ticket of an account for most, and one of a guest: the same cells hold for both.
async fn cast(guests_own: bool) -> Cast {
    let app = spawn_app().await;
    let (ann, eve, bob) = (
        app.customer("ann").await,
        app.customer("eve").await,
        app.agent("bob").await,
    );
    let (guest, stranger) = (app.nobody(), app.nobody());
    let hers = ann.submits("她的").await;
    let his = guest
        .call(CreateTicket, (), new_ticket("访客的"))
        .await
        .good()
        .ticket_id;
    stranger
        .call(CreateTicket, (), new_ticket("别的访客的"))
        .await
        .good();
    // So that there are mails to ask for by number.
    bob.call(ListNotifications, (), NotificationQuery::default())
        .await
        .good();
    let askers = vec![
        ("nobody", app.nobody()),
        ("another guest", stranger),
        ("guest", guest),
        ("another customer", eve),
        ("owner", ann),
        ("agent", bob),
    ];
    Cast {
        app,
        ticket: if guests_own { his } else { hers },
        askers,
    }
}

async fn ask(who: &Client, method: &str, path: &str, body: &Value) -> u16 {
    // A copy keeps its cookies: no answer ends or opens a session for the next call.
    let who = who.copy();
    let request = who.request(method, path);
    let request = if body.is_null() {
        request
    } else {
        request.json(body)
    };
    who.send(request).await.status
}

#[actix_web::test]
async fn every_endpoint_lets_in_whom_its_row_says() {
    let mut failures = Vec::new();
    for (name, method, path) in endpoint::all() {
        let Some((row, body)) = rule(name) else {
            failures.push(format!("{name} has no row in this table"));
            continue;
        };
        let names_a_ticket = path.starts_with("/case/api/tickets/{id}");
        for guests_own in [false, true] {
            let cast = cast(guests_own).await;
            for ((who, client), expected) in cast.askers.iter().zip(row) {
                let wrong_owner = names_a_ticket
                    && if guests_own {
                        *who == "owner"
                    } else {
                        *who == "guest"
                    };
                if wrong_owner || name == "Logout" {
                    continue;
                }
                let id = if names_a_ticket {
                    cast.ticket.to_string()
                } else {
                    client.id.0.max(1).to_string()
                };
                let got = ask(client, method.as_str(), &path.replace("{id}", &id), &body).await;
                let fits = match expected {
                    // Somebody before may have taken the step already.
                    Ok => got < 300 || got == 409,
                    No(status) => got == status,
                };
                if !fits {
                    failures.push(format!("{name}: {who} got {got}, not {expected:?}"));
                }
            }
            drop(cast.app);
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[actix_web::test]
async fn for_whoever_may_not_see_it_a_ticket_is_like_none() {
    let cast = cast(false).await;
    let paths: Vec<(&str, &str, String)> = endpoint::all()
        .filter(|(_, _, path)| path.contains("/tickets/{id}"))
        .map(|(name, method, path)| (name, method.as_str(), path.to_owned()))
        .collect();
    for (who, client) in cast
        .askers
        .iter()
        .filter(|(who, _)| !matches!(*who, "owner" | "agent"))
    {
        for (name, method, path) in &paths {
            let (_, body) = rule(name).unwrap();
            let mut shown = BTreeMap::new();
            for id in [cast.ticket, ABSENT] {
                let request = client.request(method, &path.replace("{id}", &id.to_string()));
                let request = if body.is_null() {
                    request
                } else {
                    request.json(&body)
                };
                let reply = client.send(request).await;
                let mut json = reply.json();
                json["request_id"] = "".into();
                let lengths: Vec<String> = reply.headers.keys().map(ToString::to_string).collect();
                shown.insert(id, (reply.status, json, lengths));
            }
            assert_eq!(shown[&cast.ticket], shown[&ABSENT], "{who} {name}");
        }
    }
}
