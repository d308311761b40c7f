//! How a client speaks to each of the servers: the address, the frames, connecting and entering a room.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use tokio::{
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue, protocol::WebSocketConfig},
};

use crate::child::{Hello, Server};

/// A client's connection.
pub type Socket = WebSocketStream<TcpStream>;

const PATIENCE: Duration = Duration::from_secs(30);

/// How frames are spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Plain,
    SocketIo,
}

impl Dialect {
    /// An event with that data.
    pub fn event(self, name: &str, data: &str) -> Message {
        match self {
            Self::Plain => Message::text(format!(r#"{{"event":"{name}","data":{data}}}"#)),
            Self::SocketIo => Message::text(format!(r#"42["{name}",{data}]"#)),
        }
    }

    /// The event's name, or none for a frame that carries no event.
    pub fn name(self, frame: &str) -> Option<&str> {
        let start = match self {
            Self::Plain => r#"{"event":""#,
            Self::SocketIo => r#"42[""#,
        };
        frame.strip_prefix(start)?.split('"').next()
    }
}

/// A server as its clients see it.
#[derive(Clone)]
pub struct Target {
    dialect: Dialect,
    path: &'static str,
    address: std::net::SocketAddr,
    rooms: Vec<(i32, String)>,
    agent: Option<String>,
}

impl Target {
    /// Of a server that speaks like that at this path.
    pub fn new(server: &Server, dialect: Dialect, path: &'static str) -> Self {
        let Hello {
            address,
            rooms,
            agent,
        } = &server.hello;
        Self {
            dialect,
            path,
            address: *address,
            rooms: rooms.clone(),
            agent: agent.clone(),
        }
    }

    /// The same rooms with the agent as every member: one who hears of each message also in his list.
    pub fn of_agents(&self) -> Self {
        let agent = self.agent.clone().unwrap_or_default();
        let rooms = self.rooms.iter().map(|(ticket, _)| (*ticket, agent.clone()));
        Self {
            rooms: rooms.collect(),
            agent: self.agent.clone(),
            ..*self
        }
    }

    /// How it spells frames.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// A room's ticket.
    pub fn ticket(&self, room: usize) -> i32 {
        self.rooms
            .get(room)
            .map_or(room as i32 + 1, |(ticket, _)| *ticket)
    }

    /// A member of a room: connected and let in. The kernel keeps less for one that is `narrow`.
    pub async fn join(&self, room: usize, narrow: bool) -> Result<Socket> {
        let cookie = self.rooms.get(room).map(|(_, cookie)| cookie.as_str());
        let mut socket = self.connect(cookie, narrow).await?;
        let data = format!(r#"{{"ticket_id":{}}}"#, self.ticket(room));
        socket.send(self.dialect.event("join", &data)).await?;
        self.wait_for(&mut socket, |frame| self.dialect.name(frame) == Some("joined"))
            .await?;
        Ok(socket)
    }

    /// An agent who is in no room and hears the lists.
    pub async fn watch(&self) -> Result<Socket> {
        self.connect(self.agent.as_deref(), false).await
    }

    async fn connect(&self, cookie: Option<&str>, narrow: bool) -> Result<Socket> {
        let mut request = format!("ws://{}{}", self.address, self.path).into_client_request()?;
        if let Some(cookie) = cookie {
            request
                .headers_mut()
                .insert("cookie", HeaderValue::from_str(cookie)?);
        }
        let socket = TcpSocket::new_v4()?;
        if narrow {
            socket.set_recv_buffer_size(4096)?;
        }
        let stream = timeout(PATIENCE, socket.connect(self.address)).await??;
        stream.set_nodelay(true)?;
        let config = WebSocketConfig::default().read_buffer_size(8 * 1024);
        let shaking = client_async_with_config(request, stream, Some(config));
        let (mut socket, _) = timeout(PATIENCE, shaking).await??;
        if self.dialect == Dialect::SocketIo {
            self.wait_for(&mut socket, |frame| frame.starts_with('0')).await?;
            socket.send(Message::text("40")).await?;
            self.wait_for(&mut socket, |frame| frame.starts_with("40"))
                .await?;
        }
        Ok(socket)
    }

    async fn wait_for(&self, socket: &mut Socket, wanted: impl Fn(&str) -> bool) -> Result<()> {
        let reading = async {
            loop {
                match socket
                    .next()
                    .await
                    .context("the server closed the connection")??
                {
                    Message::Text(text) if wanted(&text) => return Ok(()),
                    Message::Text(text) if self.dialect.name(&text) == Some("error_message") => {
                        bail!("refused: {text}")
                    }
                    _ => {}
                }
            }
        };
        timeout(PATIENCE, reading).await?
    }
}
