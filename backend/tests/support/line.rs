//! A line to a server through any of the doors, whose end is no surprise: only what goes over it and how differs.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    sync::mpsc,
    task::{JoinHandle, spawn_local},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message as Frame, client::IntoClientRequest},
};

use super::{Client, socket_io::DOOR};

/// Between the packets of one long poll.
const BETWEEN: char = '\u{1e}';
/// Longer than the server lets a poll wait.
const PATIENCE: Duration = Duration::from_secs(40);

/// The way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    Plain,
    SocketIo,
    Polling,
}

/// One connection. Whoever drops it is gone without a word.
pub enum Line {
    Plain(Socket),
    SocketIo(Socket),
    Polling(Polling),
}

type Socket = Box<WebSocketStream<MaybeTlsStream<TcpStream>>>;

/// A session that asks again and again.
pub struct Polling {
    who: Client,
    url: String,
    packets: mpsc::Receiver<String>,
    asking: JoinHandle<()>,
}

impl Drop for Polling {
    fn drop(&mut self) {
        self.asking.abort();
    }
}

impl Line {
    /// Comes in, unless the server cannot be reached. What is heard first is the welcome, unless the server wants nobody at the moment.
    pub async fn open(who: &Client, door: Door) -> Option<Self> {
        Some(match door {
            Door::Plain => Self::Plain(dial(who, "/case/ws").await?),
            Door::SocketIo => {
                let mut socket = dial(who, &format!("{DOOR}&transport=websocket")).await?;
                socket.next().await?.ok()?;
                socket.send(Frame::text("40")).await.ok()?;
                Self::SocketIo(socket)
            }
            Door::Polling => Self::Polling(Polling::open(who).await?),
        })
    }

    /// The next event, as the plain door would tell it; none once the line has ended.
    pub async fn next(&mut self) -> Option<Value> {
        loop {
            let packet = self.packet().await?;
            if let Self::Plain(_) = self {
                return Some(serde_json::from_str(&packet).unwrap());
            }
            if packet == "2" {
                self.send("3".into()).await?;
            } else if let Some(event) = packet.strip_prefix("42") {
                let event: Value = serde_json::from_str(event).unwrap();
                return Some(json!({ "event": event[0], "data": event[1] }));
            }
        }
    }

    /// Says something.
    pub async fn say(&mut self, name: &str, data: &Value) -> Option<()> {
        let text = match self {
            Self::Plain(_) => json!({ "event": name, "data": data }).to_string(),
            Self::SocketIo(_) | Self::Polling(_) => format!("42{}", json!([name, data])),
        };
        self.send(text).await
    }

    async fn packet(&mut self) -> Option<String> {
        match self {
            Self::Plain(socket) | Self::SocketIo(socket) => loop {
                if let Frame::Text(text) = socket.next().await?.ok()? {
                    return Some(text.as_str().to_owned());
                }
            },
            Self::Polling(polling) => polling.packets.recv().await,
        }
    }

    async fn send(&mut self, packet: String) -> Option<()> {
        match self {
            Self::Plain(socket) | Self::SocketIo(socket) => socket.send(Frame::text(packet)).await.ok(),
            Self::Polling(polling) => {
                let post = polling.who.request("POST", &polling.url).body(packet);
                let answer = post.send().await.ok()?;
                answer.status().is_success().then_some(())
            }
        }
    }
}

async fn dial(who: &Client, path: &str) -> Option<Socket> {
    let mut request = format!("ws://{}{path}", who.address())
        .into_client_request()
        .ok()?;
    let cookie = who.cookie_header()?.parse().ok()?;
    request.headers_mut().insert("cookie", cookie);
    Some(Box::new(connect_async(request).await.ok()?.0))
}

impl Polling {
    async fn open(who: &Client) -> Option<Self> {
        let who = who.copy();
        let door = format!("{DOOR}&transport=polling");
        let opened = who.request("GET", &door).send().await.ok()?;
        let opened = opened.error_for_status().ok()?.text().await.ok()?;
        let opened: Value = serde_json::from_str(opened.strip_prefix('0')?).unwrap();
        let url = format!("{door}&sid={}", opened["sid"].as_str()?);
        let entered = who.request("POST", &url).body("40").send().await.ok()?;
        entered.error_for_status().ok()?;
        let (heard, packets) = mpsc::channel(1);
        let asking = spawn_local(ask(who.copy(), url.clone(), heard));
        Some(Self {
            who,
            url,
            packets,
            asking,
        })
    }
}

/// Asks until the session has ended.
async fn ask(who: Client, url: String, heard: mpsc::Sender<String>) {
    loop {
        let Ok(answer) = who.request("GET", &url).timeout(PATIENCE).send().await else {
            return;
        };
        let Ok(answer) = answer.error_for_status() else {
            return;
        };
        let Ok(body) = answer.text().await else {
            return;
        };
        for packet in body.split(BETWEEN) {
            if heard.send(packet.to_owned()).await.is_err() {
                return;
            }
        }
    }
}
