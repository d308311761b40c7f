//! The live connection: rooms, list events, and how the connection is doing. The socket itself is in `socket.rs`.

mod backoff;
mod frame;
mod socket;

use std::rc::Rc;

use leptos::prelude::*;
use shared::{
    TicketId,
    live::{ClientEvent, Join, Room, ServerEvent},
};

use socket::Socket;

use crate::reactive::{RwSignal, StoredValue};

/// How the connection is doing, as the strip shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Health {
    /// Connected, or not wanted.
    Fine,
    /// Trouble for more than 2 seconds.
    Reconnecting,
    /// Trouble for more than 30 seconds, or the browser says there is no network.
    Offline,
    /// Back again, for 2 seconds.
    Restored,
}

type Heard = Rc<dyn Fn(&ServerEvent)>;

/// Somebody in a ticket's room.
#[derive(Clone)]
struct Member {
    key: u32,
    ticket: TicketId,
    since: Rc<dyn Fn() -> i64>,
    heard: Heard,
}

/// Who listens to what.
#[derive(Default)]
struct Listeners {
    next: u32,
    members: Vec<Member>,
    others: Vec<(u32, Heard)>,
}

/// The live connection of this tab.
#[derive(Clone, Copy)]
pub(crate) struct Live {
    socket: Socket,
    listeners: StoredValue<Listeners>,
    queued: RwSignal<usize>,
}

/// Makes `use_live` work below.
pub(crate) fn provide_live() -> Live {
    let live = Live {
        socket: Socket::new(),
        listeners: StoredValue::new(Listeners::default()),
        queued: RwSignal::new(0),
    };
    live.socket.on_up(Rc::new(move || live.rejoin_all()));
    live.socket.on_event(Rc::new(move |event| live.spread(event)));
    provide_context(live);
    live
}

/// The live connection of this tab.
pub(crate) fn use_live() -> Live {
    expect_context()
}

impl Live {
    /// Connects and stays connected.
    pub(crate) fn start(self) {
        self.socket.start();
    }

    /// Disconnects and stays so.
    pub(crate) fn stop(self) {
        self.socket.stop();
    }

    /// How the connection is doing.
    pub(crate) const fn health(self) -> RwSignal<Health> {
        self.socket.health()
    }

    /// Is it connected right now?
    pub(crate) fn is_up(self) -> bool {
        self.socket.is_up()
    }

    /// Tries again at once.
    pub(crate) fn retry(self) {
        self.socket.retry();
    }

    /// How many messages wait to go out; the composer sets it, the strip shows it.
    pub(crate) const fn queued(self) -> RwSignal<usize> {
        self.queued
    }

    /// Called when a connection failed to come up, with the number of failures in a row: time to ask over HTTP
    /// whether the session still lives.
    pub(crate) fn on_refused(self, refused: impl Fn(u32) + 'static) {
        self.socket.on_refused(Rc::new(refused));
    }

    /// Enters a ticket's room until the calling component is gone. `since` tells the last sequence number known
    /// whenever the room is entered (again), `heard` gets the ticket's events in order, `joined` included.
    pub(crate) fn join(
        self,
        ticket: TicketId,
        since: impl Fn() -> i64 + 'static,
        heard: impl Fn(&ServerEvent) + 'static,
    ) {
        let Some(key) = self.fresh_key() else { return };
        let member = Member {
            key,
            ticket,
            since: Rc::new(since),
            heard: Rc::new(heard),
        };
        let ask = join_of(&member);
        self.listeners.update_value(|all| all.members.push(member));
        self.socket.say(&ask);
        on_cleanup(move || self.leave(key, ticket));
    }

    /// A gap in the sequence: hears again what came after `since`.
    pub(crate) fn rejoin(self, ticket: TicketId) {
        for ask in self.joins().into_iter().filter(|(known, _)| *known == ticket) {
            self.socket.say(&ask.1);
        }
    }

    /// Hears every event (for lists: `ticket_created`, `ticket_updated`) until the calling component is gone. After each
    /// `welcome` it has to ask anew: what happened while there was no connection is told to nobody.
    pub(crate) fn listen(self, heard: impl Fn(&ServerEvent) + 'static) {
        let Some(key) = self.fresh_key() else { return };
        self.listeners
            .update_value(|all| all.others.push((key, Rc::new(heard))));
        on_cleanup(move || {
            self.listeners
                .try_update_value(|all| all.others.retain(|(known, _)| *known != key));
        });
    }

    /// Says something without waiting: `typing`, `read`. Lost when there is no connection.
    pub(crate) fn say(self, event: &ClientEvent) {
        self.socket.say(event);
    }

    fn fresh_key(self) -> Option<u32> {
        self.listeners.try_update_value(|all| {
            all.next = all.next.wrapping_add(1);
            all.next
        })
    }

    fn leave(self, key: u32, ticket: TicketId) {
        let alone = self.listeners.try_update_value(|all| {
            all.members.retain(|member| member.key != key);
            all.members.iter().all(|member| member.ticket != ticket)
        });
        if alone == Some(true) {
            self.socket.say(&ClientEvent::Leave(Room { ticket_id: ticket }));
        }
    }

    fn joins(self) -> Vec<(TicketId, ClientEvent)> {
        let members = self.listeners.with_value(|all| all.members.clone());
        members
            .iter()
            .map(|member| (member.ticket, join_of(member)))
            .collect()
    }

    fn rejoin_all(self) {
        for (_, ask) in self.joins() {
            self.socket.say(&ask);
        }
    }

    fn spread(self, event: &ServerEvent) {
        let room = room_of(event);
        // Cloned out first: a listener may join or leave.
        let (members, others) = self
            .listeners
            .with_value(|all| (all.members.clone(), all.others.clone()));
        for member in members.iter().filter(|member| Some(member.ticket) == room) {
            (member.heard)(event);
        }
        for (_, heard) in &others {
            heard(event);
        }
    }
}

fn join_of(member: &Member) -> ClientEvent {
    ClientEvent::Join(Join {
        ticket_id: member.ticket,
        since: Some((member.since)()),
    })
}

/// The room an event belongs to.
fn room_of(event: &ServerEvent) -> Option<TicketId> {
    match event {
        ServerEvent::Joined(joined) => Some(joined.ticket_id),
        ServerEvent::Left(room) => Some(room.ticket_id),
        ServerEvent::Typing(news) => Some(news.ticket_id),
        ServerEvent::Presence(news) => Some(news.ticket_id),
        ServerEvent::Read(news) => Some(news.ticket_id),
        ServerEvent::Unread(news) => Some(news.ticket_id),
        ServerEvent::TicketCreated(news) | ServerEvent::TicketUpdated(news) => Some(news.ticket.id),
        ServerEvent::NewMessage(_)
        | ServerEvent::StatusChanged(_)
        | ServerEvent::Assigned(_)
        | ServerEvent::PriorityChanged(_) => event.durable().map(|(ticket, _, _)| ticket),
        ServerEvent::Welcome(_)
        | ServerEvent::Pong(_)
        | ServerEvent::Resync(_)
        | ServerEvent::ErrorMessage(_) => None,
    }
}
