//! The live connection: rooms, list events, and how the connection is doing. The socket itself is in `socket.rs`.

mod frame;
mod pulse;
mod rooms;
mod socket;

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use shared::{
    TicketId,
    live::{ClientEvent, Join, Room, ServerEvent},
};

use frame::Answer;
use rooms::Rooms;
use socket::Socket;

use crate::{
    backoff,
    reactive::{RwSignal, StoredValue},
};

/// A join that is not answered within this has come to nothing.
const ANSWER_MS: u32 = 10_000;

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
    rooms: StoredValue<Rooms>,
    /// It has been kept out of a room for longer than a moment.
    kept_out: RwSignal<bool>,
    queued: RwSignal<usize>,
}

/// Makes `use_live` work below.
pub(crate) fn provide_live() -> Live {
    let live = Live {
        socket: Socket::new(),
        listeners: StoredValue::new(Listeners::default()),
        rooms: StoredValue::new(Rooms::default()),
        kept_out: RwSignal::new(false),
        queued: RwSignal::new(0),
    };
    live.socket.on_up(Rc::new(move || live.rejoin_all()));
    live.socket.on_event(Rc::new(move |event| live.spread(event)));
    live.socket
        .on_answer(Rc::new(move |answer| live.answered(answer)));
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

    /// How the connection is doing. Tracked.
    pub(crate) fn health(self) -> Health {
        match self.socket.health().get() {
            Health::Fine | Health::Restored if self.kept_out.get() => Health::Reconnecting,
            health => health,
        }
    }

    /// Does it hear right now what happens in a ticket's room?
    pub(crate) fn is_in(self, ticket: TicketId) -> bool {
        self.socket.is_up() && self.rooms.with_value(|rooms| rooms.is_in(ticket))
    }

    /// Tries again at once.
    pub(crate) fn retry(self) {
        self.socket.retry();
        for ticket in self.rooms.with_value(Rooms::waiting) {
            self.enter(ticket);
        }
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
        self.listeners.update_value(|all| all.members.push(member));
        self.enter(ticket);
        on_cleanup(move || self.leave(key, ticket));
    }

    /// A gap in the sequence: hears again what came after `since`. A join that is on its way will bring it anyhow.
    pub(crate) fn rejoin(self, ticket: TicketId) {
        if self.is_in(ticket) {
            self.enter(ticket);
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
        self.socket.say(event, None);
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
            self.change_rooms(|rooms| rooms.leave(ticket));
            self.socket
                .say(&ClientEvent::Leave(Room { ticket_id: ticket }), None);
        }
    }

    /// Asks to be let into a room. Without a connection that waits until there is one.
    fn enter(self, ticket: TicketId) {
        let Some(since) = self.since(ticket).filter(|_| self.socket.is_up()) else {
            return;
        };
        let Some(id) = self.change_rooms(|rooms| rooms.ask(ticket)) else {
            return;
        };
        let join = Join {
            ticket_id: ticket,
            since: Some(since),
        };
        self.socket.say(&ClientEvent::Join(join), Some(id));
        let overdue = move || {
            let failures = self.change_rooms(|rooms| rooms.overdue(id));
            self.enter_later(id, failures.flatten());
        };
        let _ = Timeout::new(ANSWER_MS, overdue).forget();
    }

    /// Everything about rooms goes through here, so that the page knows how they stand.
    fn change_rooms<T>(self, change: impl FnOnce(&mut Rooms) -> T) -> Option<T> {
        let changed = self
            .rooms
            .try_update_value(|rooms| (change(rooms), rooms.is_kept_out()));
        let (value, kept_out) = changed?;
        if self.kept_out.try_get_untracked() == Some(!kept_out) {
            self.kept_out.try_set(kept_out);
        }
        Some(value)
    }

    /// What everybody in a room knows already, if there is anybody.
    fn since(self, ticket: TicketId) -> Option<i64> {
        let members = self.listeners.try_with_value(|all| all.members.clone())?;
        let here = members.iter().filter(|member| member.ticket == ticket);
        here.map(|member| (member.since)()).min()
    }

    fn answered(self, answer: Answer) {
        let failures = self.change_rooms(|rooms| rooms.answered(answer));
        self.enter_later(answer.id, failures.flatten());
    }

    /// A join came to nothing, after so many others: asks again after a while, if that may help.
    fn enter_later(self, id: u32, failures: Option<u32>) {
        let Some(failures) = failures else { return };
        let wait = backoff::ASK.wait_ms(failures, js_sys::Math::random());
        let again = move || {
            let due = self.rooms.try_with_value(|rooms| rooms.due(id));
            if let Some(ticket) = due.flatten() {
                self.enter(ticket);
            }
        };
        let _ = Timeout::new(wait, again).forget();
    }

    /// A new connection is in no room yet.
    fn rejoin_all(self) {
        self.change_rooms(Rooms::leave_all);
        let members = self.listeners.with_value(|all| all.members.clone());
        for member in members {
            self.enter(member.ticket);
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

/// The room an event belongs to.
fn room_of(event: &ServerEvent) -> Option<TicketId> {
    match event {
        ServerEvent::Joined(joined) => Some(joined.ticket_id),
        ServerEvent::Left(room) => Some(room.ticket_id),
        ServerEvent::AttachmentsChanged(news) => Some(news.ticket_id),
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
        | ServerEvent::NotificationsRead(_)
        | ServerEvent::Pong(_)
        | ServerEvent::Resync(_)
        | ServerEvent::ErrorMessage(_) => None,
    }
}
