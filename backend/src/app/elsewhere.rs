//! Who has tickets open at the other servers, by their own word, which holds for a while.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use shared::{TicketId, live::Person};

use crate::config::HOLDS_ELSEWHERE;

/// What the other servers have said.
#[derive(Default)]
pub(super) struct Elsewhere(Mutex<HashMap<TicketId, Words>>);

/// By the server's name.
type Words = HashMap<String, Word>;

struct Word {
    people: Vec<Person>,
    at: Instant,
}

impl Word {
    fn holds(&self) -> bool {
        self.at.elapsed() < HOLDS_ELSEWHERE
    }
}

impl Elsewhere {
    fn lock(&self) -> MutexGuard<'_, HashMap<TicketId, Words>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who has the ticket open at other servers.
    pub(super) fn people(&self, ticket: TicketId) -> Vec<Person> {
        self.lock()
            .get(&ticket)
            .into_iter()
            .flat_map(HashMap::values)
            .filter(|word| word.holds())
            .flat_map(|word| word.people.iter().cloned())
            .collect()
    }

    /// A server says who has the ticket open at its place.
    pub(super) fn note(&self, ticket: TicketId, node: String, people: Vec<Person>) {
        let mut said = self.lock();
        let words = said.entry(ticket).or_default();
        if people.is_empty() {
            words.remove(&node);
        } else {
            let at = Instant::now();
            words.insert(node, Word { people, at });
        }
        if words.is_empty() {
            said.remove(&ticket);
        }
    }

    /// Forgets what no longer holds; answers of which tickets.
    pub(super) fn forget(&self) -> Vec<TicketId> {
        let mut changed = Vec::new();
        self.lock().retain(|ticket, words| {
            let before = words.len();
            words.retain(|_, word| word.holds());
            if words.len() != before {
                changed.push(*ticket);
            }
            !words.is_empty()
        });
        changed
    }
}
