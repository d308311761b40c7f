//! The Socket.IO door, packet by packet: the same rules as the plain WebSocket, over every transport.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use shared::{ErrorCode, Status, check::limit, messages::NewMessage};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message as Frame, client::IntoClientRequest},
};

use crate::support::{
    ABSENT, Client, Reply, SocketIo, Transport, client::saying, eventually, socket_io::DOOR, spawn_app,
    spawn_app_with,
};

#[actix_web::test]
async fn the_seeds_snippets_work_over_every_transport() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    for transport in Transport::ALL {
        let ticket = ann.submits("系统无法登录").await;
        let mut ann_door = SocketIo::enter(&ann, transport).await;
        let mut bob_door = SocketIo::enter(&bob, transport).await;
        ann_door.emit("join", &json!({ "ticket_id": ticket })).await;
        let joined = ann_door.next_of("joined").await;
        assert_eq!(joined["message"], format!("已加入工单 #{ticket}"));
        bob_door.join(ticket, None).await;
        bob_door
            .emit(
                "send_message",
                &json!({ "ticket_id": ticket, "content": "请帮我看一下这个问题 😀" }),
            )
            .await;
        for name in ["new_message", "receive_message"] {
            let message = ann_door.next_of(name).await;
            assert_eq!(message["ticket_id"], json!(ticket));
            assert_eq!(message["sender_name"], "bob");
            assert_eq!(message["content"], "请帮我看一下这个问题 😀");
            assert_eq!(message["created_at"].as_str().unwrap().len(), 19);
        }
        ann_door.emit("leave", &json!({ "ticket_id": ticket })).await;
        ann_door.next_of("left").await;
        bob.says(ticket, "还在吗").await;
        bob_door.next_of("receive_message").await;
        let pong = ann_door.ask("ping", &json!({})).await;
        assert_eq!(pong["success"], true);
        let mut heard = Vec::new();
        while heard.last().is_none_or(|name| name != "pong") {
            heard.push(ann_door.next().await.0);
        }
        assert!(
            !heard.iter().any(|name| name.ends_with("_message")),
            "who left hears nothing of the room: {transport:?} {heard:?}"
        );
    }
}

#[actix_web::test]
async fn the_open_packet_says_what_the_configuration_says() {
    let app = spawn_app_with(&[("LIVE_PING_INTERVAL_MS", "1234"), ("LIVE_PING_TIMEOUT_MS", "567")]).await;
    let ann = app.customer("ann").await;
    let door = SocketIo::open(&ann, Transport::Polling).await;
    assert_eq!(
        door.open,
        json!({ "sid": door.sid, "upgrades": ["websocket"], "pingInterval": 1234, "pingTimeout": 567, "maxPayload": 524_288 })
    );
}

#[actix_web::test]
async fn a_join_with_since_replays_what_was_missed() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("断线").await;
    ann.says(ticket, "一").await;
    bob.notes(ticket, "只给同事").await;
    bob.moves(ticket, Status::Resolved).await;
    for transport in Transport::ALL {
        let mut door = SocketIo::enter(&ann, transport).await;
        let answer = door.join(ticket, Some(0)).await;
        assert_eq!(answer["seq"], 2);
        let message = door.next_of("receive_message").await;
        assert_eq!((&message["seq"], &message["content"]), (&json!(1), &json!("一")));
        let change = door.next_of("status_changed").await;
        assert_eq!((&change["seq"], &change["to"]), (&json!(2), &json!("已解决")));
        let joined = door.next_of("joined").await;
        assert_eq!(joined["seq"], 2);
    }
}

#[actix_web::test]
async fn refusals_come_as_error_message_and_through_the_ack() {
    let app = spawn_app().await;
    let (ann, eve) = (app.customer("ann").await, app.customer("eve").await);
    let ticket = ann.submits("私事").await;
    for transport in Transport::ALL {
        let mut door = SocketIo::enter(&eve, transport).await;
        for ticket_id in [json!(ticket), json!(ABSENT), json!(-1)] {
            for (name, data) in [
                ("join", json!({ "ticket_id": ticket_id })),
                ("send_message", json!({ "ticket_id": ticket_id, "content": "嘿" })),
                ("typing", json!({ "ticket_id": ticket_id, "typing": true })),
            ] {
                let answer = door.ask(name, &data).await;
                assert_eq!(
                    (&answer["success"], &answer["code"], &answer["message"]),
                    (&json!(false), &json!("ticket_not_found"), &json!("工单不存在"))
                );
                let error = door.next_of("error_message").await;
                assert_eq!(
                    error,
                    json!({ "code": "ticket_not_found", "message": "工单不存在" })
                );
            }
        }
        for (packet, code) in [
            (r#"42["shutdown",{}]"#, ErrorCode::UnknownEvent),
            (r"42[]", ErrorCode::UnknownEvent),
            (r"42[", ErrorCode::InvalidJson),
            (r#"42["join",{"ticket_id":"x"}]"#, ErrorCode::ValidationFailed),
            (
                r#"42["send_message",{"ticket_id":1,"content":"a\u0000b"}]"#,
                ErrorCode::ValidationFailed,
            ),
        ] {
            door.say(packet).await;
            let error = door.next_of("error_message").await;
            assert_eq!(
                error,
                json!({ "code": code, "message": code.text(shared::Lang::Zh) }),
                "{packet}: no parser's words"
            );
        }
    }
    assert_eq!(app.database.count("messages"), 0);
}

#[actix_web::test]
async fn a_message_sent_twice_with_one_client_id_is_stored_once_whichever_door() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let ticket = ann.submits("重发").await;
    let key = "6f0c1c9e-0b7f-4f7e-9b57-1f1d3a1f3b11";
    let data = json!({ "ticket_id": ticket, "content": "只有一次", "client_id": key });
    let mut stored = Vec::new();
    for transport in Transport::ALL {
        let mut door = SocketIo::enter(&ann, transport).await;
        stored.push(door.ask("send_message", &data).await["message"].clone());
    }
    let message = NewMessage {
        client_id: Some(key.into()),
        ..saying("只有一次")
    };
    let plain = ann.live().await.sends(ticket, message).await;
    stored.push(serde_json::to_value(plain).unwrap());
    assert!(
        stored
            .iter()
            .all(|message| message == &stored[0] && message["seq"] == 1),
        "{stored:?}"
    );
    assert_eq!(app.database.count("messages"), 1);
}

#[actix_web::test]
async fn only_who_has_a_session_is_let_into_the_only_namespace() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    for transport in Transport::ALL {
        let mut stranger = SocketIo::open(&app.nobody(), transport).await;
        stranger.say("40").await;
        assert_eq!(
            stranger.ended().await,
            [r#"44{"data":{"code":"unauthenticated"},"message":"请先登录"}"#]
        );
        let mut door = SocketIo::open(&ann, transport).await;
        door.say("40/admin,").await;
        assert_eq!(
            door.next_packet().await,
            r#"44/admin,{"message":"Invalid namespace"}"#
        );
        door.say("40").await;
        assert!(door.next_packet().await.starts_with("40{"));
        door.next_of("welcome").await;
        door.say("40/chat,").await;
        assert_eq!(
            door.next_packet().await,
            r#"44/chat,{"message":"Invalid namespace"}"#
        );
        door.say(r#"42/admin,["join",{"ticket_id":1}]"#).await;
        door.ended().await;
    }
    eventually("nobody is left", async || app.app.hub.connections() == 0).await;
}

#[actix_web::test]
async fn a_session_number_is_worth_nothing_to_another_session() {
    let app = spawn_app().await;
    let (ann, eve) = (app.customer("ann").await, app.customer("eve").await);
    let mut door = SocketIo::enter(&ann, Transport::Polling).await;
    let path = format!("{DOOR}&transport=polling&sid={}", door.sid);
    for reply in [
        eve.get(&path).await,
        eve.send(eve.request("POST", &path).body("1")).await,
    ] {
        assert_eq!(
            (reply.status, reply.json()),
            (400, json!({ "code": 1, "message": "Session ID unknown" }))
        );
    }
    // The official Python client sends its headers with the handshake only.
    let bare = app.nobody();
    let pong = bare.send(bare.request("POST", &path).body("3")).await;
    assert_eq!((pong.status, &*pong.text()), (200, "ok"));
    assert_eq!(door.ask("ping", &json!({})).await["success"], true);
}

#[actix_web::test]
async fn requests_that_are_not_the_protocols_are_refused_in_its_words() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    for (method, query, code, message) in [
        (
            "GET",
            "EIO=3&transport=polling",
            5,
            "Unsupported protocol version",
        ),
        ("GET", "transport=polling", 5, "Unsupported protocol version"),
        ("GET", "EIO=4", 0, "Transport unknown"),
        ("GET", "EIO=4&transport=flash", 0, "Transport unknown"),
        (
            "GET",
            "EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAA",
            1,
            "Session ID unknown",
        ),
        ("GET", "EIO=4&transport=polling&sid=%00", 1, "Session ID unknown"),
        ("POST", "EIO=4&transport=polling", 2, "Bad handshake method"),
    ] {
        let reply = ann
            .send(ann.request(method, &format!("/socket.io/?{query}")))
            .await;
        assert_eq!(
            (reply.status, reply.json()),
            (400, json!({ "code": code, "message": message })),
            "{query}"
        );
    }
}

#[actix_web::test]
async fn what_is_too_large_or_binary_or_garbage_ends_the_session() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("大").await;
    for (payload, status) in [
        (vec![b'4'; 600 * 1024], 413),
        (vec![b'4', 0xff, 0xfe], 400),
        (b"bAQID".to_vec(), 400),
        (b"x".to_vec(), 400),
        (b"".to_vec(), 400),
    ] {
        let mut door = SocketIo::enter(&ann, Transport::Polling).await;
        let reply = door.post_raw(payload.clone()).await;
        assert_eq!(reply.status, status, "{:?}", &payload[..payload.len().min(5)]);
        door.ended().await;
    }
    for packet in ["450-[]", "451-[{}]", "4", "49", "x"] {
        let mut door = SocketIo::enter(&ann, Transport::WebSocket).await;
        door.say(packet).await;
        door.ended().await;
    }
    let mut door = SocketIo::enter(&ann, Transport::WebSocket).await;
    let frame = Frame::text("4".repeat(600 * 1024));
    drop(door.socket.as_mut().unwrap().send(frame).await);
    door.ended().await;
    // The longest text is fine, and nobody else is harmed.
    let text = "字".repeat(limit::MESSAGE);
    let mut door = SocketIo::enter(&bob, Transport::Upgrade).await;
    let answer = door
        .ask("send_message", &json!({ "ticket_id": ticket, "content": text }))
        .await;
    assert_eq!(answer["message"]["content"], Value::String(text));
}

#[actix_web::test]
async fn two_polls_at_once_end_the_session() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let mut door = SocketIo::enter(&ann, Transport::Polling).await;
    let (first, second) = futures_util::join!(door.poll_raw(), door.poll_raw());
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
    door.ended().await;
    eventually("nobody is left", async || app.app.hub.connections() == 0).await;
}

#[actix_web::test]
async fn nothing_is_lost_while_changing_over() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("换乘").await;
    let mut door = SocketIo::enter(&ann, Transport::Polling).await;
    door.join(ticket, Some(0)).await;
    let talk = async {
        for n in 1..=60 {
            bob.says(ticket, &n.to_string()).await;
        }
    };
    futures_util::join!(talk, door.upgrade());
    let mut seqs = Vec::new();
    while seqs.len() < 61 {
        let (name, data) = door.next().await;
        if matches!(name.as_str(), "new_message" | "status_changed") {
            seqs.push(data["seq"].as_i64().unwrap());
        }
    }
    assert_eq!(seqs, (1..=61).collect::<Vec<_>>());
    // The old transport is closed for good.
    assert_eq!(door.poll_raw().await.status, 400);
}

#[actix_web::test]
async fn changing_over_while_a_poll_waits_holds_up_nobody() {
    let app = spawn_app_with(&[("WORKERS", "1")]).await;
    let ann = app.customer("ann").await;
    for _ in 0..20 {
        let mut door = SocketIo::enter(&ann, Transport::Polling).await;
        door.upgrade_while_polling().await;
        assert_eq!(door.ask("ping", &json!({})).await["success"], true);
    }
}

#[actix_web::test]
async fn a_client_that_falls_silent_is_let_go() {
    let app = spawn_app_with(&[("LIVE_PING_INTERVAL_MS", "100"), ("LIVE_PING_TIMEOUT_MS", "300")]).await;
    let ann = app.customer("ann").await;
    let silent = SocketIo::enter(&ann, Transport::Polling).await;
    let deaf = SocketIo::enter(&ann, Transport::WebSocket).await;
    let mut lively = SocketIo::enter(&ann, Transport::Polling).await;
    let lives = async {
        for _ in 0..12 {
            assert_eq!(lively.ask("ping", &json!({})).await["success"], true);
            tokio::time::sleep(std::time::Duration::from_millis(60)).await;
        }
    };
    lives.await;
    assert_eq!(app.app.hub.connections(), 1);
    drop((silent, deaf));
}

#[actix_web::test]
async fn who_answers_the_heartbeat_stays_and_who_says_goodbye_is_gone() {
    let app = spawn_app_with(&[("LIVE_PING_INTERVAL_MS", "200"), ("LIVE_PING_TIMEOUT_MS", "400")]).await;
    let ann = app.customer("ann").await;
    let mut doors = Vec::new();
    for transport in Transport::ALL {
        doors.push(SocketIo::enter(&ann, transport).await);
    }
    // Far longer than a silent one would last; nothing is said but the answers to pings.
    let listening = doors.iter_mut().map(|door| {
        let listen = door.next_packet();
        tokio::time::timeout(std::time::Duration::from_secs(3), listen)
    });
    for heard in futures_util::future::join_all(listening).await {
        assert!(heard.is_err(), "{heard:?}");
    }
    assert_eq!(app.app.hub.connections(), 3);
    for (door, goodbye) in doors.iter_mut().zip(["41", "1", "41"]) {
        door.say(goodbye).await;
    }
    eventually("all have gone", async || app.app.hub.connections() == 0).await;
}

#[actix_web::test]
async fn a_revoked_session_is_told_that_it_is_out() {
    let app = spawn_app().await;
    for transport in Transport::ALL {
        let name = format!("ann{transport:?}").to_lowercase();
        let ann = app.customer(&name).await;
        let ticket = ann.submits("注销").await;
        let mut door = SocketIo::enter(&ann, transport).await;
        door.join(ticket, None).await;
        ann.post("/case/api/logout", &json!({})).await;
        let last = door.ended().await;
        assert_eq!(last.last().map(String::as_str), Some("41"), "{transport:?}");
    }
}

/// A page in somebody's browser, which sends his cookies along and says where the page is from.
struct Page<'a> {
    who: &'a Client,
    origin: &'a str,
}

impl Page<'_> {
    async fn asks(&self, method: &str, query: &str, body: &'static str) -> Reply {
        let request = self.who.request(method, &format!("{DOOR}&{query}"));
        self.who
            .send(request.header("origin", self.origin).body(body))
            .await
    }

    /// Opens a WebSocket, or is told the status of the refusal.
    async fn dials(&self, query: &str) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>, u16> {
        let url = format!("ws://{}{DOOR}&{query}", self.who.address());
        let mut request = url.into_client_request().unwrap();
        let cookies = self.who.cookie_header().unwrap();
        for (name, value) in [("cookie", cookies.as_str()), ("origin", self.origin)] {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(socket),
            Err(tungstenite::Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("no answer: {error}"),
        }
    }
}

#[actix_web::test]
async fn a_page_of_another_site_cannot_come_in() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let own = Page {
        who: &ann,
        origin: &format!("http://{}", app.address),
    };
    let open = own.asks("GET", "transport=polling", "").await.text().into_owned();
    let open: Value = serde_json::from_str(open.strip_prefix('0').expect("the open packet")).unwrap();
    let sid = open["sid"].as_str().unwrap();
    let polling = format!("transport=polling&sid={sid}");
    let websocket = format!("transport=websocket&sid={sid}");
    assert_eq!(own.asks("POST", &polling, "40").await.text(), "ok");

    for origin in ["https://evil.example", "http://127.0.0.1:1", "null"] {
        let foreign = Page { who: &ann, origin };
        for (method, query) in [
            ("GET", "transport=polling"),
            ("GET", polling.as_str()),
            // It would end the session.
            ("POST", polling.as_str()),
        ] {
            let reply = foreign.asks(method, query, "41").await;
            assert_eq!(reply.status, 403, "{origin} {method} {query}");
            reply.refused(ErrorCode::CrossOrigin);
        }
        for query in ["transport=websocket", websocket.as_str()] {
            assert_eq!(foreign.dials(query).await.err(), Some(403), "{origin} {query}");
        }
    }

    // To the session's own page nothing has happened: no word is lost, and it may change over.
    assert_eq!(own.asks("POST", &polling, r#"42["ping",{}]"#).await.text(), "ok");
    let mut heard = String::new();
    while !heard.contains(r#"42["pong""#) {
        let poll = own.asks("GET", &polling, "").await;
        assert_eq!(poll.status, 200, "{}", poll.text());
        heard.push_str(&poll.text());
    }
    assert!(
        heard.starts_with(r#"40{"sid""#) && heard.contains(r#"42["welcome""#),
        "{heard}"
    );
    let mut socket = own.dials(&websocket).await.unwrap();
    socket.send(Frame::text("2probe")).await.unwrap();
    let probed = socket.next().await.unwrap().unwrap();
    assert_eq!(probed.to_text().unwrap(), "3probe");
    let mut socket = own.dials("transport=websocket").await.unwrap();
    let opened = socket.next().await.unwrap().unwrap();
    assert!(opened.to_text().unwrap().starts_with("0{"), "{opened}");
}
