//! Engine.IO sessions: a connection loop at one end, and whichever transport carries for it at the other.

use std::{
    collections::{HashMap, hash_map::Entry},
    mem::discriminant,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytestring::ByteString;
use engineioxide_core::{OpenPacket, Packet, Sid, Str, TransportType};
use shared::{TicketId, UserId};
use tokio::sync::{mpsc, watch};

use super::{super::wire::CloseCode, super::wire::MAX_FRAME, wire};
use crate::{
    app::App,
    domain::actor::Actor,
    error::{Error, Result},
    request::Cx,
};

/// How many packets may wait in either direction; the rest waits in the hub's queue, which is bounded in bytes.
const WAITING: usize = 8;

/// Which transport carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Polling,
    /// A WebSocket has knocked: pending polls come back at once, so that the client can change over.
    Probing,
    WebSocket,
}

/// From the client to the loop.
pub(super) enum Incoming {
    Message(Str),
    Pong,
    Flood,
    Broken(CloseCode),
    Gone,
}

/// From the loop to the client.
pub(super) enum Outgoing {
    Packet(ByteString),
    Close(CloseCode),
}

/// One session.
pub(super) struct Engine {
    /// The hash of the token that opened it; no later request may carry another.
    pub(super) owner: Option<String>,
    pub(super) incoming: mpsc::Sender<Incoming>,
    /// Whoever holds this lock carries.
    pub(super) outgoing: tokio::sync::Mutex<mpsc::Receiver<Outgoing>>,
    pub(super) stage: watch::Sender<Stage>,
    open: OpenPacket,
}

impl Engine {
    /// The first packet: the session's number and how it is kept alive.
    pub(super) fn open_packet(&self) -> String {
        Packet::Open(self.open.clone()).into()
    }

    /// Hands something to the loop; false when it has ended.
    pub(super) async fn hand_in(&self, incoming: Incoming) -> bool {
        self.incoming.send(incoming).await.is_ok()
    }
}

/// What a packet means to the loop.
pub(super) fn read(packet: impl Into<Str>) -> Incoming {
    match Packet::parse(engineioxide_core::ProtocolVersion::V4, packet) {
        Ok(Packet::Message(text)) => Incoming::Message(text),
        Ok(Packet::Pong) => Incoming::Pong,
        Ok(Packet::Close) => Incoming::Gone,
        Ok(Packet::Binary(_)) => Incoming::Broken(CloseCode::Unsupported),
        Ok(_) | Err(_) => Incoming::Broken(CloseCode::Protocol),
    }
}

/// All sessions of this server.
#[derive(Clone, Default)]
pub struct Engines(Arc<Mutex<Table>>);

#[derive(Default)]
struct Table {
    sessions: HashMap<Sid, Arc<Engine>>,
    /// How many sessions of each are open without having entered the namespace.
    newcomers: HashMap<Newcomer, usize>,
}

/// Whose a session is that has not entered the namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Newcomer {
    /// Somebody nobody knows, who will be refused there.
    Stranger,
    Guest(TicketId),
    Account(UserId),
}

impl Newcomer {
    fn of(actor: &Actor) -> Self {
        match actor {
            Actor::Nobody => Self::Stranger,
            Actor::Guest(ticket) => Self::Guest(*ticket),
            Actor::Account(account) => Self::Account(account.id),
        }
    }

    /// How many there may be of this one, and how many of its kind: none takes the places of the others.
    fn limits(self) -> (usize, usize) {
        match self {
            Self::Stranger => (256, 256),
            Self::Guest(_) => (8, 256),
            Self::Account(_) => (256, 1024),
        }
    }
}

impl Table {
    /// Gives one more a place, if there is one.
    fn admit(&mut self, newcomer: Newcomer) -> bool {
        let kind = discriminant(&newcomer);
        let of_kind = self
            .newcomers
            .iter()
            .filter(|(other, _)| discriminant(*other) == kind);
        let all: usize = of_kind.map(|(_, count)| count).sum();
        let own = self.newcomers.get(&newcomer).copied().unwrap_or_default();
        let (most, most_of_kind) = newcomer.limits();
        let is_free = own < most && all < most_of_kind;
        if is_free {
            self.newcomers.insert(newcomer, own + 1);
        }
        is_free
    }

    /// It is none any more.
    fn settle(&mut self, newcomer: Newcomer) {
        if let Entry::Occupied(mut place) = self.newcomers.entry(newcomer) {
            *place.get_mut() -= 1;
            if *place.get() == 0 {
                place.remove();
            }
        }
    }
}

impl Engines {
    fn lock(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn find(&self, sid: &str) -> Option<Arc<Engine>> {
        let sid: Sid = sid.parse().ok()?;
        self.lock().sessions.get(&sid).cloned()
    }

    /// Opens a session and starts its loop.
    pub(super) fn open(&self, cx: Cx) -> Result<Arc<Engine>> {
        let (incoming, heard) = mpsc::channel(WAITING);
        let (said, outgoing) = mpsc::channel(WAITING);
        let sid = Sid::new();
        let engine = Arc::new(Engine {
            owner: cx.token_hash(),
            incoming,
            outgoing: tokio::sync::Mutex::new(outgoing),
            stage: watch::Sender::new(Stage::Polling),
            open: open_packet(&cx.app, sid),
        });
        let newcomer = Newcomer::of(&cx.actor);
        let mut table = self.lock();
        if !table.admit(newcomer) {
            return Err(Error::busy());
        }
        table.sessions.insert(sid, Arc::clone(&engine));
        drop(table);
        let place = Place {
            engines: self.clone(),
            sid,
            newcomer: Some(newcomer),
        };
        actix_web::rt::spawn(wire::serve(cx, wire::SocketIoWire::new(heard, said), place));
        Ok(engine)
    }
}

fn open_packet(app: &App, sid: Sid) -> OpenPacket {
    let live = &app.config().live;
    OpenPacket {
        sid,
        upgrades: std::iter::once(TransportType::Websocket).collect(),
        ping_interval: live.ping_interval,
        ping_timeout: live.ping_timeout,
        max_payload: MAX_FRAME as u64,
    }
}

/// A session's place in the table, for as long as its loop runs.
pub(super) struct Place {
    engines: Engines,
    sid: Sid,
    /// None once it has entered the namespace.
    newcomer: Option<Newcomer>,
}

impl Place {
    /// It has entered the namespace, under this number.
    pub(super) fn settle(&mut self) -> Sid {
        if let Some(newcomer) = self.newcomer.take() {
            self.engines.lock().settle(newcomer);
        }
        self.sid
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let sid = self.settle();
        self.engines.lock().sessions.remove(&sid);
    }
}
