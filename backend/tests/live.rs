//! The live connection: rooms, who hears what, replay without gaps, and frames nobody should send.

use std::time::{Duration, Instant};

use futures_util::future::join;
use serde_json::json;
use shared::{
    ErrorCode, Status, TicketId,
    endpoint::Nothing,
    live::{ClientEvent, Join, Room, Send, ServerEvent, Typing},
    messages::{NewMessage, SenderType},
    tickets::{AssignTicket, AssigneeRef, Assignment, CreateTicket},
};

use crate::support::{ABSENT, Live, client::saying, eventually, new_ticket, spawn_app, spawn_app_with};

fn seqs(events: &[ServerEvent]) -> Vec<i64> {
    events
        .iter()
        .filter_map(|event| event.durable().map(|(_, seq, _)| seq))
        .collect()
}

#[actix_web::test]
async fn both_sides_of_a_room_hear_a_message_at_once() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("聊天").await;
    let (mut ann_live, mut bob_live) = (ann.live().await, bob.live().await);
    let joined = ann_live.join(ticket).await;
    assert_eq!((joined.message.as_str(), joined.seq), ("已加入工单 #1", 0));
    bob_live.join(ticket).await;
    let sent = ann_live.says(ticket, "请帮我看一下这个问题").await;
    for live in [&mut ann_live, &mut bob_live] {
        let heard = live.next_message().await;
        assert_eq!(heard, sent);
        assert_eq!(
            (heard.sender_name.as_str(), heard.sender_type, heard.seq),
            ("ann", SenderType::Customer, 1)
        );
    }
    bob.says(ticket, "收到").await;
    assert_eq!(ann_live.next_message().await.content, "收到");
    let ServerEvent::StatusChanged(change) = ann_live.next_durable().await else {
        panic!("not told")
    };
    assert_eq!(
        (change.from.as_deref(), change.to.as_deref(), change.by.as_str()),
        (Some("待处理"), Some("处理中"), "bob")
    );
    assert_eq!(change.message.content, "状态由「待处理」变为「处理中」");
}

#[actix_web::test]
async fn a_frame_looks_as_in_the_seed() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let ticket = ann.submits("帧").await;
    let mut live = ann.live().await;
    let answer = live
        .ask_raw(json!({"event": "join", "data": {"ticket_id": ticket}}))
        .await;
    assert_eq!(
        answer,
        json!({"success": true, "ticket_id": 1, "seq": 0, "read_seq": 0, "message": "已加入工单 #1"})
    );
    live.next().await;
    let send = json!({"event": "send_message", "data": {"ticket_id": 1, "content": "请帮我看一下这个问题"}});
    live.ask_raw(send).await;
    let event = serde_json::to_value(live.next().await).unwrap();
    assert_eq!(event["event"], "new_message");
    for (field, value) in [
        ("ticket_id", json!(1)),
        ("sender_name", json!("ann")),
        ("content", json!("请帮我看一下这个问题")),
        ("seq", json!(1)),
    ] {
        assert_eq!(event["data"][field], value);
    }
    assert_eq!(event["data"]["created_at"].as_str().unwrap().len(), 19);
}

#[actix_web::test]
async fn only_who_may_see_a_ticket_enters_its_room() {
    let app = spawn_app().await;
    let (ann, eve) = (app.customer("ann").await, app.customer("eve").await);
    let ticket = ann.submits("私事").await;
    let mut live = eve.live().await;
    for ticket_id in [ticket, ABSENT, TicketId(0), TicketId(-1), TicketId(i32::MAX)] {
        for event in [
            ClientEvent::Join(Join {
                ticket_id,
                since: None,
            }),
            ClientEvent::Join(Join {
                ticket_id,
                since: Some(0),
            }),
            ClientEvent::SendMessage(Send {
                ticket_id,
                message: saying("嘿"),
            }),
            ClientEvent::Read(shared::live::Read { ticket_id, seq: 1 }),
            ClientEvent::Typing(Typing {
                ticket_id,
                typing: true,
                internal: false,
            }),
        ] {
            assert_eq!(live.refused(&event).await.code, ErrorCode::TicketNotFound);
        }
    }
    ann.says(ticket, "秘密").await;
    live.hears_nothing().await;
    let refusal = app.nobody().try_live(&[]).await.err().unwrap();
    assert_eq!((refusal.status, refusal.code), (401, ErrorCode::Unauthenticated));
}

#[actix_web::test]
async fn who_left_or_never_joined_hears_nothing_of_the_room() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("一").await;
    let other = ann.submits("二").await;
    let mut live = ann.live().await;
    live.join(ticket).await;
    live.join(other).await;
    bob.says(ticket, "在").await;
    assert_eq!(live.next_message().await.ticket_id, ticket);
    live.leave(ticket).await;
    bob.says(ticket, "还在").await;
    bob.says(other, "这里").await;
    assert_eq!(live.next_message().await.ticket_id, other);
    let rest = live.heard_durable().await;
    assert!(
        rest.iter().all(|event| event.durable().unwrap().0 == other),
        "{rest:?}"
    );
}

#[actix_web::test]
async fn a_customer_neither_hears_a_note_nor_misses_a_number() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("笔记").await;
    let (mut ann_live, mut bob_live) = (ann.live().await, bob.live().await);
    ann_live.join(ticket).await;
    bob_live.join(ticket).await;
    bob.notes(ticket, "第一条").await;
    ann_live.hears_nothing().await;
    assert_eq!(bob_live.next_message().await.seq, 1);
    ann.says(ticket, "一").await;
    bob.notes(ticket, "第二条").await;
    ann.says(ticket, "二").await;
    assert_eq!(seqs(&ann_live.heard_durable().await), [1, 2]);
    assert_eq!(seqs(&bob_live.heard_durable().await), [2, 3, 4]);
    // Joining late tells the same story.
    let (events, joined) = ann.live().await.join_since(ticket, 0).await;
    assert_eq!((seqs(&events), joined.seq), (vec![1, 2], 2));
    let (events, joined) = bob.live().await.join_since(ticket, 0).await;
    assert_eq!((seqs(&events), joined.seq), (vec![1, 2, 3, 4], 4));
}

#[actix_web::test]
async fn what_is_said_just_when_somebody_comes_in_is_heard_once() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("正好").await;
    let mut live = bob.live().await;
    for last in 0..400 {
        // From before he is let in to after it.
        let moment = Duration::from_micros(rand::random_range(0..3_000));
        let saying = async {
            let began = Instant::now();
            while began.elapsed() < moment {
                tokio::task::yield_now().await;
            }
            ann.says(ticket, "正在这时").await
        };
        let ((events, joined), said) = join(live.join_since(ticket, last), saying).await;
        assert_eq!(said.seq, last + 1);
        let mut heard = seqs(&events);
        if joined.seq == last {
            heard.extend(live.next_durable().await.durable().map(|(_, seq, _)| seq));
        }
        assert_eq!(heard, [said.seq]);
        live.leave(ticket).await;
    }
}

#[actix_web::test]
async fn joining_with_since_replays_exactly_what_was_missed() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("断线").await;
    ann.says(ticket, "一").await;
    bob.says(ticket, "二").await;
    bob.moves(ticket, Status::Resolved).await;
    let assignment = Assignment {
        assignee: Some(Some(AssigneeRef::Name("bob".into()))),
    };
    bob.call(AssignTicket, ticket, assignment).await.good();
    ann.says(ticket, "三").await;
    // 1 一, 2 二, 3 处理中, 4 已解决, 5 assigned, 6 三, 7 处理中
    for since in 0..=7 {
        let (events, joined) = ann.live().await.join_since(ticket, since).await;
        assert_eq!(
            seqs(&events),
            (since + 1..=7).collect::<Vec<_>>(),
            "since {since}"
        );
        assert_eq!(joined.seq, 7);
    }
    let (events, _) = ann.live().await.join_since(ticket, 0).await;
    let names: Vec<String> = events
        .iter()
        // News for the lists come a moment after what they tell of, whoever connects meanwhile.
        .filter(|event| event.durable().is_some())
        .map(|e| {
            serde_json::to_value(e).unwrap()["event"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(
        names,
        [
            "new_message",
            "new_message",
            "status_changed",
            "status_changed",
            "assigned",
            "new_message",
            "status_changed"
        ]
    );
    for nonsense in [8, i64::MAX, -1, i64::MIN] {
        let (events, joined) = ann.live().await.join_since(ticket, nonsense).await;
        let replayed = if nonsense < 0 { 7 } else { 0 };
        assert_eq!(
            (seqs(&events).len(), joined.seq),
            (replayed, 7),
            "since {nonsense}"
        );
    }
}

#[actix_web::test]
async fn a_replay_longer_than_one_step_has_no_gap() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let ticket = ann.submits("很长").await;
    let mut live = ann.live().await;
    for n in 1..=1203 {
        live.sends(ticket, saying(&n.to_string())).await;
    }
    let mut late = ann.live().await;
    let (events, joined) = late.join_since(ticket, 2).await;
    assert_eq!(joined.seq, 1203);
    assert_eq!(seqs(&events), (3..=1203).collect::<Vec<_>>());
    live.says(ticket, "又一条").await;
    assert_eq!(late.next_message().await.seq, 1204);
    assert_eq!(app.metric("casedesk_live_replayed_events_total").await, 1201);
}

#[actix_web::test]
async fn a_message_sent_twice_with_one_client_id_is_stored_and_told_once() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("重发").await;
    let (mut ann_live, mut bob_live) = (ann.live().await, bob.live().await);
    bob_live.join(ticket).await;
    let message = NewMessage {
        client_id: Some("6f0c1c9e-0b7f-4f7e-9b57-1f1d3a1f3b11".into()),
        ..saying("只有一次")
    };
    let first = ann_live.sends(ticket, message.clone()).await;
    let again = ann_live.sends(ticket, message.clone()).await;
    let elsewhere = ann.live().await.sends(ticket, message.clone()).await;
    assert_eq!((&first, &first), (&again, &elsewhere));
    let other = ClientEvent::SendMessage(Send {
        ticket_id: ticket,
        message: NewMessage {
            content: "别的".into(),
            ..message
        },
    });
    assert_eq!(ann_live.refused(&other).await.code, ErrorCode::ClientKeyReused);
    assert_eq!(bob_live.heard_durable().await.len(), 1);
    assert_eq!(app.database.count("messages"), 1);
}

#[actix_web::test]
async fn typing_is_whispered_to_the_others_in_the_room() {
    let app = spawn_app().await;
    let (ann, bob, eve) = (
        app.customer("ann").await,
        app.agent("bob").await,
        app.agent("eve").await,
    );
    let ticket = ann.submits("输入中").await;
    let (mut ann_live, mut bob_live, mut eve_live) = (ann.live().await, bob.live().await, eve.live().await);
    ann_live.join(ticket).await;
    bob_live.join(ticket).await;
    ann_live
        .ask(&ClientEvent::Typing(Typing {
            ticket_id: ticket,
            typing: true,
            internal: false,
        }))
        .await;
    let ServerEvent::Typing(news) = bob_live.next().await else {
        panic!("not told")
    };
    assert_eq!(
        (news.name.as_str(), news.typing, news.ticket_id),
        ("ann", true, ticket)
    );
    ann_live.hears_nothing().await;
    eve_live.hears_nothing().await;
}

#[actix_web::test]
async fn a_client_is_told_when_to_ping_and_gets_a_pong() {
    let app = spawn_app_with(&[("LIVE_PING_INTERVAL_MS", "1234")]).await;
    let ann = app.customer("ann").await;
    let mut live = ann.live().await;
    let answer = live.ask(&ClientEvent::Ping(Nothing {})).await;
    assert_eq!(answer["success"], true);
    assert!(matches!(live.next().await, ServerEvent::Pong(_)));
}

#[actix_web::test]
async fn a_client_that_falls_silent_is_let_go() {
    let app = spawn_app_with(&[("LIVE_PING_INTERVAL_MS", "200"), ("LIVE_PING_TIMEOUT_MS", "800")]).await;
    let ann = app.customer("ann").await;
    let mut lively = ann.live().await;
    // This one reads no frame, so it answers no ping.
    let silent = ann.live().await;
    tokio::select! {
        () = eventually("one connection is left", async || app.app.hub.connections() == 1) => {}
        ended = lively.ended() => panic!("the one that answers pings was let go: {ended:?}"),
    }
    drop(silent);
    lively.ask(&ClientEvent::Ping(Nothing {})).await;
    assert_eq!(app.metric(r#"casedesk_live_cut_total{reason="silent"}"#).await, 1);
}

#[actix_web::test]
async fn a_guest_is_in_his_own_room_only() {
    let app = spawn_app().await;
    let (guest, ann, bob) = (app.nobody(), app.customer("ann").await, app.agent("bob").await);
    let own = guest
        .call(CreateTicket, (), new_ticket("访客"))
        .await
        .good()
        .ticket_id;
    let other = ann.submits("别人的").await;
    let mut live: Live = guest.live().await;
    live.join(own).await;
    let refused = live
        .refused(&ClientEvent::Join(Join {
            ticket_id: other,
            since: None,
        }))
        .await;
    assert_eq!(refused.code, ErrorCode::TicketNotFound);
    bob.says(own, "您好").await;
    bob.says(other, "你好").await;
    bob.notes(own, "记一下").await;
    let heard = live.heard().await;
    assert_eq!(seqs(&heard), [1, 2]);
    assert_eq!(heard.len(), 2, "a guest hears nothing of lists: {heard:?}");
    let said = live.says(own, "谢谢").await;
    assert_eq!((said.sender_name.as_str(), said.seq), ("张三", 3));
}

#[actix_web::test]
async fn one_connection_may_be_in_so_many_rooms_and_no_more() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let mut live = ann.live().await;
    for n in 0..64 {
        let ticket = ann.submits(&n.to_string()).await;
        live.join(ticket).await;
    }
    let ticket = ann.submits("多").await;
    live.refused(&ClientEvent::Join(Join {
        ticket_id: ticket,
        since: None,
    }))
    .await;
    live.leave(TicketId(1)).await;
    live.ask(&ClientEvent::Leave(Room {
        ticket_id: TicketId(1),
    }))
    .await;
    live.join(ticket).await;
}
