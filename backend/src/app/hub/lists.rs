//! News of tickets for the lists: gathered for a moment, and of each ticket only the latest is told. A lively ticket would
//! otherwise be told to every agent with every message.

use std::{
    collections::{HashMap, hash_map::Entry},
    time::Duration,
};

use shared::{
    TicketId,
    live::{ServerEvent, TicketNews},
};

use super::Hub;
use crate::domain::events::{Audience, Envelope};

/// How long news are gathered.
const GATHERED: Duration = Duration::from_millis(100);

/// The latest news of each ticket that the lists do not know yet.
#[derive(Default)]
pub(super) struct Gathered(HashMap<TicketId, Envelope>);

impl Gathered {
    /// Keeps news that may wait; false for any other event.
    pub(super) fn keep(&mut self, event: &Envelope) -> bool {
        let (Audience::Lists { .. }, Some(news)) = (event.audience, updated(event.staff.as_ref())) else {
            return false;
        };
        match self.0.entry(news.ticket.id) {
            Entry::Vacant(place) => drop(place.insert(event.clone())),
            Entry::Occupied(mut place) => place.get_mut().overtake(event),
        }
        true
    }

    fn take(&mut self) -> Vec<Envelope> {
        self.0.drain().map(|(_, event)| event).collect()
    }
}

impl Envelope {
    /// Commits may be told in the other order. And what only agents may know leaves the customer what he was to hear.
    fn overtake(&mut self, later: &Self) {
        if version(later.staff.as_ref()) >= version(self.staff.as_ref()) {
            self.audience = later.audience;
            self.staff.clone_from(&later.staff);
        }
        if later.customer.is_some() && version(later.customer.as_ref()) >= version(self.customer.as_ref()) {
            self.customer.clone_from(&later.customer);
        }
    }
}

fn updated(event: Option<&ServerEvent>) -> Option<&TicketNews> {
    match event {
        Some(ServerEvent::TicketUpdated(news)) => Some(news),
        Some(_) | None => None,
    }
}

fn version(event: Option<&ServerEvent>) -> Option<i64> {
    updated(event).map(|news| news.ticket.version)
}

impl Hub {
    /// Tells the lists what has been gathered, for as long as the process lives.
    pub async fn tell_lists(&self) {
        loop {
            self.0.listed.notified().await;
            tokio::time::sleep(GATHERED).await;
            self.tell_gathered();
        }
    }

    /// Tells it now.
    pub fn tell_gathered(&self) {
        let news = self.lock().gathered.take();
        self.tell(news.iter(), None);
    }
}

#[cfg(test)]
mod tests {
    use shared::{LocalTime, Priority, Status, UserId, tickets::TicketSummary};

    use super::*;

    fn news(version: i64) -> ServerEvent {
        ServerEvent::TicketUpdated(TicketNews {
            ticket: TicketSummary {
                id: TicketId(1),
                ticket_number: "TK1".into(),
                title: String::new(),
                status: Status::Pending,
                priority: Priority::Medium,
                kind: None,
                customer_name: String::new(),
                assignee: None,
                assignee_id: None,
                created_at: LocalTime(String::new()),
                updated_at: LocalTime(String::new()),
                unread: 0,
                received: 0,
                last_message: None,
                waiting_since: None,
                version,
            },
        })
    }

    fn envelope(staff: i64, customer: Option<i64>) -> Envelope {
        Envelope {
            audience: Audience::Lists {
                owner: Some(UserId(2)),
            },
            staff: Some(news(staff)),
            customer: customer.map(news),
        }
    }

    #[test]
    fn the_latest_is_told_to_each_side() {
        let mut gathered = Gathered::default();
        for event in [envelope(5, Some(3)), envelope(4, Some(2)), envelope(6, None)] {
            assert!(gathered.keep(&event));
        }
        assert_eq!(gathered.take(), [envelope(6, Some(3))]);
        assert!(gathered.take().is_empty());
    }

    #[test]
    fn what_is_new_does_not_wait() {
        let mut created = envelope(0, None);
        if let Some(ServerEvent::TicketUpdated(news)) = created.staff.take() {
            created.staff = Some(ServerEvent::TicketCreated(news));
        }
        assert!(!Gathered::default().keep(&created));
    }
}
