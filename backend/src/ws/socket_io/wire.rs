//! The Socket.IO codec behind the connection loop: entering the namespace first, then events and answers.

use std::time::Duration;

use actix_web::web::Bytes;
use bytestring::ByteString;
use serde_json::Value;
use shared::ErrorCode;
use tokio::sync::mpsc::{Receiver, Sender};

use super::{
    super::{
        connection,
        wire::{CloseCode, Gone, Heard, Wire},
    },
    engine::{Incoming, Outgoing, Place},
    packet::{self, Reader, Said},
};
use crate::{
    app::{hub::Frame, metrics::Door},
    domain::actor::Actor,
    request::Cx,
};

/// How long a client may take to enter the namespace.
const ENTRY: Duration = Duration::from_secs(10);
/// How long the last words wait to be fetched.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Lets the client into the namespace, then serves it like any other.
pub(super) async fn serve(cx: Cx, mut wire: SocketIoWire, mut place: Place) {
    let outgoing = wire.outgoing.clone();
    match tokio::time::timeout(ENTRY, wire.enter(&cx)).await {
        Ok(Ok(())) => {
            let sid = place.settle();
            if wire.put(packet::connected(sid)).await.is_ok() {
                connection::run(cx, wire).await;
            }
        }
        Ok(Err(Gone)) | Err(_) => wire.close(CloseCode::Normal).await,
    }
    // A client that polls fetches the last words later.
    let _ = tokio::time::timeout(LAST_WORDS, fetched(&outgoing)).await;
}

async fn fetched(outgoing: &Sender<Outgoing>) {
    while outgoing.capacity() < outgoing.max_capacity() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// One client of Socket.IO, whatever transport carries for it.
pub(super) struct SocketIoWire {
    incoming: Receiver<Incoming>,
    outgoing: Sender<Outgoing>,
    reader: Reader,
}

impl SocketIoWire {
    pub(super) fn new(incoming: Receiver<Incoming>, outgoing: Sender<Outgoing>) -> Self {
        Self {
            incoming,
            outgoing,
            reader: Reader::default(),
        }
    }

    /// Waits until the client asks to be let in; nobody without a session is.
    async fn enter(&mut self, cx: &Cx) -> Result<(), Gone> {
        loop {
            let Some(Incoming::Message(text)) = self.incoming.recv().await else {
                return Err(Gone);
            };
            match self.reader.read(text) {
                Said::Connect if cx.actor == Actor::Nobody => {
                    self.put(packet::refused(ErrorCode::Unauthenticated, cx.lang))
                        .await?;
                    return Err(Gone);
                }
                Said::Connect => return Ok(()),
                Said::ConnectElsewhere(namespace) => self.put(packet::refused_elsewhere(&namespace)).await?,
                Said::Disconnect | Said::Event { .. } | Said::Nonsense => return Err(Gone),
            }
        }
    }

    async fn put(&self, packet: impl Into<ByteString>) -> Result<(), Gone> {
        let packet = Outgoing::Packet(packet.into());
        self.outgoing.send(packet).await.map_err(|_| Gone)
    }
}

impl Wire for SocketIoWire {
    const DOOR: Door = Door::SocketIo;

    async fn hear(&mut self) -> Heard {
        let text = match self.incoming.recv().await {
            Some(Incoming::Message(text)) => text,
            Some(Incoming::Pong) => return Heard::Alive,
            Some(Incoming::Flood) => return Heard::Flood,
            Some(Incoming::Broken(code)) => return Heard::Broken(code),
            Some(Incoming::Gone) | None => return Heard::Gone,
        };
        match self.reader.read(text) {
            Said::Event { id, event } => Heard::Said { id, event },
            Said::ConnectElsewhere(namespace) => {
                Heard::Protocol(packet::refused_elsewhere(&namespace).into())
            }
            Said::Disconnect => Heard::Gone,
            Said::Connect | Said::Nonsense => Heard::Broken(CloseCode::Protocol),
        }
    }

    async fn say(&mut self, frame: &Frame) -> Result<(), Gone> {
        for packet in frame.packets() {
            self.put(packet.clone()).await?;
        }
        Ok(())
    }

    async fn acknowledge(&mut self, id: u64, data: &Value) -> Result<(), Gone> {
        self.put(packet::acknowledged(id, data)).await
    }

    async fn answer(&mut self, answer: Bytes) -> Result<(), Gone> {
        let packet = ByteString::try_from(answer).map_err(|_| Gone)?;
        self.put(packet).await
    }

    async fn ping(&mut self) -> Result<(), Gone> {
        self.put(packet::PING).await
    }

    async fn close(&mut self, code: CloseCode) {
        // The official client comes back by itself unless it is told that it is out.
        if code == CloseCode::Policy && self.put(packet::DISCONNECTED).await.is_err() {
            return;
        }
        drop(self.outgoing.send(Outgoing::Close(code)).await);
    }
}
