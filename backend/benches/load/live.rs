//! From one agent's `send_message` to another's `new_message`, stored in between.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

use crate::http::Figures;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The next message is not sent before that: a connection that says a thousand things in a second is cut off.
const PACE: Duration = Duration::from_millis(2);
/// Whatever takes longer is not coming.
const PATIENCE: Duration = Duration::from_secs(10);

/// One message under way at a time, for that time.
pub async fn send_to_receive(address: SocketAddr, cookie: &str, time: Duration) -> Result<Figures> {
    let mut sender = join(address, cookie).await?;
    let mut receiver = join(address, cookie).await?;
    let mut figures = Figures::default();
    let started = Instant::now();
    while started.elapsed() < time {
        let sent = Instant::now();
        let frame = json!({ "event": "send_message", "data": { "ticket_id": 1, "content": "收到" } });
        sender.send(Message::text(frame.to_string())).await?;
        wait_for(&mut receiver, "new_message").await?;
        figures.millis.push(sent.elapsed().as_secs_f64() * 1e3);
        wait_for(&mut sender, "new_message").await?;
        tokio::time::sleep(PACE.saturating_sub(sent.elapsed())).await;
    }
    figures.seconds = started.elapsed().as_secs_f64();
    Ok(figures)
}

async fn join(address: SocketAddr, cookie: &str) -> Result<Socket> {
    let mut request = format!("ws://{address}/case/ws").into_client_request()?;
    request
        .headers_mut()
        .insert("cookie", HeaderValue::from_str(cookie)?);
    let (mut socket, _) = connect_async(request).await?;
    let frame = json!({ "event": "join", "data": { "ticket_id": 1 } });
    socket.send(Message::text(frame.to_string())).await?;
    wait_for(&mut socket, "joined").await?;
    Ok(socket)
}

async fn wait_for(socket: &mut Socket, event: &str) -> Result<()> {
    loop {
        let message = tokio::time::timeout(PATIENCE, socket.next()).await;
        let message = message
            .with_context(|| format!("no `{event}` came"))?
            .context("the socket ended")??;
        let Message::Text(text) = message else { continue };
        let value: Value = serde_json::from_str(&text)?;
        if value.get("event").and_then(Value::as_str) == Some(event) {
            return Ok(());
        }
    }
}
