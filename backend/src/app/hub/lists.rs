//! News of tickets for the lists: gathered for a moment, of each ticket only the latest is told, and no faster than lists can
//! hear. A lively ticket would otherwise be told to every agent with every message.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
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

/// How many tickets' news are told in one go: a part of what fits into an outbox.
const PORTION: usize = 32;
/// How long the lists have at least for a portion.
const BREATH: Duration = Duration::from_millis(10);
/// How many frames all agents' lists together are told in a second. What is above it waits, and is told as its latest.
const FRAMES_A_SECOND: usize = 20_000;

/// The latest news of each ticket that the lists do not know yet.
#[derive(Default)]
pub(super) struct Gathered {
    latest: HashMap<TicketId, Envelope>,
    /// Which has waited longest.
    order: VecDeque<TicketId>,
}

impl Gathered {
    /// Keeps news that may wait; false for any other event.
    pub(super) fn keep(&mut self, event: &Envelope) -> bool {
        let (Audience::Lists { .. }, Some(news)) = (event.audience, updated(event.staff.as_ref())) else {
            return false;
        };
        match self.latest.entry(news.ticket.id) {
            Entry::Vacant(place) => {
                place.insert(event.clone());
                self.order.push_back(news.ticket.id);
            }
            Entry::Occupied(mut place) => place.get_mut().overtake(event),
        }
        true
    }

    /// The next portion, from those that have waited longest.
    fn take(&mut self) -> Vec<Envelope> {
        let count = self.order.len().min(PORTION);
        let next = self.order.drain(..count);
        next.filter_map(|ticket| self.latest.remove(&ticket)).collect()
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
            while let Some(pause) = self.tell_portion() {
                tokio::time::sleep(pause).await;
            }
        }
    }

    /// Tells it now, all of it.
    pub fn tell_gathered(&self) {
        while self.tell_portion().is_some() {}
    }

    /// Tells a portion; how long the lists then have for it, none if there was nothing to tell.
    fn tell_portion(&self) -> Option<Duration> {
        let (news, agents) = {
            let mut state = self.lock();
            (state.gathered.take(), state.staff.len())
        };
        self.tell(news.iter(), None);
        (!news.is_empty()).then(|| pause(news.len() * agents))
    }
}

fn pause(frames: usize) -> Duration {
    BREATH.max(Duration::from_secs(1) * u32::try_from(frames).unwrap_or(u32::MAX) / FRAMES_A_SECOND as u32)
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
    fn many_tickets_are_told_in_portions_in_the_order_they_came() {
        let of = |ticket: usize| {
            let mut event = envelope(1, None);
            if let Some(ServerEvent::TicketUpdated(news)) = &mut event.staff {
                news.ticket.id = TicketId(ticket as i32);
            }
            event
        };
        let mut gathered = Gathered::default();
        for ticket in 0..PORTION + 2 {
            gathered.keep(&of(ticket));
        }
        gathered.keep(&of(0));
        assert_eq!(gathered.take(), (0..PORTION).map(of).collect::<Vec<_>>());
        gathered.keep(&of(0));
        assert_eq!(gathered.take(), [of(PORTION), of(PORTION + 1), of(0)]);
        assert!(gathered.take().is_empty());
    }

    #[test]
    fn the_more_agents_listen_the_longer_a_portion_lasts() {
        assert_eq!(pause(PORTION), BREATH);
        assert_eq!(pause(PORTION * 1_000), Duration::from_millis(1_600));
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
