//! Somebody who comes through the Socket.IO door: packets as the protocol has them, over polling or a WebSocket.

use std::collections::VecDeque;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use shared::TicketId;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message as Frame, client::IntoClientRequest},
};

use super::{Client, PATIENCE, Reply};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// How packets travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Polling,
    WebSocket,
    /// Polling first, then changing over, as the official client does unless told otherwise.
    Upgrade,
}

impl Transport {
    pub const ALL: [Self; 3] = [Self::Polling, Self::WebSocket, Self::Upgrade];
}

/// An open session of Engine.IO.
pub struct SocketIo {
    client: Client,
    pub sid: String,
    pub open: Value,
    pub socket: Option<Socket>,
    waiting: VecDeque<String>,
    asked: u64,
}

/// The door's address.
pub const DOOR: &str = "/socket.io/?EIO=4";

impl SocketIo {
    /// Opens a session; the namespace is not entered yet.
    pub async fn open(client: &Client, transport: Transport) -> Self {
        let client = client.copy();
        let mut door = Self {
            client,
            sid: String::new(),
            open: Value::Null,
            socket: None,
            waiting: VecDeque::new(),
            asked: 0,
        };
        if transport == Transport::WebSocket {
            door.socket = Some(door.dial("").await);
        } else {
            let packets = door.poll().await;
            door.waiting.extend(packets);
        }
        let open = door.next_packet().await;
        door.open = serde_json::from_str(open.strip_prefix('0').expect("the open packet")).unwrap();
        door.open["sid"].as_str().unwrap().clone_into(&mut door.sid);
        if transport == Transport::Upgrade {
            door.upgrade().await;
        }
        door
    }

    /// Opens a session and enters the namespace; the server's welcome is heard.
    pub async fn enter(client: &Client, transport: Transport) -> Self {
        let mut door = Self::open(client, transport).await;
        door.say("40").await;
        let connected = door.next_packet().await;
        assert!(connected.starts_with("40{\"sid\":"), "{connected}");
        let (name, _) = door.next().await;
        assert_eq!(name, "welcome");
        door
    }

    /// Sends no cookie any more, as the official Python client does after the handshake.
    pub fn forget_cookies(&self) {
        self.client.forget_cookies();
    }

    async fn dial(&self, rest: &str) -> Socket {
        let url = format!("ws://{}{DOOR}&transport=websocket{rest}", self.client.address());
        let mut request = url.into_client_request().unwrap();
        if let Some(cookies) = self.client.cookie_header() {
            request.headers_mut().insert("cookie", cookies.parse().unwrap());
        }
        connect_async(request).await.unwrap().0
    }

    /// Changes over to a WebSocket.
    pub async fn upgrade(&mut self) {
        let mut socket = self.dial(&format!("&sid={}", self.sid)).await;
        socket.send(Frame::text("2probe")).await.unwrap();
        let answer = socket.next().await.unwrap().unwrap();
        assert_eq!(answer.to_text().unwrap(), "3probe");
        // A poll that is under way comes back at once, so that the client may stop polling.
        let packets = self.poll().await;
        self.waiting
            .extend(packets.into_iter().filter(|packet| packet != "6"));
        socket.send(Frame::text("5")).await.unwrap();
        self.socket = Some(socket);
    }

    /// Changes over in a hurry, while a poll waits.
    pub async fn upgrade_while_polling(&mut self) {
        let mut socket = self.dial(&format!("&sid={}", self.sid)).await;
        let hurry = async {
            socket.send(Frame::text("2probe")).await.unwrap();
            socket.next().await.unwrap().unwrap();
            socket.send(Frame::text("5")).await.unwrap();
        };
        let (packets, ()) = futures_util::join!(self.poll(), hurry);
        self.waiting
            .extend(packets.into_iter().filter(|packet| packet != "6"));
        self.socket = Some(socket);
    }

    fn path(&self) -> String {
        match self.sid.as_str() {
            "" => format!("{DOOR}&transport=polling"),
            sid => format!("{DOOR}&transport=polling&sid={sid}"),
        }
    }

    /// One poll, as it is answered.
    pub async fn poll_raw(&self) -> Reply {
        self.client.get(&self.path()).await
    }

    async fn poll(&self) -> Vec<String> {
        let reply = self.poll_raw().await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.text().split('\u{1e}').map(str::to_owned).collect()
    }

    /// Brings a payload by POST.
    pub async fn post_raw(&self, payload: impl Into<reqwest::Body>) -> Reply {
        let request = self.client.request("POST", &self.path()).body(payload);
        self.client.send(request).await
    }

    /// Says packets.
    pub async fn say(&mut self, packet: &str) {
        match &mut self.socket {
            Some(socket) => socket.send(Frame::text(packet)).await.unwrap(),
            None => {
                let reply = self.post_raw(packet.to_owned()).await;
                assert_eq!((reply.status, &*reply.text()), (200, "ok"));
            }
        }
    }

    /// The next packet; pings are answered on the way. None once the session is over.
    pub async fn try_next_packet(&mut self) -> Option<String> {
        loop {
            let packet = match (self.waiting.pop_front(), &mut self.socket) {
                (Some(packet), _) => packet,
                (None, Some(socket)) => {
                    let frame = tokio::time::timeout(PATIENCE, socket.next())
                        .await
                        .expect("a frame in time");
                    match frame {
                        Some(Ok(Frame::Text(text))) => text.to_string(),
                        Some(Ok(Frame::Ping(_) | Frame::Pong(_))) => continue,
                        Some(Ok(_) | Err(_)) | None => return None,
                    }
                }
                (None, None) => {
                    let reply = self.poll_raw().await;
                    if reply.status != 200 {
                        return None;
                    }
                    self.waiting
                        .extend(reply.text().split('\u{1e}').map(str::to_owned));
                    continue;
                }
            };
            match packet.as_str() {
                "1" => return None,
                "2" => self.say("3").await,
                _ => return Some(packet),
            }
        }
    }

    /// The next packet.
    pub async fn next_packet(&mut self) -> String {
        self.try_next_packet().await.expect("the session is alive")
    }

    /// The next event: its name and data.
    pub async fn next(&mut self) -> (String, Value) {
        let packet = self.next_packet().await;
        let Some(text) = packet.strip_prefix("42") else {
            panic!("no event: {packet}")
        };
        let event: Value = serde_json::from_str(text).unwrap();
        (event[0].as_str().unwrap().to_owned(), event[1].clone())
    }

    /// The next event of that name, whatever else comes before.
    pub async fn next_of(&mut self, wanted: &str) -> Value {
        loop {
            let (name, data) = self.next().await;
            if name == wanted {
                return data;
            }
        }
    }

    /// Emits an event.
    pub async fn emit(&mut self, name: &str, data: &Value) {
        self.say(&format!("42{}", json!([name, data]))).await;
    }

    /// Emits an event and waits for its acknowledgement; events that come before are kept.
    pub async fn ask(&mut self, name: &str, data: &Value) -> Value {
        self.asked += 1;
        let (packet, answer) = (
            format!("42{}{}", self.asked, json!([name, data])),
            format!("43{}", self.asked),
        );
        self.say(&packet).await;
        let mut kept = VecDeque::new();
        loop {
            let packet = self.next_packet().await;
            match packet.strip_prefix(&answer) {
                Some(data) => {
                    kept.append(&mut self.waiting);
                    self.waiting = kept;
                    let data: Value = serde_json::from_str(data).unwrap();
                    return data[0].clone();
                }
                None => kept.push_back(packet),
            }
        }
    }

    /// Enters a room, from the beginning or from a number on.
    pub async fn join(&mut self, ticket: TicketId, since: Option<i64>) -> Value {
        let answer = self
            .ask("join", &json!({ "ticket_id": ticket, "since": since }))
            .await;
        assert_eq!(answer["success"], true, "{answer}");
        answer
    }

    /// Waits until the session is over.
    pub async fn ended(&mut self) -> Vec<String> {
        let mut packets = Vec::new();
        while let Some(packet) = self.try_next_packet().await {
            packets.push(packet);
        }
        packets
    }
}
