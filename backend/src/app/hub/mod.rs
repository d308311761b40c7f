//! The hub: who is connected, who is in which room, and how an event reaches them. Never waits for anybody.

mod frame;
mod lists;
mod outbox;
mod presence;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use shared::{TicketId, UserId};
use tokio::sync::Notify;

pub use self::{
    frame::Frame,
    outbox::{Inbox, Outgoing},
};
use crate::domain::{
    actor::Actor,
    events::{Audience, Envelope},
};

/// A connection's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ConnectionId(u64);

struct Member {
    outbox: outbox::Outbox,
    staff: bool,
    account: Option<UserId>,
    rooms: HashSet<TicketId>,
}

#[derive(Default)]
struct State {
    next: u64,
    members: HashMap<ConnectionId, Member>,
    /// The agents among them, who hear of every ticket: a message must not look through everybody.
    staff: HashSet<ConnectionId>,
    /// The connections of each account.
    accounts: HashMap<UserId, HashSet<ConnectionId>>,
    rooms: HashMap<TicketId, Room>,
    /// The rooms whose people have changed since they were last told of.
    stirred: HashSet<TicketId>,
    gathered: lists::Gathered,
}

/// Who is in a ticket's room.
#[derive(Default)]
struct Room {
    seats: HashMap<ConnectionId, presence::Seat>,
    /// The number of the agents' up to which all was told here: what the other servers did after it is to be told again.
    told: Option<i64>,
    /// How far each side was told that the other has read, in its own numbering.
    read: ReadTold,
}

#[derive(Default)]
struct ReadTold {
    staff: Option<i64>,
    customer: Option<i64>,
}

impl Room {
    /// Is that news to a side? How far the other one has read is told once: again and again, it would show customers
    /// that an agent has looked at a note.
    fn takes(&mut self, frame: &Frame, staff: bool) -> bool {
        let Some(seq) = frame.read() else { return true };
        let told = self.read.of(staff);
        let is_news = told.is_none_or(|told| seq > told);
        if is_news {
            *told = Some(seq);
        }
        is_news
    }
}

impl ReadTold {
    fn of(&mut self, staff: bool) -> &mut Option<i64> {
        if staff {
            &mut self.staff
        } else {
            &mut self.customer
        }
    }
}

/// An event whose texts are made.
struct Told {
    audience: Audience,
    staff: Option<Frame>,
    customer: Option<Frame>,
}

impl Told {
    fn new(event: &Envelope) -> Self {
        let frame = |said| match event.audience {
            Audience::Room(ticket) => Frame::in_room(said, ticket),
            Audience::Lists { .. } | Audience::Account(_) => Frame::new(said),
        };
        Self {
            audience: event.audience,
            staff: event.staff.as_ref().map(frame),
            customer: event.customer.as_ref().map(frame),
        }
    }
}

/// The hub's handle.
#[derive(Clone, Default)]
pub struct Hub(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// Somebody came, went or looked away.
    stirred: Notify,
    /// The lists have news.
    listed: Notify,
}

impl Hub {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new connection of that actor.
    pub fn connect(&self, actor: &Actor) -> (ConnectionId, Inbox) {
        let (outbox, inbox) = outbox::pair();
        let mut state = self.lock();
        state.next += 1;
        let id = ConnectionId(state.next);
        let member = Member {
            outbox,
            staff: actor.is_staff(),
            account: actor.account().map(|account| account.id),
            rooms: HashSet::new(),
        };
        if member.staff {
            state.staff.insert(id);
        }
        if let Some(account) = member.account {
            state.accounts.entry(account).or_default().insert(id);
        }
        state.members.insert(id, member);
        (id, inbox)
    }

    /// The connection is gone.
    pub fn disconnect(&self, id: ConnectionId) {
        self.lock().remove(id);
        self.0.stirred.notify_one();
    }

    /// The connection hears a room from now on. Access was checked by the caller, or is before anything is said.
    pub fn join(&self, id: ConnectionId, ticket: TicketId) {
        let mut state = self.lock();
        if let Some(member) = state.members.get_mut(&id) {
            member.rooms.insert(ticket);
            state
                .rooms
                .entry(ticket)
                .or_default()
                .seats
                .entry(id)
                .or_default();
        }
    }

    /// The connection hears a room no longer.
    pub fn leave(&self, id: ConnectionId, ticket: TicketId) {
        self.lock().leave(id, ticket);
        self.0.stirred.notify_one();
    }

    /// Hands committed events to whoever may hear them: the rooms at once, the lists in a moment.
    pub fn publish(&self, events: &[Envelope]) {
        let at_once: Vec<_> = {
            let mut state = self.lock();
            events
                .iter()
                .filter(|event| !state.gathered.keep(event))
                .collect()
        };
        if at_once.len() < events.len() {
            self.0.listed.notify_one();
        }
        self.tell(at_once.into_iter(), None);
    }

    /// Hands something fleeting to its audience, except to the connection it came from.
    pub fn whisper(&self, from: Option<ConnectionId>, event: &Envelope) {
        self.tell(std::iter::once(event), from);
    }

    fn tell<'a>(&self, events: impl Iterator<Item = &'a Envelope>, except: Option<ConnectionId>) {
        let heard: Vec<&Envelope> = {
            let state = self.lock();
            events.filter(|event| state.is_heard(event.audience)).collect()
        };
        // The texts are made while the lock is free. Whoever comes meanwhile reads these events from the database.
        let told: Vec<Told> = heard.into_iter().map(Told::new).collect();
        if !told.is_empty() {
            let mut state = self.lock();
            for event in &told {
                state.publish(event, except);
            }
        }
    }

    /// Somebody of that side who has entered the room has seen it stand at this number of the agents', and the other side
    /// have read up to `read_seq`.
    pub fn stands_at(&self, ticket: TicketId, staff_seq: i64, staff: bool, read_seq: i64) {
        if let Some(room) = self.lock().rooms.get_mut(&ticket) {
            // Those who came before may have been told less, or he has looked at something older.
            room.told = Some(room.told.map_or(staff_seq, |told| told.min(staff_seq)));
            // He hears whatever is told after he began to listen, which was before he looked.
            room.read.of(staff).get_or_insert(read_seq);
        }
    }

    /// Up to which number of the agents' a room has been told, as far as is known; none where nobody is.
    pub fn told(&self, ticket: TicketId) -> Option<i64> {
        self.lock().rooms.get(&ticket)?.told
    }

    /// Every connection must prove again who it is.
    pub fn recheck_all(&self) {
        for member in self.lock().members.values() {
            member.outbox.recheck(false);
        }
    }

    /// Every connection of that account must, or every guest's: nobody knows whose of these.
    pub fn recheck(&self, user: Option<UserId>) {
        let state = self.lock();
        let concerned = state.members.values().filter(|member| member.account == user);
        concerned.for_each(|member| member.outbox.recheck(user.is_some()));
    }

    /// The server stops.
    pub fn say_goodbye(&self) {
        let mut state = self.lock();
        let all: Vec<_> = state.members.keys().copied().collect();
        state.send(all.into_iter(), |_| Some(Outgoing::Goodbye));
    }

    /// How many connections there are.
    pub fn connections(&self) -> usize {
        self.lock().members.len()
    }

    /// The tickets whose rooms somebody is in.
    pub fn rooms(&self) -> Vec<TicketId> {
        self.lock().rooms.keys().copied().collect()
    }

    /// The accounts that are connected here.
    pub fn accounts(&self) -> Vec<UserId> {
        self.lock().accounts.keys().copied().collect()
    }
}

impl State {
    fn is_heard(&self, audience: Audience) -> bool {
        let has_account = |id: UserId| self.accounts.contains_key(&id);
        match audience {
            Audience::Room(ticket) => self.rooms.contains_key(&ticket),
            Audience::Lists { owner } => !self.staff.is_empty() || owner.is_some_and(has_account),
            Audience::Account(id) => has_account(id),
        }
    }

    fn audience(&self, audience: Audience) -> Vec<ConnectionId> {
        let of_account = |id: UserId| self.accounts.get(&id).into_iter().flatten();
        match audience {
            Audience::Room(ticket) => self
                .rooms
                .get(&ticket)
                .map(|room| room.seats.keys().copied().collect())
                .unwrap_or_default(),
            Audience::Lists { owner } => {
                let owners = owner.into_iter().flat_map(of_account);
                let others = owners.filter(|id| !self.staff.contains(id));
                self.staff.iter().chain(others).copied().collect()
            }
            Audience::Account(id) => of_account(id).copied().collect(),
        }
    }

    fn publish(&mut self, event: &Told, except: Option<ConnectionId>) {
        if let Some((ticket, seq)) = event.staff.as_ref().and_then(Frame::durable)
            && let Some(told) = self.rooms.get_mut(&ticket).and_then(|room| room.told.as_mut())
        {
            // Only without a hole: another server may have done what is missing, and if this is a note, no customer's
            // own numbers would show that something is.
            *told += i64::from(seq == *told + 1);
        }
        let (mut staff, mut customer) = (event.staff.as_ref(), event.customer.as_ref());
        if let Audience::Room(ticket) = event.audience
            && let Some(room) = self.rooms.get_mut(&ticket)
        {
            staff = staff.filter(|frame| room.takes(frame, true));
            customer = customer.filter(|frame| room.takes(frame, false));
        }
        let receivers = self.audience(event.audience);
        self.send(receivers.into_iter().filter(|id| Some(*id) != except), |member| {
            let frame = if member.staff { staff } else { customer };
            frame.cloned().map(Outgoing::Frame)
        });
    }

    /// A full outbox cuts the connection: its receiver ends, and the client comes back with `since`.
    fn send(
        &mut self,
        receivers: impl Iterator<Item = ConnectionId>,
        form: impl Fn(&Member) -> Option<Outgoing>,
    ) {
        for id in receivers {
            let Some(member) = self.members.get(&id) else {
                continue;
            };
            if let Some(outgoing) = form(member)
                && !member.outbox.put(outgoing)
            {
                tracing::info!(connection = id.0, "a connection cannot keep up and is cut");
                self.remove(id);
            }
        }
    }

    fn remove(&mut self, id: ConnectionId) {
        let Some(member) = self.members.remove(&id) else {
            return;
        };
        self.staff.remove(&id);
        if let Some(account) = member.account
            && let Some(connections) = self.accounts.get_mut(&account)
        {
            connections.remove(&id);
            if connections.is_empty() {
                self.accounts.remove(&account);
            }
        }
        for ticket in member.rooms {
            self.leave(id, ticket);
        }
    }

    fn leave(&mut self, id: ConnectionId, ticket: TicketId) {
        if let Some(member) = self.members.get_mut(&id) {
            member.rooms.remove(&ticket);
        }
        if let Some(room) = self.rooms.get_mut(&ticket) {
            if room.seats.remove(&id).is_some_and(|seat| seat.is_taken()) {
                self.stirred.insert(ticket);
            }
            if room.seats.is_empty() {
                self.rooms.remove(&ticket);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::{
        LocalTime, MessageId,
        live::ServerEvent,
        messages::{Message, SenderType},
    };

    use super::*;

    const TICKET: TicketId = TicketId(7);

    fn said(seq: i64) -> Envelope {
        let message = Message {
            id: MessageId(1),
            ticket_id: TICKET,
            seq,
            sender_id: UserId(0),
            sender_name: String::new(),
            sender_type: SenderType::Admin,
            content: String::new(),
            attachment_url: None,
            attachments: Vec::new(),
            is_system: false,
            internal: true,
            client_id: None,
            change: None,
            created_at: LocalTime(String::new()),
        };
        Envelope {
            audience: Audience::Room(TICKET),
            staff: Some(ServerEvent::NewMessage(message)),
            customer: None,
        }
    }

    #[test]
    fn what_another_server_did_before_a_note_of_ours_is_still_to_be_told() {
        let hub = Hub::default();
        let (id, _inbox) = hub.connect(&Actor::Guest(TICKET));
        hub.join(id, TICKET);
        hub.stands_at(TICKET, 5, false, 0);
        hub.publish(&[said(6), said(8)]);
        assert_eq!(hub.told(TICKET), Some(6));
        hub.publish(&[said(7), said(8)]);
        assert_eq!(hub.told(TICKET), Some(8));
    }
}
