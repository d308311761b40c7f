//! One action on many tickets: each done or refused on its own.

use serde_json::json;
use shared::{
    ErrorCode, Priority, Status, TicketId,
    live::ServerEvent,
    tickets::{Batch, BatchAction, BatchTickets, CreateTicket},
};

use crate::support::{ABSENT, new_ticket, spawn_app};

#[actix_web::test]
async fn five_hundred_tickets_in_one_call_with_failures_among_them() {
    let app = spawn_app().await;
    let bob = app.agent("bob").await;
    let mut ids = Vec::new();
    for n in 0..120 {
        ids.push(bob.submits(&n.to_string()).await);
    }
    bob.moves(ids[3], Status::Closed).await;
    let absent: Vec<TicketId> = (0..380).map(|n| TicketId(700_000 + n)).collect();
    let asked: Vec<TicketId> = ids.iter().chain(&absent).copied().collect();
    let batch = Batch {
        ids: asked.clone(),
        action: BatchAction::Status {
            status: Status::Resolved,
        },
    };
    let done = bob.call(BatchTickets, (), batch.clone()).await.good();
    assert_eq!((done.succeeded, done.failed), (119, 381));
    assert_eq!(
        done.results.iter().map(|r| r.id).collect::<Vec<_>>(),
        asked,
        "in the order asked"
    );
    for result in &done.results {
        let expected = match result.id {
            id if id == ids[3] => Some(ErrorCode::TransitionNotAllowed),
            id if absent.contains(&id) => Some(ErrorCode::TicketNotFound),
            _ => None,
        };
        assert_eq!(
            (result.code, result.success),
            (expected, expected.is_none()),
            "{}",
            result.id
        );
        assert_eq!(result.message.is_some(), !result.success);
    }
    assert_eq!(
        app.database
            .number("SELECT COUNT(*) FROM tickets WHERE status = '已解决'"),
        119
    );
    assert_eq!(
        app.database
            .number("SELECT COUNT(*) FROM ticket_events WHERE to_value = '已解决'"),
        119
    );
    let again = bob.call(BatchTickets, (), batch).await.good();
    assert_eq!(again.succeeded, 0, "a resolved ticket is not resolved again");
    let more = Batch {
        ids: (1..=501).map(TicketId).collect(),
        action: BatchAction::Status {
            status: Status::Closed,
        },
    };
    bob.call(BatchTickets, (), more).await.refused_field("ids");
}

#[actix_web::test]
async fn every_action_works_and_repeats_count_once() {
    let app = spawn_app().await;
    let bob = app.agent("bob").await;
    let ids = [bob.submits("一").await, bob.submits("二").await];
    let run = async |action: serde_json::Value| {
        let mut body = action;
        body["ids"] = json!([ids[0], ids[1], ids[0]]);
        let json = bob.post("/case/api/tickets/batch", &body).await.good();
        assert_eq!(
            (&json["succeeded"], json["results"].as_array().unwrap().len()),
            (&json!(2), 2),
            "{json}"
        );
    };
    run(json!({"action": "assign", "assignee": "bob"})).await;
    assert_eq!(bob.sees(ids[1]).await.assignee.as_deref(), Some("bob"));
    run(json!({"action": "assign", "assignee": null})).await;
    assert_eq!(bob.sees(ids[1]).await.assignee, None);
    run(json!({"action": "priority", "priority": "高"})).await;
    run(json!({"action": "priority", "priority": "high"})).await;
    assert_eq!(bob.sees(ids[0]).await.priority, Priority::High);
    run(json!({"action": "status", "status": "processing"})).await;
    run(json!({"action": "close", "resolution": "批量关闭"})).await;
    let seen = bob.sees(ids[0]).await;
    assert_eq!(
        (seen.status, seen.resolution.as_deref(), seen.seq),
        (Status::Closed, Some("批量关闭"), 5)
    );
}

#[actix_web::test]
async fn a_batch_that_cannot_be_is_refused_as_a_whole() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("批量").await;
    for (body, field) in [
        (json!({}), "ids"),
        (json!({"ids": [], "action": "priority", "priority": "高"}), "ids"),
        (
            json!({"ids": [ticket], "action": "close", "resolution": " "}),
            "resolution",
        ),
        (json!({"ids": [ticket], "action": "close"}), "resolution"),
        (json!({"ids": [ticket], "action": "assign"}), "assignee"),
    ] {
        bob.post("/case/api/tickets/batch", &body)
            .await
            .refused_field(field);
    }
    for body in [
        json!({"ids": [ticket]}),
        json!({"ids": [ticket], "action": "delete"}),
        json!({"ids": [ticket], "action": "status", "status": "done"}),
        json!({"ids": "1", "action": "priority", "priority": "高"}),
        json!({"ids": ["x"], "action": "priority", "priority": "高"}),
        json!({"ids": [99_999_999_999_i64], "action": "priority", "priority": "高"}),
        json!({"ids": [1.5], "action": "priority", "priority": "高"}),
        json!([]),
    ] {
        bob.post("/case/api/tickets/batch", &body)
            .await
            .refused(ErrorCode::ValidationFailed);
    }
    let good = json!({"ids": [ticket, ABSENT], "action": "priority", "priority": "高"});
    ann.post("/case/api/tickets/batch", &good)
        .await
        .refused(ErrorCode::Forbidden);
    app.nobody()
        .post("/case/api/tickets/batch", &good)
        .await
        .refused(ErrorCode::Unauthenticated);
    let seen = ann.sees(ticket).await;
    assert_eq!(
        (seen.priority, seen.seq, seen.status),
        (Priority::Medium, 0, Status::Pending)
    );
}

#[actix_web::test]
async fn unknown_and_ambiguous_agents_fail_ticket_by_ticket() {
    let app = spawn_app().await;
    let bob = app.agent("bob").await;
    let ticket = bob.submits("x").await;
    let body = json!({"ids": [ticket], "action": "assign", "assignee": "没有这人"});
    let json = bob.post("/case/api/tickets/batch", &body).await.good();
    assert_eq!(json["results"][0]["code"], "unknown_assignee");
}

#[actix_web::test]
async fn each_change_of_a_batch_is_told_once() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let mine = ann.submits("我的").await;
    let other = app
        .nobody()
        .call(CreateTicket, (), new_ticket("访客的"))
        .await
        .good()
        .ticket_id;
    let mut live = ann.live().await;
    live.join(mine).await;
    let batch = Batch {
        ids: vec![mine, other, ABSENT],
        action: BatchAction::Priority {
            priority: Priority::High,
        },
    };
    bob.call(BatchTickets, (), batch).await.good();
    let heard = live.heard().await;
    assert_eq!(heard.len(), 2, "{heard:?}");
    assert!(
        matches!(&heard[0], ServerEvent::PriorityChanged(change) if change.ticket_id == mine && change.seq == 1)
    );
    assert!(matches!(&heard[1], ServerEvent::TicketUpdated(news) if news.ticket.priority == Priority::High));
}
