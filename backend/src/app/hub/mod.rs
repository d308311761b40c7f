//! The hub: who is connected, who is in which room, and how an event reaches them. Never waits for anybody.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytestring::ByteString;
use shared::{TicketId, UserId, live::ServerEvent};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::domain::{
    actor::Actor,
    events::{Audience, Envelope},
};

/// How many frames may wait for a connection; one more and it is cut, to catch up by `since`.
const OUTBOX: usize = 256;

/// A connection's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ConnectionId(u64);

/// Something for a connection. A frame's text is made once and shared.
#[derive(Debug, Clone)]
pub enum Outgoing {
    /// A durable event of a room, with its number in the receiver's numbering.
    Durable {
        ticket: TicketId,
        seq: i64,
        text: ByteString,
    },
    /// Anything else.
    Plain(ByteString),
    /// Prove again who you are.
    Recheck,
    /// The server stops: come back in a moment.
    Goodbye,
}

struct Member {
    outbox: Sender<Outgoing>,
    staff: bool,
    account: Option<UserId>,
    rooms: HashSet<TicketId>,
}

#[derive(Default)]
struct State {
    next: u64,
    members: HashMap<ConnectionId, Member>,
    rooms: HashMap<TicketId, HashSet<ConnectionId>>,
}

/// The hub's handle.
#[derive(Clone, Default)]
pub struct Hub(Arc<Mutex<State>>);

/// The text of a frame.
pub fn frame(event: &ServerEvent) -> ByteString {
    match serde_json::to_string(event) {
        Ok(text) => text.into(),
        Err(error) => {
            tracing::error!(%error, "an event could not be serialised");
            ByteString::new()
        }
    }
}

impl Hub {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new connection of that actor.
    pub fn connect(&self, actor: &Actor) -> (ConnectionId, Receiver<Outgoing>) {
        let (outbox, inbox) = channel(OUTBOX);
        let mut state = self.lock();
        state.next += 1;
        let id = ConnectionId(state.next);
        let member = Member {
            outbox,
            staff: actor.is_staff(),
            account: actor.account().map(|account| account.id),
            rooms: HashSet::new(),
        };
        state.members.insert(id, member);
        (id, inbox)
    }

    /// The connection is gone.
    pub fn disconnect(&self, id: ConnectionId) {
        self.lock().remove(id);
    }

    /// The connection hears a room from now on. Access was checked by the caller.
    pub fn join(&self, id: ConnectionId, ticket: TicketId) {
        let mut state = self.lock();
        if let Some(member) = state.members.get_mut(&id) {
            member.rooms.insert(ticket);
            state.rooms.entry(ticket).or_default().insert(id);
        }
    }

    /// The connection hears a room no longer.
    pub fn leave(&self, id: ConnectionId, ticket: TicketId) {
        self.lock().leave(id, ticket);
    }

    /// Hands committed events to whoever may hear them.
    pub fn publish(&self, events: &[Envelope]) {
        let mut state = self.lock();
        for event in events {
            state.publish(event);
        }
    }

    /// Hands something fleeting to a room, except to the connection it came from.
    pub fn whisper(&self, from: ConnectionId, ticket: TicketId, event: &ServerEvent) {
        let text = frame(event);
        let mut state = self.lock();
        let others: Vec<_> = state.room(ticket).into_iter().filter(|id| *id != from).collect();
        state.send(
            others
                .into_iter()
                .map(|id| (id, Outgoing::Plain(text.clone())))
                .collect(),
        );
    }

    /// Every connection must prove again who it is.
    pub fn recheck_all(&self) {
        self.send_all(&Outgoing::Recheck);
    }

    /// The server stops.
    pub fn say_goodbye(&self) {
        self.send_all(&Outgoing::Goodbye);
    }

    fn send_all(&self, outgoing: &Outgoing) {
        let mut state = self.lock();
        let all = state.members.keys().map(|id| (*id, outgoing.clone())).collect();
        state.send(all);
    }

    /// How many connections there are.
    pub fn connections(&self) -> usize {
        self.lock().members.len()
    }
}

impl State {
    fn room(&self, ticket: TicketId) -> Vec<ConnectionId> {
        self.rooms
            .get(&ticket)
            .map(|room| room.iter().copied().collect())
            .unwrap_or_default()
    }

    fn publish(&mut self, event: &Envelope) {
        let staff = Shared::new(&event.staff);
        let customer = event.customer.as_ref().map(Shared::new);
        let receivers: Vec<ConnectionId> = match event.audience {
            Audience::Room(ticket) => self.room(ticket),
            Audience::Lists { owner } => {
                let hears = |member: &Member| member.staff || (owner.is_some() && member.account == owner);
                self.members
                    .iter()
                    .filter(|(_, member)| hears(member))
                    .map(|(id, _)| *id)
                    .collect()
            }
        };
        let form = |id: &ConnectionId| {
            let staff_member = self.members.get(id)?.staff;
            let shared = if staff_member {
                Some(&staff)
            } else {
                customer.as_ref()
            };
            shared.map(|shared| (*id, shared.outgoing()))
        };
        let frames = receivers.iter().filter_map(form).collect();
        self.send(frames);
    }

    /// A full outbox cuts the connection: its receiver ends, and the client comes back with `since`.
    fn send(&mut self, frames: Vec<(ConnectionId, Outgoing)>) {
        for (id, outgoing) in frames {
            let Some(member) = self.members.get(&id) else {
                continue;
            };
            if member.outbox.try_send(outgoing).is_err() {
                tracing::info!(connection = id.0, "a connection cannot keep up and is cut");
                self.remove(id);
            }
        }
    }

    fn remove(&mut self, id: ConnectionId) {
        let Some(member) = self.members.remove(&id) else {
            return;
        };
        for ticket in member.rooms {
            self.leave(id, ticket);
        }
    }

    fn leave(&mut self, id: ConnectionId, ticket: TicketId) {
        if let Some(member) = self.members.get_mut(&id) {
            member.rooms.remove(&ticket);
        }
        if let Some(room) = self.rooms.get_mut(&ticket) {
            room.remove(&id);
            if room.is_empty() {
                self.rooms.remove(&ticket);
            }
        }
    }
}

/// One side's form of an event, serialised once.
struct Shared {
    durable: Option<(TicketId, i64)>,
    text: ByteString,
}

impl Shared {
    fn new(event: &ServerEvent) -> Self {
        Self {
            durable: event.durable().map(|(ticket, seq, _)| (ticket, seq)),
            text: frame(event),
        }
    }

    fn outgoing(&self) -> Outgoing {
        match self.durable {
            Some((ticket, seq)) => Outgoing::Durable {
                ticket,
                seq,
                text: self.text.clone(),
            },
            None => Outgoing::Plain(self.text.clone()),
        }
    }
}
