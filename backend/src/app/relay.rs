//! Following the other servers: whatever they call out is looked up in the database before anybody here is told, unless it
//! tells nothing but to ask again, and what they could not call out is found by polling.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use chrono::{NaiveDateTime, TimeDelta};
use shared::{
    TicketId, UserId,
    live::{Person, ServerEvent, TypingNews},
};
use tokio::sync::mpsc;

use super::{
    App,
    already_told::AlreadyTold,
    bus::{Call, Heard, Seen},
    elsewhere::Elsewhere,
    hub::ConnectionId,
};
use crate::{
    actions::{self, attachments, notifications, retell},
    domain::events::{Audience, Envelope},
    error::Result,
};

/// How many calls are looked up at once.
const BATCH: usize = 256;
/// How often the database is asked while calls arrive, to find those that were lost.
const SLOW: Duration = Duration::from_secs(5);
/// How often it is asked while they do not.
const QUICK: Duration = Duration::from_secs(1);
/// How far back each question reaches: clocks differ, and commits come late.
const BACK: TimeDelta = TimeDelta::seconds(30);
/// How often a server repeats who is at its place.
const REPEAT: Duration = Duration::from_secs(20);

/// What this server has told, and who is at the other servers.
#[derive(Default)]
pub(super) struct Relay {
    told: AlreadyTold,
    elsewhere: Elsewhere,
}

impl App {
    /// Calls out to the other servers what was committed here.
    pub(super) fn call_out(&self, events: &[Envelope]) {
        self.relay.told.note(events);
        if self.bus.is_used() {
            self.calls(events)
                .into_iter()
                .for_each(|call| self.bus.call(call));
        }
    }

    /// What the others are to look up.
    pub(super) fn calls(&self, events: &[Envelope]) -> Vec<Call> {
        let (mut calls, mut tickets) = (Vec::new(), BTreeSet::new());
        for event in events {
            match (&event.staff, event.audience) {
                (Some(ServerEvent::Unread(news)), Audience::Account(user)) => {
                    let ticket = news.ticket_id;
                    calls.push(Call::Read { ticket, user });
                }
                (Some(ServerEvent::NotificationsRead(_)), Audience::Account(user)) => {
                    calls.push(Call::Bell { user });
                }
                (Some(ServerEvent::AttachmentsChanged(news)), _) => {
                    let (ticket, file) = (news.ticket_id, news.attachment_id);
                    calls.push(Call::Attachments { ticket, file });
                }
                (Some(ServerEvent::TicketCreated(news) | ServerEvent::TicketUpdated(news)), _) => {
                    tickets.insert(news.ticket.id);
                }
                (Some(told), _) => tickets.extend(told.durable().map(|(ticket, ..)| ticket)),
                (None, _) => {}
            }
        }
        calls.extend(tickets.into_iter().map(|id| Call::Ticket { id }));
        calls
    }

    /// Whatever these tell may be found in the database later: it is news even then.
    pub(super) fn expect_late(&self, events: &[Envelope]) {
        self.relay.told.note_pending(events);
    }

    /// Tells the other servers that somebody is writing.
    pub fn call_typing(&self, news: &TypingNews) {
        self.bus.call(Call::Typing {
            ticket: news.ticket_id,
            user: news.user_id,
            typing: news.typing,
            internal: news.internal,
        });
    }

    /// Tells a room here that somebody is writing; of a note only its agents learn.
    pub fn whisper_typing(&self, from: ConnectionId, news: TypingNews) {
        self.hub.whisper(Some(from), &typing(news));
    }

    /// Who has the ticket open, here or at another server.
    pub fn people(&self, ticket: TicketId) -> Vec<Person> {
        let mut people = self.hub.people(ticket);
        people.extend(self.relay.elsewhere.people(ticket));
        people
    }

    /// Keeps telling agents who has a ticket open, for as long as the process lives.
    pub async fn tell_presence(&self) {
        loop {
            for ticket in self.hub.stirred().await {
                self.hub
                    .tell_presence(ticket, &self.relay.elsewhere.people(ticket));
                self.call_presence(ticket);
            }
        }
    }

    fn call_presence(&self, ticket: TicketId) {
        let people = self.hub.people(ticket);
        let seen = |person: Person| Seen {
            user: person.user_id,
            hidden: person.hidden,
        };
        self.bus.call(Call::Presence {
            ticket,
            people: people.into_iter().map(seen).collect(),
        });
    }

    /// Do calls of other servers arrive at the moment?
    pub fn hears_others(&self) -> bool {
        self.bus.is_up()
    }

    /// Keeps following the other servers, for as long as the process lives; without any it ends at once.
    pub async fn follow_others(&self) {
        if !self.bus.is_used() {
            return;
        }
        let (sender, mut heard) = mpsc::channel(4096);
        futures_util::join!(
            self.bus.run(sender),
            self.answer_calls(&mut heard),
            self.keep_polling(),
            self.keep_repeating()
        );
    }

    async fn answer_calls(&self, heard: &mut mpsc::Receiver<Heard>) {
        let mut batch = Vec::with_capacity(BATCH);
        while heard.recv_many(&mut batch, BATCH).await > 0 {
            let mut tickets = BTreeSet::new();
            for heard in batch.drain(..) {
                match heard {
                    Heard::Call {
                        call: Call::Ticket { id },
                        ..
                    } => {
                        tickets.insert(id);
                    }
                    Heard::Call { node, call } => self.answer(node, call).await.unwrap_or_else(|e| e.log()),
                    Heard::Up => {
                        self.ask_everybody_again();
                        self.poll().await.unwrap_or_else(|error| error.log());
                    }
                }
            }
            self.retell(&tickets).await.unwrap_or_else(|error| error.log());
        }
    }

    /// Looks up what a server calls out, and tells it here.
    pub(super) async fn answer(&self, node: String, call: Call) -> Result<()> {
        match call {
            Call::Beat => {}
            Call::Ticket { id } => self.retell(&BTreeSet::from([id])).await?,
            Call::Read { ticket, user } => {
                let events = self.read(move |tx| retell::read(tx, ticket, user)).await?;
                self.hub.publish(&events);
            }
            Call::Attachments { ticket, file } => {
                self.relay.told.files.insert(file, ());
                self.hub.publish(&[attachments::changed(ticket, file)]);
            }
            Call::Bell { user } => self.hub.publish(&[notifications::read_elsewhere(user)]),
            Call::Typing {
                ticket,
                user,
                typing: on,
                internal,
            } => {
                if let Some(person) = self.person(ticket, user, false).await? {
                    let news = TypingNews {
                        ticket_id: ticket,
                        user_id: person.user_id,
                        name: person.name,
                        sender_type: person.sender_type,
                        typing: on,
                        internal,
                    };
                    self.hub.whisper(None, &typing(news));
                }
            }
            Call::Presence { ticket, people: seen } => {
                let mut people = Vec::new();
                for Seen { user, hidden } in seen.into_iter().take(shared::live::MAX_PEOPLE) {
                    people.extend(self.person(ticket, user, hidden).await?);
                }
                self.relay.elsewhere.note(ticket, node, people);
                self.hub
                    .tell_presence(ticket, &self.relay.elsewhere.people(ticket));
            }
            Call::Sessions { user } => self.ask_again(user),
        }
        Ok(())
    }

    /// That person, if he may have the ticket open at all.
    async fn person(&self, ticket: TicketId, user: UserId, hidden: bool) -> Result<Option<Person>> {
        self.read(move |tx| retell::person(tx, ticket, user, hidden))
            .await
    }

    /// Tells everybody here what happened to these tickets elsewhere.
    async fn retell(&self, tickets: &BTreeSet<TicketId>) -> Result<()> {
        if tickets.is_empty() {
            return Ok(());
        }
        self.env.changes.note();
        let asked: Vec<_> = tickets
            .iter()
            .map(|id| (*id, self.hub.told(*id), self.relay.told.tickets.get(id)))
            .collect();
        let retold = self
            .read(move |tx| {
                asked
                    .into_iter()
                    .map(|(id, room, list)| retell::ticket(tx, id, room, list))
                    .collect::<Result<Vec<_>>>()
            })
            .await?;
        for ticket in retold.into_iter().flatten() {
            self.relay.told.tickets.insert(ticket.id, ticket.stand);
            self.hub.publish(&ticket.events);
        }
        Ok(())
    }

    async fn keep_polling(&self) {
        let mut polled = Instant::now();
        loop {
            tokio::time::sleep(QUICK).await;
            let up = self.bus.is_up();
            self.metrics.redis(up);
            // Whoever was locked out elsewhere must not hear on here because a call was lost.
            self.poll_revocations().await.unwrap_or_else(|error| error.log());
            if !up || polled.elapsed() > SLOW {
                polled = Instant::now();
                self.poll().await.unwrap_or_else(|error| error.log());
            }
        }
    }

    /// Finds what nobody has called out.
    async fn poll(&self) -> Result<()> {
        let (rooms, since) = (self.hub.rooms(), self.env.clock.now() - BACK);
        let stands = self.read(move |tx| retell::stands(tx, &rooms, since)).await?;
        let behind = stands
            .into_iter()
            .filter(|(id, stand)| {
                let room = self.hub.told(*id);
                self.relay.told.tickets.get(id) != Some(*stand) || room.is_some_and(|told| told < stand.staff)
            })
            .map(|(id, _)| id)
            .collect();
        self.retell(&behind).await?;
        self.poll_marks(since).await?;
        self.poll_files(since).await?;
        self.poll_bells(since).await
    }

    async fn poll_marks(&self, since: NaiveDateTime) -> Result<()> {
        let mut marks = self.read(move |tx| retell::marks_since(tx, since)).await?;
        marks.retain(|(ticket, user, seq)| self.relay.told.read.get(&(*ticket, *user)) != Some(*seq));
        for (ticket, user, seq) in marks {
            let events = self.read(move |tx| retell::read(tx, ticket, user)).await?;
            self.hub.publish(&events);
            self.relay.told.read.insert((ticket, user), seq);
        }
        Ok(())
    }

    async fn poll_files(&self, since: NaiveDateTime) -> Result<()> {
        let rooms = self.hub.rooms();
        let files = self
            .read(move |tx| retell::files_since(tx, &rooms, since))
            .await?;
        for (file, ticket) in files {
            if !self.relay.told.files.contains_key(&file) {
                self.relay.told.files.insert(file, ());
                self.hub.publish(&[attachments::changed(ticket, file)]);
            }
        }
        Ok(())
    }

    async fn poll_bells(&self, since: NaiveDateTime) -> Result<()> {
        let here = self.hub.accounts();
        let mut read = self.read(move |tx| retell::bells_since(tx, &here, since)).await?;
        read.retain(|one| !self.relay.told.bells.contains_key(one));
        let users: BTreeSet<UserId> = read.iter().map(|(user, ..)| *user).collect();
        let told: Vec<Envelope> = users.into_iter().map(notifications::read_elsewhere).collect();
        self.hub.publish(&told);
        for one in read {
            self.relay.told.bells.insert(one, ());
        }
        Ok(())
    }

    async fn poll_revocations(&self) -> Result<()> {
        let since = self.env.clock.now() - BACK;
        let revoked = self.read(move |tx| actions::sessions::revoked(tx, since)).await?;
        for (number, user) in revoked {
            if !self.relay.told.revoked.contains_key(&number) {
                self.relay.told.revoked.insert(number, ());
                self.ask_again(user);
            }
        }
        Ok(())
    }

    async fn keep_repeating(&self) {
        loop {
            tokio::time::sleep(REPEAT).await;
            for ticket in self.hub.rooms() {
                self.call_presence(ticket);
            }
            for ticket in self.relay.elsewhere.forget() {
                self.hub
                    .tell_presence(ticket, &self.relay.elsewhere.people(ticket));
            }
        }
    }
}

fn typing(news: TypingNews) -> Envelope {
    let event = Some(ServerEvent::Typing(news.clone()));
    Envelope {
        audience: Audience::Room(news.ticket_id),
        staff: event.clone(),
        customer: event.filter(|_| !news.internal),
    }
}
