//! The status machine, assignment, closing and the history that tells of them.

use shared::{
    ErrorCode, Priority, Role, Status, TicketId, UserId,
    live::ServerEvent,
    messages::ChangeKind,
    tickets::{AssignTicket, AssigneeRef, Assignment, CloseTicket, Closing, SetStatus, StatusChange, Ticket},
    users::{UpdateUser, UserChanges},
};

use crate::support::{ABSENT, Client, TestApp, spawn_app};

fn to(status: Status) -> StatusChange {
    StatusChange {
        status: Some(status),
        resolution: None,
    }
}

fn named(name: &str) -> Assignment {
    Assignment {
        assignee: Some(Some(AssigneeRef::Name(name.into()))),
    }
}

/// A ticket brought into that status by its shortest way.
async fn ticket_in(agent: &Client, status: Status) -> TicketId {
    let ticket = agent.submits("流转").await;
    if status != Status::Pending {
        agent.moves(ticket, status).await;
    }
    ticket
}

/// A row of the history: kind, actor, from, to.
type Step = (ChangeKind, Option<UserId>, Option<String>, Option<String>);

/// The history.
fn history(app: &TestApp, ticket: TicketId) -> Vec<Step> {
    let rows = casedesk::db::events::list(&mut app.database.connect(), ticket).unwrap();
    rows.into_iter()
        .map(|row| (row.kind, row.actor_id, row.from_value, row.to_value))
        .collect()
}

#[actix_web::test]
async fn every_step_of_the_machine_is_allowed_or_refused_as_the_contract_says() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let table = [
        (
            Status::Pending,
            vec![Status::Processing, Status::Resolved, Status::Closed],
        ),
        (
            Status::Processing,
            vec![Status::Pending, Status::Resolved, Status::Closed],
        ),
        (Status::Resolved, vec![Status::Processing, Status::Closed]),
        (Status::Closed, vec![Status::Processing]),
    ];
    for (from, allowed) in table {
        for target in [
            Status::Pending,
            Status::Processing,
            Status::Resolved,
            Status::Closed,
        ] {
            let ticket = ticket_in(&bob, from).await;
            let before = bob.sees(ticket).await;
            let outcome = bob.call(SetStatus, ticket, to(target)).await;
            if allowed.contains(&target) {
                let after: Ticket = outcome.good().ticket;
                assert_eq!(
                    (after.status, after.seq),
                    (target, before.seq + 1),
                    "{from} → {target}"
                );
                assert_eq!(bob.sees(ticket).await, after);
            } else {
                let problem = outcome.refused(ErrorCode::TransitionNotAllowed);
                assert_eq!(
                    problem.allowed.as_deref(),
                    Some(allowed.as_slice()),
                    "{from} → {target}"
                );
                assert_eq!(bob.sees(ticket).await, before, "{from} → {target}");
            }
        }
    }
    let ticket = ann.submits("谁能动").await;
    assert_eq!(
        ann.call(SetStatus, ticket, to(Status::Processing)).await.code(),
        ErrorCode::Forbidden
    );
    assert_eq!(
        app.nobody()
            .call(SetStatus, ticket, to(Status::Closed))
            .await
            .code(),
        ErrorCode::Unauthenticated
    );
    assert_eq!(
        bob.call(SetStatus, ABSENT, to(Status::Closed)).await.code(),
        ErrorCode::TicketNotFound
    );
}

#[actix_web::test]
async fn times_and_resolution_follow_the_machine() {
    let app = spawn_app().await;
    let bob = app.agent("bob").await;
    let ticket = bob.submits("时间").await;
    let resolved = StatusChange {
        status: Some(Status::Resolved),
        resolution: Some(" 重启后恢复 ".into()),
    };
    let seen = bob.call(SetStatus, ticket, resolved).await.good().ticket;
    assert_eq!(seen.resolution.as_deref(), Some("重启后恢复"));
    assert!(seen.resolved_at.is_some() && seen.closed_at.is_none());
    app.clock.advance(60);
    let seen = bob.moves(ticket, Status::Closed).await;
    assert_eq!(
        seen.resolution.as_deref(),
        Some("重启后恢复"),
        "closing keeps what solved it"
    );
    assert!(seen.resolved_at < seen.closed_at);
    let seen = bob.moves(ticket, Status::Processing).await;
    assert!(seen.resolved_at.is_none() && seen.closed_at.is_none() && seen.resolution.is_none());
}

#[actix_web::test]
async fn the_wire_takes_chinese_and_english_and_refuses_the_rest() {
    let app = spawn_app().await;
    let bob = app.agent("bob").await;
    let ticket = bob.submits("语言").await;
    let path = format!("/case/api/tickets/{ticket}/status");
    let reply = bob
        .post(&path, &serde_json::json!({"status": "processing"}))
        .await;
    assert_eq!(reply.good()["ticket"]["status"], "处理中");
    bob.post(&path, &serde_json::json!({"status": "待处理"}))
        .await
        .good();
    for bad in [
        serde_json::json!({"status": "done"}),
        serde_json::json!({"status": ""}),
        serde_json::json!({"status": 1}),
        serde_json::json!({"status": null}),
        serde_json::json!({}),
    ] {
        bob.post(&path, &bad).await.refused_field("status");
    }
    let long = serde_json::json!({"status": "已解决", "resolution": "长".repeat(10_001)});
    bob.post(&path, &long).await.refused_field("resolution");
    bob.post(
        &path,
        &serde_json::json!({"status": "已解决", "resolution": "a\u{0}b"}),
    )
    .await
    .refused_field("resolution");
    assert_eq!(bob.sees(ticket).await.status, Status::Pending);
}

#[actix_web::test]
async fn an_agent_closes_with_a_resolution_and_an_owner_without() {
    let app = spawn_app().await;
    let (ann, eve, bob) = (
        app.customer("ann").await,
        app.customer("eve").await,
        app.agent("bob").await,
    );
    let ticket = ann.submits("关闭").await;
    bob.call(CloseTicket, ticket, Closing::default())
        .await
        .refused_field("resolution");
    bob.call(
        CloseTicket,
        ticket,
        Closing {
            resolution: Some(" \n ".into()),
        },
    )
    .await
    .refused_field("resolution");
    assert_eq!(
        eve.call(CloseTicket, ticket, Closing::default()).await.code(),
        ErrorCode::TicketNotFound
    );
    assert_eq!(
        app.nobody()
            .call(CloseTicket, ticket, Closing::default())
            .await
            .code(),
        ErrorCode::Unauthenticated
    );
    let closed = bob
        .call(
            CloseTicket,
            ticket,
            Closing {
                resolution: Some("问题已解决".into()),
            },
        )
        .await
        .good()
        .ticket;
    assert_eq!(
        (closed.status, closed.resolution.as_deref()),
        (Status::Closed, Some("问题已解决"))
    );
    let again = bob
        .call(
            CloseTicket,
            ticket,
            Closing {
                resolution: Some("再关".into()),
            },
        )
        .await;
    assert_eq!(
        again.refused(ErrorCode::TransitionNotAllowed).allowed.unwrap(),
        [Status::Processing]
    );
    let own = ann.submits("自己关").await;
    assert_eq!(
        ann.call(CloseTicket, own, Closing::default())
            .await
            .good()
            .ticket
            .status,
        Status::Closed
    );
    assert_eq!(
        ann.call(CloseTicket, own, Closing::default()).await.code(),
        ErrorCode::TransitionNotAllowed
    );
}

#[actix_web::test]
async fn a_ticket_is_given_by_name_user_name_or_id() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let cai = app.account("cai", Role::Admin).await;
    let rename = |name: &str| UserChanges {
        full_name: Some(name.into()),
        ..UserChanges::default()
    };
    bob.call(UpdateUser, cai, rename("客服A")).await.good();
    let ticket = ann.submits("指派").await;
    for assignee in [
        AssigneeRef::Name("客服A".into()),
        AssigneeRef::Name("cai".into()),
        AssigneeRef::Name(cai.to_string()),
        AssigneeRef::Id(cai),
    ] {
        let unassign = Assignment { assignee: Some(None) };
        bob.call(AssignTicket, ticket, unassign).await.good();
        let seen = bob
            .call(
                AssignTicket,
                ticket,
                Assignment {
                    assignee: Some(Some(assignee)),
                },
            )
            .await
            .good()
            .ticket;
        assert_eq!(
            (seen.assignee.as_deref(), seen.assignee_id),
            (Some("客服A"), Some(cai))
        );
    }
    let before = bob.sees(ticket).await.seq;
    bob.call(AssignTicket, ticket, named("cai")).await.good();
    assert_eq!(
        bob.sees(ticket).await.seq,
        before,
        "the same again changes nothing"
    );
    for unknown in ["没有这人", "ann", "999", ""] {
        assert_eq!(
            bob.call(AssignTicket, ticket, named(unknown)).await.code(),
            ErrorCode::UnknownAssignee,
            "{unknown}"
        );
    }
    bob.call(AssignTicket, ticket, Assignment { assignee: None })
        .await
        .refused_field("assignee");
    let dan = app.account("dan", Role::Admin).await;
    bob.call(UpdateUser, dan, rename("客服A")).await.good();
    assert_eq!(
        bob.call(AssignTicket, ticket, named("客服A")).await.code(),
        ErrorCode::AmbiguousAssignee
    );
    bob.call(
        UpdateUser,
        cai,
        UserChanges {
            is_active: Some(false),
            ..UserChanges::default()
        },
    )
    .await
    .good();
    assert_eq!(
        bob.call(AssignTicket, ticket, named("客服A"))
            .await
            .good()
            .ticket
            .assignee_id,
        Some(dan)
    );
    assert_eq!(
        bob.call(AssignTicket, ticket, named("cai")).await.code(),
        ErrorCode::UnknownAssignee
    );
    assert_eq!(
        ann.call(AssignTicket, ticket, named("bob")).await.code(),
        ErrorCode::Forbidden
    );
}

#[actix_web::test]
async fn every_change_is_in_the_history_and_in_the_thread() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("历史").await;
    bob.call(AssignTicket, ticket, named("bob")).await.good();
    bob.says(ticket, "您好").await;
    bob.call(AssignTicket, ticket, Assignment { assignee: Some(None) })
        .await
        .good();
    let body = serde_json::json!({"ids": [ticket], "action": "priority", "priority": "高"});
    bob.post("/case/api/tickets/batch", &body).await.good();
    ann.call(CloseTicket, ticket, Closing::default()).await.good();
    ann.says(ticket, "没好").await;
    let text = |text: &str| Some(text.to_owned());
    let (hers, his) = (Some(ann.id), Some(bob.id));
    assert_eq!(
        history(&app, ticket),
        [
            (ChangeKind::Created, hers, None, text("待处理")),
            (ChangeKind::Assignee, his, None, text("bob")),
            (ChangeKind::Status, his, text("待处理"), text("处理中")),
            (ChangeKind::Assignee, his, text("bob"), None),
            (ChangeKind::Priority, his, text("中"), text("高")),
            (ChangeKind::Status, hers, text("处理中"), text("已关闭")),
            (ChangeKind::Status, hers, text("已关闭"), text("处理中")),
        ]
    );
    let thread = ann.reads(ticket).await.messages;
    assert_eq!(
        thread.iter().map(|m| m.seq).collect::<Vec<_>>(),
        (1..=8).collect::<Vec<_>>()
    );
    let told: Vec<&str> = thread
        .iter()
        .filter(|m| m.is_system)
        .map(|m| m.content.as_str())
        .collect();
    assert_eq!(
        told,
        [
            "工单指派给 bob",
            "状态由「待处理」变为「处理中」",
            "取消指派，原处理人 bob",
            "优先级由「中」变为「高」",
            "状态由「处理中」变为「已关闭」",
            "状态由「已关闭」变为「处理中」",
        ]
    );
    assert!(thread.iter().all(|m| m.is_system == m.change.is_some()));
    assert_eq!(bob.sees(ticket).await.priority, Priority::High);
}

#[actix_web::test]
async fn a_change_is_told_to_the_room_and_to_the_lists_and_to_nobody_else() {
    let app = spawn_app().await;
    let (ann, eve, bob) = (
        app.customer("ann").await,
        app.customer("eve").await,
        app.agent("bob").await,
    );
    let ticket = ann.submits("通知").await;
    let (mut ann_live, mut eve_live, mut bob_live) = (ann.live().await, eve.live().await, bob.live().await);
    ann_live.join(ticket).await;
    bob.moves(ticket, Status::Processing).await;
    bob.call(AssignTicket, ticket, named("bob")).await.good();
    let ServerEvent::StatusChanged(change) = ann_live.next_durable().await else {
        panic!("not told")
    };
    assert_eq!(
        (change.seq, change.by.as_str(), change.status()),
        (1, "bob", Some(Status::Processing))
    );
    let ServerEvent::Assigned(change) = ann_live.next_durable().await else {
        panic!("not told")
    };
    assert_eq!(
        (change.from, change.to.as_deref(), change.assignee_id),
        (None, Some("bob"), Some(bob.id))
    );
    // The lists hear a moment later; an agent outside the room hears of nothing else.
    for live in [&mut ann_live, &mut bob_live] {
        let heard = live.heard().await;
        let Some(ServerEvent::TicketUpdated(news)) = heard.last() else {
            panic!("heard {heard:?}")
        };
        assert_eq!(news.ticket.assignee.as_deref(), Some("bob"));
        assert_eq!((news.ticket.status, news.ticket.version), (Status::Processing, 2));
        assert!(
            heard
                .iter()
                .all(|event| matches!(event, ServerEvent::TicketUpdated(_)))
        );
    }
    eve_live.hears_nothing().await;
    // What is refused is told to nobody.
    bob.call(SetStatus, ticket, to(Status::Processing))
        .await
        .refused(ErrorCode::TransitionNotAllowed);
    bob.call(AssignTicket, ticket, named("没有"))
        .await
        .refused(ErrorCode::UnknownAssignee);
    bob_live.hears_nothing().await;
    ann_live.hears_nothing().await;
}
