//! Live clients that mean no good: static codes, bounded cost, and nobody else notices.

use std::collections::BTreeSet;

use futures_util::SinkExt;
use shared::{
    ErrorCode, TicketId,
    endpoint::Nothing,
    live::{ClientEvent, Join, ServerEvent, Typing},
    sessions::{Logout, SESSION_COOKIE},
    users::{UpdateUser, UserChanges},
};
use tokio_tungstenite::tungstenite::{
    Error, Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

use crate::support::{SocketIo, Transport, eventually, spawn_app, spawn_app_with};

#[actix_web::test]
async fn frames_that_are_not_ours_get_a_code_and_nothing_else() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let ticket = ann.submits("帧").await;
    let mut live = ann.live().await;
    live.join(ticket).await;
    let deep = format!(
        "{{\"event\":\"join\",\"data\":{}1{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    for (frame, code) in [
        ("", ErrorCode::InvalidJson),
        ("你好", ErrorCode::InvalidJson),
        ("{", ErrorCode::InvalidJson),
        (deep.as_str(), ErrorCode::InvalidJson),
        (
            r#"{"event":"send_message","data":{"ticket_id":1,"content":"\ud800"}}"#,
            ErrorCode::InvalidJson,
        ),
        ("[]", ErrorCode::UnknownEvent),
        ("null", ErrorCode::UnknownEvent),
        (r#"{"event":5}"#, ErrorCode::UnknownEvent),
        (r#"{"event":"shutdown","data":{}}"#, ErrorCode::UnknownEvent),
        (
            r#"{"event":"new_message","data":{"ticket_id":1}}"#,
            ErrorCode::UnknownEvent,
        ),
        (r#"{"event":"join"}"#, ErrorCode::ValidationFailed),
        (r#"{"event":"join","data":null}"#, ErrorCode::ValidationFailed),
        (
            r#"{"event":"join","data":{"ticket_id":"1"}}"#,
            ErrorCode::ValidationFailed,
        ),
        (
            r#"{"event":"join","data":{"ticket_id":99999999999}}"#,
            ErrorCode::ValidationFailed,
        ),
        (
            r#"{"event":"join","data":{"ticket_id":1,"since":"x"}}"#,
            ErrorCode::ValidationFailed,
        ),
        (
            r#"{"event":"send_message","data":{"ticket_id":1}}"#,
            ErrorCode::ValidationFailed,
        ),
        (
            r#"{"event":"send_message","data":{"ticket_id":1,"content":"a\u0000b"}}"#,
            ErrorCode::ValidationFailed,
        ),
        (
            r#"{"event":"send_message","data":{"ticket_id":1,"content":7}}"#,
            ErrorCode::ValidationFailed,
        ),
        (
            r#"{"event":"typing","data":{"ticket_id":1}}"#,
            ErrorCode::ValidationFailed,
        ),
    ] {
        live.shout(frame).await;
        let ServerEvent::ErrorMessage(error) = live.next().await else {
            panic!("no refusal of {frame}")
        };
        assert_eq!(error.code, code, "{frame:.80}");
        assert_eq!(
            error.message,
            code.text(shared::Lang::Zh),
            "no parser's words: {frame:.80}"
        );
    }
    assert_eq!(app.database.count("messages"), 0);
    live.says(ticket, "还活着").await;
    assert_eq!(live.next_message().await.content, "还活着");
}

#[actix_web::test]
async fn a_frame_that_is_too_large_or_binary_ends_the_connection() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("大").await;
    let mut live = ann.live().await;
    drop(live.socket.send(Message::text("x".repeat(600 * 1024))).await);
    live.ended().await;
    let mut live = ann.live().await;
    live.socket
        .send(Message::binary(vec![0, 159, 146, 150]))
        .await
        .unwrap();
    assert_eq!(live.ended().await.code, Some(1003));
    // Nobody else is harmed.
    bob.says(ticket, "都好").await;
}

#[actix_web::test]
async fn a_client_that_never_stops_talking_is_cut_and_harms_nobody() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("洪水").await;
    for frame in [r#"{"event":"ping","data":{}}"#, "garbage"] {
        let mut live = ann.live().await;
        let flooding = async {
            // What the machine's buffers take after the cut goes nowhere.
            for _ in 0..200_000 {
                let frame = Message::text(frame);
                if live.socket.send(frame).await.is_err() {
                    break;
                }
            }
        };
        drop(tokio::time::timeout(crate::support::PATIENCE, flooding).await);
    }
    bob.says(ticket, "都好").await;
    eventually("both were cut", async || app.metric(FLOODS).await == 2).await;
}

/// How many were cut for saying too much.
const FLOODS: &str = r#"casedesk_live_cut_total{reason="flood"}"#;

#[actix_web::test]
async fn frames_without_words_are_a_flood_too_at_both_doors() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let empty = |code| Message::Frame(Frame::message(Vec::new(), OpCode::Data(code), false));
    let continued = || empty(Data::Continue);
    let pinged = || Message::Ping(Vec::new().into());
    let frames: [&dyn Fn() -> Message; 2] = [&continued, &pinged];
    for frame in frames {
        let live = ann.live().await.socket;
        let door = SocketIo::enter(&ann, Transport::WebSocket).await.socket.unwrap();
        for mut socket in [live, door] {
            let flooding = async {
                socket.send(empty(Data::Text)).await?;
                for _ in 0..200_000 {
                    socket.send(frame()).await?;
                }
                Ok::<(), Error>(())
            };
            let cut = tokio::time::timeout(crate::support::PATIENCE, flooding).await;
            drop(cut);
        }
    }
    eventually("all four were cut", async || app.metric(FLOODS).await == 4).await;
}

#[actix_web::test]
async fn the_end_says_what_was_wrong() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let text =
        |payload: Vec<u8>, last| Message::Frame(Frame::message(payload, OpCode::Data(Data::Text), last));
    let more =
        |payload: Vec<u8>, last| Message::Frame(Frame::message(payload, OpCode::Data(Data::Continue), last));
    let half = 300 * 1024;
    let cases = [
        (1009, vec![text(vec![b'x'; 2 * half], true)]),
        (
            1009,
            vec![text(vec![b'x'; half], false), more(vec![b'x'; half], true)],
        ),
        (1007, vec![text(vec![0xff, 0xfe], true)]),
        (1007, vec![text(vec![0xe4, 0xbd], false), more(vec![0xff], true)]),
        (1002, vec![more(vec![b'x'], true)]),
    ];
    for (code, frames) in cases {
        let mut live = ann.live().await;
        for frame in frames {
            // It may be cut before all is sent.
            drop(live.socket.send(frame).await);
        }
        assert_eq!(live.ended().await.code, Some(code));
    }
    assert_eq!(app.metric(r#"casedesk_live_cut_total{reason="broken"}"#).await, 5);
}

#[actix_web::test]
async fn a_text_in_pieces_is_one_text() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let mut live = ann.live().await;
    let said = r#"{"event":"ping","data":{"字":"一"}}"#.as_bytes();
    // Cut in the middle of a character.
    let (begin, end) = said.split_at(said.len() - 6);
    for (part, data, last) in [
        (begin, Data::Text, false),
        (&[][..], Data::Continue, false),
        (end, Data::Continue, true),
    ] {
        let frame = Frame::message(part.to_vec(), OpCode::Data(data), last);
        live.socket.send(Message::Frame(frame)).await.unwrap();
    }
    assert!(matches!(live.next().await, ServerEvent::Pong(_)));
}

#[actix_web::test]
async fn strangers_at_the_door_take_nobodys_place() {
    let app = spawn_app().await;
    let bob = app.agent("bob").await;
    let nobody = app.nobody();
    let mut refused = 0;
    for _ in 0..400 {
        let reply = nobody.get("/socket.io/?EIO=4&transport=polling").await;
        refused += u32::from(reply.status == 503);
    }
    assert!(refused > 0, "a crowd without an end");
    SocketIo::enter(&bob, Transport::Polling).await;
}

#[actix_web::test]
async fn a_guest_at_the_door_takes_nobodys_place() {
    let app = spawn_app().await;
    let (guest, other) = (app.nobody(), app.nobody());
    guest.submits("访客").await;
    other.submits("另一位").await;
    let mut refused = 0;
    for _ in 0..20 {
        let reply = guest.get("/socket.io/?EIO=4&transport=polling").await;
        refused += u32::from(reply.status == 503);
    }
    assert_eq!(refused, 12);
    SocketIo::enter(&other, Transport::Polling).await;
    let ann = app.customer("ann").await;
    let mut doors = Vec::new();
    for _ in 0..20 {
        doors.push(SocketIo::open(&ann, Transport::Polling).await);
    }
}

#[actix_web::test]
async fn whoever_asks_in_vain_to_be_let_in_hears_nothing_meanwhile() {
    let app = spawn_app().await;
    let (ann, eve, bob) = (
        app.customer("ann").await,
        app.customer("eve").await,
        app.agent("bob").await,
    );
    let ticket = ann.submits("私事").await;
    let (mut listens, mut writes) = (eve.live().await, bob.live().await);
    writes.join(ticket).await;
    let knocks = async {
        for _ in 0..150 {
            let join = format!(r#"{{"event":"join","data":{{"ticket_id":{ticket}}}}}"#);
            listens.shout(&join).await;
        }
    };
    let is_writing = async {
        for n in 0..150 {
            let typing = Typing {
                ticket_id: ticket,
                typing: n % 2 == 0,
                internal: false,
            };
            writes.ask(&ClientEvent::Typing(typing)).await;
        }
    };
    futures_util::join!(knocks, is_writing);
    for n in 0..150 {
        let event = listens.next_of_all().await;
        assert!(matches!(event, ServerEvent::ErrorMessage(_)), "{n}: {event:?}");
    }
    listens.hears_nothing().await;
}

#[actix_web::test]
async fn a_thousand_joins_of_what_is_not_his_are_one_answer_and_open_nothing() {
    let app = spawn_app().await;
    let (ann, eve) = (app.customer("ann").await, app.customer("eve").await);
    let (hers, own) = (ann.submits("她的").await, eve.submits("自己的").await);
    let mut live = eve.live().await;
    let mut answers = BTreeSet::new();
    for n in 0..1_000 {
        let ids = [hers.0, 1_000 + n, -n - 1, 0, i32::MAX];
        let join = Join {
            ticket_id: TicketId(ids[n as usize % ids.len()]),
            since: (n % 2 == 0).then_some(0),
        };
        answers.insert(live.ask(&ClientEvent::Join(join)).await.to_string());
        if n % 100 == 0 {
            // A thousand within a second would be a flood.
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert!(app.app.hub.rooms().is_empty());
    live.join(own).await;
    ann.says(hers, "她的话").await;
    eve.says(own, "自己的话").await;
    assert_eq!(live.next_message().await.content, "自己的话");
}

#[actix_web::test]
async fn log_outs_of_nobody_and_of_others_cut_nobody() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("照旧").await;
    let mut live = ann.live().await;
    live.join(ticket).await;
    let nobody = app.nobody();
    for n in 0..50 {
        nobody.set_cookie(SESSION_COOKIE, &format!("no such session {n}"));
        nobody.call(Logout, (), Nothing {}).await.good();
    }
    assert_eq!(app.database.count("revocations"), 0);
    // However often she has to prove who she is, it takes no place of what she is to hear.
    for _ in 0..2_000 {
        app.app.ask_everybody_again();
    }
    bob.says(ticket, "还在").await;
    assert_eq!(live.next_message().await.content, "还在");
    let renamed = UserChanges {
        full_name: Some("安".into()),
        ..Default::default()
    };
    bob.call(UpdateUser, ann.id, renamed).await.good();
    bob.says(ticket, "改名了").await;
    assert_eq!(
        live.next_message().await.content,
        "改名了",
        "a new name is no log-out"
    );
}

#[actix_web::test]
async fn live_connections_are_counted_for_this_machine_or_who_has_the_token() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let _live = ann.live().await;
    let metrics = app.nobody().get("/metrics").await;
    assert_eq!(metrics.status, 200);
    assert!(
        metrics
            .text()
            .contains(r#"casedesk_live_connections{door="websocket"} 1"#),
        "{}",
        metrics.text()
    );
    let nobody = app.nobody();
    let proxied = nobody
        .request("GET", "/metrics")
        .header("x-forwarded-for", "203.0.113.9");
    assert_eq!(nobody.send(proxied).await.status, 404);

    let app = spawn_app_with(&[("METRICS_TOKEN", "s3cret")]).await;
    let nobody = app.nobody();
    assert_eq!(nobody.get("/metrics").await.status, 404);
    for (held, status) in [("Bearer s3cret", 200), ("Bearer S3cret", 404), ("s3cret", 404)] {
        let request = nobody.request("GET", "/metrics").header("authorization", held);
        assert_eq!(nobody.send(request).await.status, status, "{held}");
    }
}

#[actix_web::test]
async fn a_client_that_takes_forever_to_say_hello_is_let_go() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let app = spawn_app().await;
    let idle = tokio::net::TcpStream::connect(app.address).await.unwrap();
    let slow = tokio::net::TcpStream::connect(app.address).await.unwrap();
    let half = "GET /case/ws HTTP/1.1\r\nHost: desk\r\nUpgrade: websocket\r\n";
    let wait = async |mut stream: tokio::net::TcpStream, says: &str| {
        stream.write_all(says.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        // An answer or a cut: both are an end.
        drop(stream.read_to_end(&mut rest).await);
    };
    let both = async {
        futures_util::join!(wait(idle, "G"), wait(slow, half));
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), both)
        .await
        .expect("both are let go");
}
