//! Messages on their way: shown at once, kept in this browser until the server has them, sent in order, and sent
//! again with the same `client_id` after any trouble. One for the whole app, so that leaving a ticket stops nothing.

mod carry;
mod store;

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use leptos::{ev, prelude::*, task::spawn_local};
use serde::{Deserialize, Serialize};
use shared::{Status, TicketId, attachments::Attachment, messages::Message};

use super::keeper;
use crate::reactive::{RwSignal, StoredValue, effect, memo};
use crate::{
    api::{Api, use_api},
    live::{Health, Live, use_live},
};

/// A message the server does not have yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Unsent {
    pub(super) client_id: String,
    pub(super) ticket: TicketId,
    pub(super) content: String,
    #[serde(default)]
    pub(super) files: Vec<Attachment>,
    #[serde(default)]
    pub(super) internal: bool,
    /// What the sender had seen; the server holds the message back if there is more.
    #[serde(default)]
    pub(super) seen_seq: Option<i64>,
    /// The status to set with it.
    #[serde(default)]
    pub(super) then: Option<Status>,
    /// Why the server did not take it; only the sender can decide what becomes of it.
    #[serde(default)]
    pub(super) refused: Option<String>,
}

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Travel {
    /// For its turn or for the connection.
    Waiting,
    Sending,
    Refused,
}

/// A message and how far it has come.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) unsent: Unsent,
    pub(super) travel: Travel,
}

/// What became of a message, for the conversation it belongs to.
pub(super) enum News<'a> {
    Stored(&'a Message),
    /// Held back: somebody said something that its sender has not seen.
    Stale(&'a Unsent, &'a [Message]),
    /// The message is stored, and the ticket moved with it.
    Moved,
}

type Heard = Rc<dyn Fn(&News<'_>)>;

/// The messages on their way.
#[derive(Clone, Copy)]
pub(crate) struct Outbox {
    api: Api,
    keeper: RwSignal<Option<String>>,
    entries: RwSignal<Vec<Entry>>,
    /// Is something keeping messages back?
    stuck: RwSignal<bool>,
    hearers: StoredValue<Vec<(TicketId, u32, Heard)>>,
    wake: StoredValue<Option<Timeout>>,
    failures: StoredValue<u32>,
    next_key: StoredValue<u32>,
}

/// Makes `use_outbox` work below.
pub(crate) fn provide_outbox() {
    let outbox = Outbox {
        api: use_api(),
        keeper: RwSignal::new(None),
        entries: RwSignal::new(Vec::new()),
        stuck: RwSignal::new(false),
        hearers: StoredValue::new(Vec::new()),
        wake: StoredValue::new(None),
        failures: StoredValue::new(0),
        next_key: StoredValue::new(0),
    };
    let session = outbox.api.session();
    let owner = memo(move || keeper(&session.who()));
    effect(move || outbox.change_keeper(owner.get()));
    outbox.follow(use_live());
    provide_context(outbox);
}

/// The messages on their way.
pub(super) fn use_outbox() -> Outbox {
    expect_context()
}

impl Outbox {
    /// Sends a message.
    pub(super) fn send(self, unsent: Unsent) {
        self.keep(&unsent);
        self.entries.update(|all| {
            all.push(Entry {
                unsent,
                travel: Travel::Waiting,
            })
        });
        self.flush();
    }

    /// Shows a message that the server refused; its sender decides.
    pub(super) fn put_aside(self, unsent: Unsent) {
        self.keep(&unsent);
        self.entries.update(|all| {
            all.push(Entry {
                unsent,
                travel: Travel::Refused,
            })
        });
    }

    /// The messages of one ticket, oldest first.
    pub(super) fn of(self, ticket: TicketId) -> Vec<Entry> {
        self.entries.with(|all| {
            all.iter()
                .filter(|entry| entry.unsent.ticket == ticket)
                .cloned()
                .collect()
        })
    }

    /// One message, while it is on its way.
    pub(super) fn get(self, client_id: &str) -> Option<Entry> {
        self.entries.with(|all| {
            all.iter()
                .find(|entry| entry.unsent.client_id == client_id)
                .cloned()
        })
    }

    /// Is there trouble, so that messages wait for more than their turn?
    pub(super) fn is_stuck(self) -> bool {
        self.stuck.get()
    }

    /// Tries a refused message again. What its sender has not seen by now still holds it back.
    pub(super) fn retry(self, client_id: &str, seen: i64) {
        self.change(client_id, |entry| {
            entry.travel = Travel::Waiting;
            entry.unsent.refused = None;
            entry.unsent.seen_seq = entry.unsent.seen_seq.map(|before| before.max(seen));
        });
        self.flush();
    }

    /// The message is stored. Its answer and the live connection both tell so.
    pub(super) fn arrived(self, client_id: &str) {
        if self.holds(client_id) {
            self.drop(client_id);
            self.failures.set_value(0);
            self.stuck.set(false);
            self.flush();
        }
    }

    /// Nobody needs to send the message any more.
    pub(super) fn drop(self, client_id: &str) {
        self.entries.maybe_update(|all| {
            let before = all.len();
            all.retain(|entry| entry.unsent.client_id != client_id);
            all.len() != before
        });
        if let Some(keeper) = self.keeper.get_untracked() {
            store::remove(&keeper, client_id);
        }
    }

    fn holds(self, client_id: &str) -> bool {
        self.entries
            .with_untracked(|all| all.iter().any(|entry| entry.unsent.client_id == client_id))
    }

    /// Hears what becomes of a ticket's messages, until the calling component is gone.
    pub(super) fn attend(self, ticket: TicketId, heard: impl Fn(&News<'_>) + 'static) {
        self.next_key.update_value(|key| *key = key.wrapping_add(1));
        let key = self.next_key.get_value();
        self.hearers
            .update_value(|all| all.push((ticket, key, Rc::new(heard))));
        on_cleanup(move || {
            self.hearers
                .try_update_value(|all| all.retain(|(_, known, _)| *known != key));
        });
    }

    /// Connected again: what waits goes out. The strip hears how many wait.
    fn follow(self, live: Live) {
        effect(move || {
            if matches!(live.health(), Health::Fine | Health::Restored) {
                self.failures.set_value(0);
                self.flush();
            }
        });
        effect(move || {
            let waiting = self
                .entries
                .with(|all| all.iter().filter(|entry| entry.travel == Travel::Waiting).count());
            let waiting = if self.stuck.get() { waiting } else { 0 };
            live.queued().set(waiting);
        });
        let online = window_event_listener(ev::online, move |_| self.flush());
        on_cleanup(move || online.remove());
    }

    /// Another person has other messages.
    fn change_keeper(self, keeper: Option<String>) {
        let stored = keeper.as_deref().map(store::all).unwrap_or_default();
        self.keeper.set(keeper);
        self.stuck.set(false);
        self.entries.set(
            stored
                .into_iter()
                .map(|unsent| {
                    let travel = if unsent.refused.is_some() {
                        Travel::Refused
                    } else {
                        Travel::Waiting
                    };
                    Entry { unsent, travel }
                })
                .collect(),
        );
        self.flush();
    }

    /// Starts the first waiting message of each ticket that has none on its way.
    fn flush(self) {
        self.wake.set_value(None);
        let mut starting: Vec<Unsent> = Vec::new();
        self.entries.maybe_update(|all| {
            let mut taken: Vec<TicketId> = all
                .iter()
                .filter(|e| e.travel == Travel::Sending)
                .map(|e| e.unsent.ticket)
                .collect();
            for entry in all.iter_mut() {
                if entry.travel == Travel::Waiting && !taken.contains(&entry.unsent.ticket) {
                    entry.travel = Travel::Sending;
                    taken.push(entry.unsent.ticket);
                    starting.push(entry.unsent.clone());
                }
            }
            !starting.is_empty()
        });
        for unsent in starting {
            spawn_local(self.carry(unsent));
        }
    }

    fn change(self, client_id: &str, with: impl FnOnce(&mut Entry)) {
        let changed = self.entries.try_update(|all| {
            let entry = all.iter_mut().find(|entry| entry.unsent.client_id == client_id)?;
            with(entry);
            Some(entry.unsent.clone())
        });
        if let Some(Some(unsent)) = changed {
            self.keep(&unsent);
        }
    }

    fn keep(self, unsent: &Unsent) {
        if let Some(keeper) = self.keeper.get_untracked() {
            store::put(&keeper, unsent);
        }
    }

    fn is_attended(self, ticket: TicketId) -> bool {
        self.hearers
            .with_value(|all| all.iter().any(|(known, _, _)| *known == ticket))
    }

    fn tell(self, ticket: TicketId, news: &News<'_>) {
        // Cloned out first: a hearer may come or go.
        let hearers = self.hearers.with_value(Clone::clone);
        for (_, _, heard) in hearers.iter().filter(|(known, _, _)| *known == ticket) {
            heard(news);
        }
    }
}
