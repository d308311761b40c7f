//! The bell: what somebody was told, and what of it he has read.

use std::time::Instant;

use futures_util::future::join_all;
use shared::{
    ErrorCode, NotificationId, Role, Status,
    live::{ClientEvent, Read, ServerEvent},
    messages::{NewMessage, PostMessage},
    notifications::{
        ListNotifications, Notification, NotificationKind, NotificationList, NotificationQuery,
        ReadNotifications, ReadRequest,
    },
    tickets::{AssignTicket, AssigneeRef, Assignment, CreateTicket, NewTicket},
    users::{UpdateUser, UserChanges},
};

use crate::{
    nodes::{BY_POLLING, at, heard, noticed, two},
    support::{
        Client, Live, Smtp, eventually, new_ticket,
        outbox::{is_empty, to_customer},
        redis::Redis,
        smtp::desk_with,
        spawn_app, spawn_app_with,
    },
};

async fn bell(who: &Client) -> NotificationList {
    who.call(ListNotifications, (), NotificationQuery::default())
        .await
        .good()
}

/// Kind, author and whether it is unread.
fn told(list: &NotificationList) -> Vec<(NotificationKind, &str, bool)> {
    list.notifications
        .iter()
        .map(|one| (one.kind, one.by.as_str(), one.unread))
        .collect()
}

#[actix_web::test]
async fn each_side_is_told_what_the_other_did() {
    let app = spawn_app().await;
    let (ann, bob, eve) = (
        app.customer("ann").await,
        app.agent("bob").await,
        app.agent("eve").await,
    );
    let ticket = ann.submits("铃铛").await;
    let assignment = Assignment {
        assignee: Some(Some(AssigneeRef::Name("eve".into()))),
    };
    bob.call(AssignTicket, ticket, assignment).await.good();
    eve.says(ticket, "你好，\n请看附件").await;
    eve.notes(ticket, "内部").await;
    ann.says(ticket, "看到了").await;
    eve.moves(ticket, Status::Resolved).await;
    use NotificationKind::{Assigned, Created, Message, Status as Moved};
    let (anns, bobs, eves) = (bell(&ann).await, bell(&bob).await, bell(&eve).await);
    assert_eq!(
        told(&anns),
        [(Moved, "eve", true), (Moved, "eve", true), (Message, "eve", true)]
    );
    assert_eq!(anns.notifications[2].text, "你好， 请看附件");
    assert_eq!(anns.notifications[2].title, "铃铛");
    assert_eq!(told(&bobs), [(Created, "张三", true)]);
    assert_eq!(
        told(&eves),
        [
            (Message, "ann", true),
            (Assigned, "bob", true),
            (Created, "张三", true)
        ]
    );
    assert_eq!((anns.unread, bobs.unread, eves.unread), (3, 1, 3));
}

#[actix_web::test]
async fn what_was_seen_in_the_ticket_is_read_in_every_tab() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("已读").await;
    let first = bob.says(ticket, "一").await;
    bob.says(ticket, "二").await;
    assert_eq!(bell(&ann).await.unread, 3, "said, taken up, said");
    let mut live = ann.live().await;
    live.join(ticket).await;
    let seen = Read {
        ticket_id: ticket,
        seq: first.seq,
    };
    live.ask(&ClientEvent::Read(seen)).await;
    let other_tab = app.as_user(ann.id).await;
    assert_eq!(bell(&other_tab).await.unread, 2);
    let all = ReadRequest {
        all: true,
        ..ReadRequest::default()
    };
    assert_eq!(ann.call(ReadNotifications, (), all).await.good().unread, 0);
    assert!(bell(&other_tab).await.notifications.iter().all(|n| !n.unread));
}

#[actix_web::test]
async fn pages_limits_and_other_peoples() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let mut tickets = Vec::new();
    for n in 0..5 {
        tickets.push(ann.submits(&format!("第 {n} 张")).await);
    }
    let page = async |before, limit| {
        let query = NotificationQuery {
            before,
            limit: Some(limit),
        };
        bob.call(ListNotifications, (), query).await.good()
    };
    let first = page(None, 2).await;
    let second = page(Some(first.notifications[1].id), 3).await;
    assert!(first.has_more && !second.has_more);
    let listed: Vec<_> = first
        .notifications
        .iter()
        .chain(&second.notifications)
        .map(|n| n.ticket_id)
        .collect();
    tickets.reverse();
    assert_eq!(listed, tickets);
    assert_eq!(page(None, 0).await.unread, 5, "only the number");
    let one = ReadRequest {
        ids: vec![first.notifications[0].id],
        all: false,
    };
    assert_eq!(
        ann.call(ReadNotifications, (), one.clone()).await.good().unread,
        0
    );
    assert_eq!(page(None, 0).await.unread, 5, "not hers");
    assert_eq!(bob.call(ReadNotifications, (), one).await.good().unread, 4);
    assert_eq!(bob.get("/case/api/notifications?limit=51").await.status, 422);
    let many = ReadRequest {
        ids: vec![NotificationId(1); 51],
        all: false,
    };
    bob.call(ReadNotifications, (), many).await.refused_field("ids");
    let nobody = app.nobody();
    nobody
        .call(ListNotifications, (), NotificationQuery::default())
        .await
        .refused(ErrorCode::Unauthenticated);
    nobody
        .call(ReadNotifications, (), ReadRequest::default())
        .await
        .refused(ErrorCode::Unauthenticated);
}

#[actix_web::test]
async fn what_people_are_told_is_one_row_until_somebody_looks() {
    let app = spawn_app().await;
    let (ann, bob, eve) = (
        app.customer("ann").await,
        app.agent("bob").await,
        app.agent("eve").await,
    );
    let count = async || {
        let count = |tx: &mut casedesk::actions::Tx<'_>| Ok(casedesk::db::notices::count_all(tx.conn)?);
        app.app.read(count).await.unwrap()
    };
    let ticket = ann.submits("给所有人").await;
    ann.says(ticket, "还在吗").await;
    // Of the ticket itself mails go out at once, so its row may have become notifications already.
    assert!((1..=2).contains(&count().await));
    // Seen in the ticket before it became a notification of his own.
    let mut live = bob.live().await;
    live.join(ticket).await;
    let seen = Read {
        ticket_id: ticket,
        seq: 1,
    };
    live.ask(&ClientEvent::Read(seen)).await;
    use NotificationKind::{Created, Message};
    let told_both = |unread| [(Message, "ann", unread), (Created, "张三", unread)];
    let (customers, bobs) = (bell(&ann).await, bell(&bob).await);
    assert_eq!((customers.unread, bobs.unread), (0, 0));
    assert_eq!(told(&bobs), told_both(false));
    assert_eq!(count().await, 0);
    assert_eq!(told(&bell(&eve).await), told_both(true));
    assert_eq!(
        bell(&eve).await.notifications.len(),
        2,
        "once, however often one looks"
    );
    // An agent is not told of a ticket that he wrote himself.
    bob.submits("代客户登记").await;
    assert_eq!((bell(&bob).await.unread, bell(&eve).await.unread), (0, 3));
    // Two are told of this; the customer had read it before it became a notification of hers.
    let to_eve = Assignment {
        assignee: Some(Some(AssigneeRef::Name("eve".into()))),
    };
    eve.call(AssignTicket, ticket, to_eve).await.good();
    let said = bob.says(ticket, "在").await;
    assert_eq!(count().await, 2, "said, taken up");
    let mut live = ann.live().await;
    live.join(ticket).await;
    let seen = Read {
        ticket_id: ticket,
        seq: said.seq,
    };
    live.ask(&ClientEvent::Read(seen)).await;
    let (anns, eves) = (bell(&ann).await, bell(&eve).await);
    assert_eq!(count().await, 0);
    assert_eq!(
        told(&anns),
        [(NotificationKind::Status, "bob", true), (Message, "bob", false)]
    );
    assert_eq!(told(&eves)[0], (Message, "bob", true));
}

#[actix_web::test]
async fn an_agent_who_is_the_customer_too_is_told_once() {
    let app = spawn_app().await;
    let (bob, eve) = (app.agent("bob").await, app.agent("eve").await);
    app.database
        .execute("UPDATE users SET email_verified_at = created_at WHERE username = 'bob'");
    let his = NewTicket {
        customer_email: Some("bob@example.com".into()),
        ..new_ticket("客服也是客户")
    };
    let ticket = app.nobody().call(CreateTicket, (), his).await.good().ticket_id;
    let to_bob = Assignment {
        assignee: Some(Some(AssigneeRef::Name("bob".into()))),
    };
    eve.call(AssignTicket, ticket, to_bob).await.good();
    // Agents count notes too: his mark is in their numbering.
    let noted = eve.notes(ticket, "记").await;
    let mut live = bob.live().await;
    live.join(ticket).await;
    let seen = Read {
        ticket_id: ticket,
        seq: noted.seq,
    };
    live.ask(&ClientEvent::Read(seen)).await;
    eve.says(ticket, "收到").await;
    let bobs = bell(&bob).await;
    let said = |one: &&Notification| one.kind == NotificationKind::Message;
    let said: Vec<&Notification> = bobs.notifications.iter().filter(said).collect();
    assert_eq!(said.len(), 1);
    assert!(said[0].unread, "he has seen the note, not this");
}

#[actix_web::test]
async fn what_was_seen_while_it_became_a_notification_is_read() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("同时").await;
    let said = bob.says(ticket, "您好").await;
    assert_eq!(bell(&ann).await.unread, 2);
    let mut live = ann.live().await;
    live.join(ticket).await;
    let seen = Read {
        ticket_id: ticket,
        seq: said.seq,
    };
    live.ask(&ClientEvent::Read(seen)).await;
    // As if the mark had come between the spread's look at the marks and its commit.
    app.database.execute("UPDATE notifications SET read_at = NULL");
    let anns = bell(&ann).await;
    assert_eq!(
        told(&anns),
        [
            (NotificationKind::Status, "bob", true),
            (NotificationKind::Message, "bob", false)
        ]
    );
    assert_eq!(anns.unread, 1);
}

#[actix_web::test]
async fn whoever_is_no_agent_any_more_sees_only_his_own_tickets_at_the_bell() {
    let app = spawn_app().await;
    let (ann, bob, eve) = (
        app.customer("ann").await,
        app.agent("bob").await,
        app.agent("eve").await,
    );
    ann.submits("不是他的").await;
    assert_eq!(bell(&bob).await.unread, 1);
    let customer = UserChanges {
        role: Some(Role::Customer),
        ..Default::default()
    };
    eve.call(UpdateUser, bob.id, customer).await.good();
    let bob = app.as_user(bob.id).await;
    let own = bob.submits("他自己的").await;
    eve.says(own, "您好").await;
    let bobs = bell(&bob).await;
    assert!(bobs.notifications.iter().all(|one| one.ticket_id == own));
    assert_eq!((bobs.notifications.len(), bobs.unread), (2, 2));
}

#[actix_web::test]
async fn however_much_waits_and_wherever_they_look_everybody_is_told_each_thing_once() {
    let here = spawn_app().await;
    let there = here.another().await;
    let mut agents = Vec::new();
    for n in 0..12 {
        agents.push(here.agent(&format!("agent{n}")).await);
    }
    let ann = here.customer("ann").await;
    let ticket = ann.submits("许多").await;
    for n in (0..250).step_by(10) {
        let saying = (n..n + 10).map(|n| {
            let message = NewMessage {
                content: format!("第 {n} 句"),
                ..Default::default()
            };
            ann.call(PostMessage, ticket, message)
        });
        for said in join_all(saying).await {
            said.good();
        }
    }
    let looks = agents.iter().enumerate().map(async |(n, agent)| {
        let at = if n % 2 == 0 { &here } else { &there };
        bell(&at.as_user(agent.id).await).await
    });
    for bell in join_all(looks).await {
        assert_eq!(bell.unread, 100, "counted up to a hundred");
    }
    eventually("all of it is made", async || {
        bell(&agents[0]).await;
        here.database.count("notices") == 0
    })
    .await;
    let each = "SELECT MIN(n) FROM (SELECT COUNT(*) AS n FROM notifications WHERE kind = 'new_message' GROUP BY user_id) AS a";
    let all = "SELECT COUNT(*) FROM notifications WHERE kind = 'new_message'";
    assert_eq!(here.database.number(each), 250);
    // The built-in agent is told too.
    assert_eq!(here.database.number(all), 250 * 13);
}

#[actix_web::test]
async fn what_is_due_becomes_notifications_though_nobody_looks_and_no_mail_can_go() {
    let nobody_listens = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = nobody_listens.local_addr().unwrap().port().to_string();
    drop(nobody_listens);
    let app = spawn_app_with(&[
        ("SMTP_SERVER", "127.0.0.1"),
        ("SMTP_PORT", &port),
        ("SMTP_TLS", "none"),
        ("EMAIL_SENDER", "desk@example.com"),
    ])
    .await;
    let ann = app.customer("ann").await;
    ann.submits("先有一封发不出去").await;
    eventually("a mail waits", async || app.database.count("notifications") == 1).await;
    app.clock.advance(10);
    for n in 0..3 {
        ann.submits(&format!("后来 {n}")).await;
    }
    eventually("the later ones are told too", async || {
        app.database.count("notifications") == 4 && app.database.count("notices") == 0
    })
    .await;
}

#[actix_web::test]
async fn what_is_read_at_one_bell_is_told_to_the_accounts_others() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    ann.submits("铃铛").await;
    let mut other_tab = bob.live().await;
    assert_eq!(bell(&bob).await.unread, 1);
    let all = ReadRequest {
        all: true,
        ..Default::default()
    };
    assert_eq!(
        bob.call(ReadNotifications, (), all.clone()).await.good().unread,
        0
    );
    loop {
        if let ServerEvent::NotificationsRead(_) = other_tab.next().await {
            break;
        }
    }
    bob.call(ReadNotifications, (), all).await.good();
    let again = other_tab.heard().await;
    assert!(
        again
            .iter()
            .all(|event| !matches!(event, ServerEvent::NotificationsRead(_))),
        "there was nothing left to read"
    );
}

#[actix_web::test]
async fn what_was_read_at_the_bell_needs_no_mail() {
    let smtp = Smtp::start().await;
    let app = desk_with(&smtp, &[("MAIL_HOLD_SECONDS", "60")]).await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("看过铃铛").await;
    let first = bob.says(ticket, "铃铛里看到了").await;
    bell(&ann).await;
    let all = ReadRequest {
        all: true,
        ..ReadRequest::default()
    };
    ann.call(ReadNotifications, (), all).await.good();
    let second = bob.says(ticket, "这句还没看").await;
    app.clock.advance(61);
    eventually("all is sent", async || is_empty(&app).await).await;
    let [mail] = to_customer(&smtp).try_into().unwrap();
    assert!(!mail.text().contains(&first.content) && mail.text().contains(&second.content));
}

#[actix_web::test]
async fn what_is_read_at_one_servers_bell_is_told_at_the_others_with_and_without_redis() {
    let mut redis = Redis::start().await;
    let (here, there) = two(&redis).await;
    heard(&here, &there).await;
    let (ann, bob) = (here.customer("ann").await, here.agent("bob").await);
    let mut bob_there = at(&there, &bob).await.live().await;
    let read = async |ids: Vec<NotificationId>| {
        let some = ReadRequest { ids, all: false };
        bob.call(ReadNotifications, (), some).await.good();
    };
    let told = async |live: &mut Live| {
        let started = Instant::now();
        while !matches!(live.next().await, ServerEvent::NotificationsRead(_)) {}
        started.elapsed()
    };
    for title in ["铃", "又一张", "第三张"] {
        ann.submits(title).await;
    }
    let ids = bell(&bob).await.notifications.into_iter().map(|one| one.id);
    let ids: Vec<NotificationId> = ids.collect();
    read(vec![ids[0]]).await;
    told(&mut bob_there).await;
    redis.kill();
    noticed(&here, &there).await;
    // What polling found of the first is told by then; twice in the same second is no less than twice.
    tokio::time::sleep(BY_POLLING).await;
    bob_there.heard().await;
    for id in &ids[1..] {
        read(vec![*id]).await;
        let took = told(&mut bob_there).await;
        assert!(took < BY_POLLING, "{took:?}");
    }
    tokio::time::sleep(BY_POLLING).await;
    bob_there.hears_nothing().await;
}
