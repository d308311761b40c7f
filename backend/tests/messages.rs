//! Saying something on a ticket over HTTP: who may, what is refused, and the two numberings.

use shared::{
    ErrorCode, Status, UserId,
    check::limit,
    messages::{ListMessages, MessageQuery, NewMessage, PostMessage, SenderType},
    tickets::CreateTicket,
};

use crate::support::{ABSENT, client::saying, new_ticket, spawn_app};

#[actix_web::test]
async fn a_conversation_is_read_back_in_order() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("聊天").await;
    let first = ann.says(ticket, "请帮我看一下这个问题").await;
    bob.says(ticket, "收到，我马上处理").await;
    let list = ann.reads(ticket).await;
    let said: Vec<(&str, SenderType, &str)> = list
        .messages
        .iter()
        .map(|m| (m.sender_name.as_str(), m.sender_type, m.content.as_str()))
        .collect();
    assert_eq!(
        said,
        [
            ("ann", SenderType::Customer, "请帮我看一下这个问题"),
            ("bob", SenderType::Admin, "收到，我马上处理"),
            ("bob", SenderType::Admin, "状态由「待处理」变为「处理中」"),
        ]
    );
    assert_eq!(list.messages[0], first);
    assert_eq!(list.messages.iter().map(|m| m.seq).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!((list.seq, list.has_more), (3, false));
    assert_eq!(
        list.messages.iter().map(|m| m.is_system).collect::<Vec<_>>(),
        [false, false, true]
    );
    assert_eq!(bob.reads(ticket).await.messages.len(), 3);
}

#[actix_web::test]
async fn an_internal_note_is_for_agents_and_leaves_no_hole() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("问题").await;
    ann.says(ticket, "一").await;
    let before = ann.sees(ticket).await;
    app.clock.advance(60);
    let note = bob.notes(ticket, "客户很急").await;
    assert!(note.internal);
    assert_eq!(
        ann.sees(ticket).await,
        before,
        "nothing that a customer sees moves with a note"
    );
    assert_eq!(
        bob.sees(ticket).await.status,
        Status::Pending,
        "a note is no answer"
    );
    ann.says(ticket, "二").await;
    let hers = ann.reads(ticket).await;
    assert_eq!(
        hers.messages
            .iter()
            .map(|m| (m.seq, m.content.as_str()))
            .collect::<Vec<_>>(),
        [(1, "一"), (2, "二")]
    );
    assert_eq!(hers.seq, 2);
    let his = bob.reads(ticket).await;
    assert_eq!(
        his.messages
            .iter()
            .map(|m| (m.seq, m.content.as_str()))
            .collect::<Vec<_>>(),
        [(1, "一"), (2, "客户很急"), (3, "二")]
    );
    assert_eq!((ann.sees(ticket).await.seq, bob.sees(ticket).await.seq), (2, 3));
    let refused = ann
        .call(
            PostMessage,
            ticket,
            NewMessage {
                internal: true,
                ..saying("我也记")
            },
        )
        .await;
    assert_eq!(refused.code(), ErrorCode::Forbidden);
}

#[actix_web::test]
async fn messages_come_in_pages_in_both_directions() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let ticket = ann.submits("长").await;
    for n in 1..=7 {
        ann.says(ticket, &n.to_string()).await;
    }
    let part = async |query: MessageQuery| {
        let list = ann.call(ListMessages, ticket, query).await.good();
        (
            list.messages.iter().map(|m| m.seq).collect::<Vec<_>>(),
            list.has_more,
        )
    };
    let some = |after, before, limit| MessageQuery { after, before, limit };
    assert_eq!(part(some(None, None, Some(3))).await, (vec![5, 6, 7], true));
    assert_eq!(part(some(None, Some(5), Some(3))).await, (vec![2, 3, 4], true));
    assert_eq!(part(some(None, Some(2), Some(3))).await, (vec![1], false));
    assert_eq!(part(some(Some(0), None, Some(3))).await, (vec![1, 2, 3], true));
    assert_eq!(part(some(Some(4), None, Some(3))).await, (vec![5, 6, 7], false));
    assert_eq!(part(some(Some(7), None, None)).await, (vec![], false));
    assert_eq!(part(some(Some(i64::MIN), None, None)).await.0.len(), 7);
    assert_eq!(part(some(Some(i64::MAX), None, None)).await.0.len(), 0);
    for bad in [
        "limit=0",
        "limit=501",
        "limit=x",
        "after=x",
        "after=9223372036854775808",
    ] {
        let field = bad.split('=').next().unwrap();
        ann.get(&format!("/case/api/tickets/{ticket}/messages?{bad}"))
            .await
            .refused_field(field);
    }
}

#[actix_web::test]
async fn strangers_can_neither_read_nor_write() {
    let app = spawn_app().await;
    let (ann, eve, nobody) = (app.customer("ann").await, app.customer("eve").await, app.nobody());
    let ticket = ann.submits("私事").await;
    for id in [ticket, ABSENT] {
        assert_eq!(
            eve.call(PostMessage, id, saying("嘿")).await.code(),
            ErrorCode::TicketNotFound
        );
        assert_eq!(
            eve.call(ListMessages, id, MessageQuery::default()).await.code(),
            ErrorCode::TicketNotFound
        );
        assert_eq!(
            nobody.call(PostMessage, id, saying("嘿")).await.code(),
            ErrorCode::Unauthenticated
        );
        assert_eq!(
            nobody
                .call(ListMessages, id, MessageQuery::default())
                .await
                .code(),
            ErrorCode::Unauthenticated
        );
    }
    let guest = app.nobody();
    guest.call(CreateTicket, (), new_ticket("访客")).await.good();
    assert_eq!(
        guest.call(PostMessage, ticket, saying("嘿")).await.code(),
        ErrorCode::TicketNotFound
    );
    assert_eq!(app.database.count("messages"), 0);
}

#[actix_web::test]
async fn a_guest_writes_under_the_name_on_the_ticket() {
    let app = spawn_app().await;
    let (guest, bob) = (app.nobody(), app.agent("bob").await);
    let ticket = guest
        .call(CreateTicket, (), new_ticket("访客"))
        .await
        .good()
        .ticket_id;
    let message = guest.says(ticket, "你好").await;
    assert_eq!(
        (message.sender_name.as_str(), message.sender_id),
        ("张三", UserId(0))
    );
    assert_eq!(message.sender_type, SenderType::Customer);
    bob.says(ticket, "您好").await;
    assert_eq!(guest.reads(ticket).await.messages.len(), 3);
}

#[actix_web::test]
async fn a_message_that_cannot_be_is_refused_and_leaves_nothing() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let ticket = ann.submits("问题").await;
    for (content, field) in [
        ("", "content"),
        (" \n\t ", "content"),
        ("a\0b", "content"),
        ("\u{7}", "content"),
        ("\u{1b}[31m", "content"),
    ] {
        ann.call(PostMessage, ticket, saying(content))
            .await
            .refused_field(field);
    }
    let long = saying(&"字".repeat(limit::MESSAGE + 1));
    ann.call(PostMessage, ticket, long).await.refused_field("content");
    let key = NewMessage {
        client_id: Some("k".repeat(limit::CLIENT_KEY + 1)),
        ..saying("x")
    };
    ann.call(PostMessage, ticket, key)
        .await
        .refused_field("client_id");
    let key = NewMessage {
        client_id: Some("a\nb".into()),
        ..saying("x")
    };
    ann.call(PostMessage, ticket, key)
        .await
        .refused_field("client_id");
    let files = NewMessage {
        attachment_ids: vec![shared::AttachmentId(77)],
        ..saying("x")
    };
    ann.call(PostMessage, ticket, files)
        .await
        .refused_field("attachment_ids");
    let files = NewMessage {
        attachment_ids: vec![shared::AttachmentId(1); 21],
        ..saying("x")
    };
    ann.call(PostMessage, ticket, files)
        .await
        .refused_field("attachment_ids");
    assert_eq!(
        (app.database.count("messages"), ann.sees(ticket).await.seq),
        (0, 0)
    );
}

#[actix_web::test]
async fn texts_come_back_byte_for_byte() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let ticket = ann.submits("文字").await;
    let texts = [
        "  前后有空格  ",
        "第一行\n第二行\r\n\t缩进",
        "😀👨‍👩‍👧‍👦 emoji",
        "<script>alert(1)</script> & \"quotes\" 'single' `tick`",
        "e\u{301} 与 \u{e9}",
        "\u{200b}\u{202e}倒\u{202c}",
        "'; DROP TABLE messages; --",
        "{{7*7}} ${7*7} %s %n",
        "𠀀𪚥 CJK 扩展",
    ];
    for text in texts {
        assert_eq!(ann.says(ticket, text).await.content, text);
    }
    let longest = "😀".repeat(limit::MESSAGE);
    ann.says(ticket, &longest).await;
    let stored: Vec<String> = ann
        .reads(ticket)
        .await
        .messages
        .into_iter()
        .map(|m| m.content)
        .collect();
    assert_eq!(stored[..texts.len()], texts);
    assert_eq!(stored[texts.len()], longest);
}

#[actix_web::test]
async fn a_message_with_a_client_id_is_stored_once() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("重试").await;
    let keyed = |content: &str| NewMessage {
        client_id: Some("b7c0".into()),
        ..saying(content)
    };
    let first = ann.call(PostMessage, ticket, keyed("一次")).await.good().message;
    let again = ann.call(PostMessage, ticket, keyed("一次")).await.good().message;
    assert_eq!(first, again);
    assert_eq!(first.client_id.as_deref(), Some("b7c0"));
    assert_eq!(
        ann.call(PostMessage, ticket, keyed("别的")).await.code(),
        ErrorCode::ClientKeyReused
    );
    let header = ann
        .request_of(PostMessage, ticket, &saying("一次"))
        .header("idempotency-key", "b7c0");
    assert_eq!(
        ann.send_as(PostMessage, header).await.good().message,
        first,
        "the header is the same key"
    );
    // A key belongs to its sender and its ticket.
    assert_ne!(
        bob.call(PostMessage, ticket, keyed("一次"))
            .await
            .good()
            .message
            .id,
        first.id
    );
    let other = ann.submits("另一单").await;
    assert_ne!(
        ann.call(PostMessage, other, keyed("一次"))
            .await
            .good()
            .message
            .id,
        first.id
    );
    assert_eq!(
        app.database
            .number("SELECT COUNT(*) FROM messages WHERE is_system = FALSE"),
        3
    );
}

#[actix_web::test]
async fn a_message_that_crosses_another_is_held_back_on_request() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("交叉").await;
    ann.says(ticket, "一").await;
    let crossing = NewMessage {
        seen_seq: Some(0),
        ..saying("您好")
    };
    let problem = bob
        .call(PostMessage, ticket, crossing)
        .await
        .refused(ErrorCode::StaleSend);
    assert_eq!(
        problem
            .unseen
            .unwrap()
            .iter()
            .map(|m| m.content.as_str())
            .collect::<Vec<_>>(),
        ["一"]
    );
    let seen = NewMessage {
        seen_seq: Some(1),
        ..saying("您好")
    };
    bob.call(PostMessage, ticket, seen).await.good();
    bob.notes(ticket, "记一下").await;
    let hers = NewMessage {
        seen_seq: Some(3),
        ..saying("谢谢")
    };
    ann.call(PostMessage, ticket, hers).await.good();
}

#[actix_web::test]
async fn an_answer_takes_a_ticket_up_and_a_customers_word_reopens_it() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("流程").await;
    ann.says(ticket, "在吗").await;
    assert_eq!(ann.sees(ticket).await.status, Status::Pending);
    bob.says(ticket, "在").await;
    assert_eq!(ann.sees(ticket).await.status, Status::Processing);
    for done in [Status::Resolved, Status::Closed] {
        bob.moves(ticket, done).await;
        bob.says(ticket, "好了").await;
        assert_eq!(
            bob.sees(ticket).await.status,
            done,
            "an agent's word reopens nothing"
        );
        bob.notes(ticket, "记").await;
        ann.says(ticket, "还是不行").await;
        let seen = ann.sees(ticket).await;
        assert_eq!(seen.status, Status::Processing);
        assert!(seen.resolved_at.is_none() && seen.closed_at.is_none() && seen.resolution.is_none());
    }
}

#[actix_web::test]
async fn a_status_goes_with_its_message_once_or_neither_is_stored() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("处理完了").await;
    let mut live = ann.live().await;
    live.join(ticket).await;
    let with = |content: &str, status: Status| NewMessage {
        client_id: Some(content.into()),
        status: Some(status),
        ..saying(content)
    };
    let done = with("修好了", Status::Resolved);
    bob.call(PostMessage, ticket, done.clone()).await.good();
    assert_eq!(bob.sees(ticket).await.status, Status::Resolved);
    let told: Vec<i64> = live
        .heard_durable()
        .await
        .iter()
        .map(|event| event.durable().unwrap().1)
        .collect();
    assert_eq!(told, [1, 2, 3], "what was said, taken up, resolved");

    // She is not content; his answer, sent again because it was never answered, must not resolve the ticket anew.
    ann.says(ticket, "还是不行").await;
    bob.call(PostMessage, ticket, done).await.good();
    assert_eq!(bob.sees(ticket).await.status, Status::Processing);

    // What it is already is no step. What cannot be is refused, together with what was said.
    bob.call(PostMessage, ticket, with("再看看", Status::Processing))
        .await
        .good();
    bob.moves(ticket, Status::Closed).await;
    let before = bob.reads(ticket).await.messages.len();
    let refused = bob
        .call(PostMessage, ticket, with("改回去", Status::Resolved))
        .await;
    assert_eq!(refused.code(), ErrorCode::TransitionNotAllowed);
    assert_eq!(bob.reads(ticket).await.messages.len(), before);

    // A note may move it too, and customers hear of the step alone.
    live.heard().await;
    let note = NewMessage {
        internal: true,
        ..with("先重新打开", Status::Processing)
    };
    bob.call(PostMessage, ticket, note).await.good();
    let heard = live.heard_durable().await;
    assert!(
        matches!(heard.as_slice(), [shared::live::ServerEvent::StatusChanged(_)]),
        "{heard:?}"
    );
    let hers = ann
        .call(PostMessage, ticket, with("我来关", Status::Closed))
        .await;
    assert_eq!(hers.code(), ErrorCode::Forbidden);
}
