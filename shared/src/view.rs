//! Folding live events into what a client already shows: pure, so that server tests and SPA agree.

use crate::{
    TicketId,
    live::{ServerEvent, UnreadNews},
    messages::{ChangeKind, Message},
    tickets::{Ticket, TicketPage, TicketSummary},
};

/// What folding an event did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// The view changed.
    Changed,
    /// The event is not for this view, or was known already.
    Ignored,
    /// Something before this event is missing: ask for everything after `seq`.
    Gap,
}

/// A ticket and its messages as one viewer sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    pub ticket: Ticket,
    /// In order of sequence, without holes at the end.
    pub messages: Vec<Message>,
}

impl Thread {
    /// The last sequence number folded in.
    pub fn seq(&self) -> i64 {
        self.ticket.seq
    }

    /// Folds one event in.
    pub fn apply(&mut self, event: &ServerEvent) -> Applied {
        let Some((ticket_id, seq, message)) = event.durable() else {
            return Applied::Ignored;
        };
        if ticket_id != self.ticket.id || seq <= self.ticket.seq {
            return Applied::Ignored;
        }
        if seq > self.ticket.seq + 1 {
            return Applied::Gap;
        }
        self.ticket.seq = seq;
        self.ticket.version = seq;
        // A note changes nothing that a customer could see, the time of the last change included.
        if !message.internal {
            self.ticket.updated_at = message.created_at.clone();
        }
        self.change_ticket(event);
        self.messages.push(message.clone());
        Applied::Changed
    }

    fn change_ticket(&mut self, event: &ServerEvent) {
        match event {
            ServerEvent::StatusChanged(change) => {
                if let Some(status) = change.status() {
                    self.ticket.status = status;
                }
            }
            ServerEvent::Assigned(change) => {
                self.ticket.assignee.clone_from(&change.to);
                self.ticket.assignee_id = change.assignee_id;
            }
            ServerEvent::PriorityChanged(change) => {
                if let Some(priority) = change.to.as_deref().and_then(|to| to.parse().ok()) {
                    self.ticket.priority = priority;
                }
            }
            // A file that came as the ticket's own may be taken by a message.
            ServerEvent::NewMessage(message) => self
                .ticket
                .attachments
                .retain(|own| message.attachments.iter().all(|file| file.id != own.id)),
            ServerEvent::Welcome(_)
            | ServerEvent::Joined(_)
            | ServerEvent::Left(_)
            | ServerEvent::TicketCreated(_)
            | ServerEvent::TicketUpdated(_)
            | ServerEvent::Typing(_)
            | ServerEvent::Presence(_)
            | ServerEvent::Read(_)
            | ServerEvent::Unread(_)
            | ServerEvent::NotificationsRead(_)
            | ServerEvent::AttachmentsChanged(_)
            | ServerEvent::Pong(_)
            | ServerEvent::Resync(_)
            | ServerEvent::ErrorMessage(_) => {}
        }
    }

    /// Does this leave something to be fetched: a step's resolution and times, files of the ticket itself?
    pub fn needs_refetch(&self, event: &ServerEvent) -> bool {
        match event {
            ServerEvent::AttachmentsChanged(news) => news.ticket_id == self.ticket.id,
            ServerEvent::Joined(joined) => {
                joined.ticket_id == self.ticket.id
                    && joined.seq <= self.ticket.seq
                    && joined.attachment_count != self.ticket.attachments.len() as i64
            }
            event => event
                .durable()
                .and_then(|(_, _, message)| message.change.as_ref())
                .is_some_and(|c| c.kind == ChangeKind::Status),
        }
    }
}

impl TicketPage {
    /// Folds one event in: a known ticket takes its newer look in place, nothing
    /// moves. A new ticket is left to the caller, who knows the filter and where the reader's pointer is.
    pub fn apply(&mut self, event: &ServerEvent) -> Applied {
        match event {
            ServerEvent::TicketCreated(news) | ServerEvent::TicketUpdated(news) => {
                self.change(news.ticket.id, |known| known.replace(&news.ticket))
            }
            ServerEvent::Unread(news) => self.change(news.ticket_id, |known| known.read_to(news)),
            ServerEvent::NewMessage(_)
            | ServerEvent::StatusChanged(_)
            | ServerEvent::Assigned(_)
            | ServerEvent::PriorityChanged(_)
            | ServerEvent::Welcome(_)
            | ServerEvent::Joined(_)
            | ServerEvent::Left(_)
            | ServerEvent::Typing(_)
            | ServerEvent::Presence(_)
            | ServerEvent::Read(_)
            | ServerEvent::NotificationsRead(_)
            | ServerEvent::AttachmentsChanged(_)
            | ServerEvent::Pong(_)
            | ServerEvent::Resync(_)
            | ServerEvent::ErrorMessage(_) => Applied::Ignored,
        }
    }

    fn change(&mut self, id: TicketId, change: impl FnOnce(&mut TicketSummary) -> Applied) -> Applied {
        self.tickets
            .iter_mut()
            .find(|known| known.id == id)
            .map_or(Applied::Ignored, change)
    }
}

impl TicketSummary {
    /// How many messages of the other side the viewer has seen.
    fn seen(&self) -> i32 {
        self.received - self.unread
    }

    /// What is known of both counts: neither ever goes back, so they may come in any order.
    fn count(&mut self, received: i32, seen: i32) {
        self.unread = (received - seen).max(0);
        self.received = received;
    }

    /// Takes the viewer's own count, wherever he has read.
    fn read_to(&mut self, news: &UnreadNews) -> Applied {
        let before = (self.received, self.unread);
        let seen = self.seen().max(news.received - news.unread);
        self.count(self.received.max(news.received), seen);
        if (self.received, self.unread) == before {
            Applied::Ignored
        } else {
            Applied::Changed
        }
    }

    /// Takes the newer look. Broadcasts do not know who looks: what the viewer has seen is his own to keep.
    fn replace(&mut self, newer: &TicketSummary) -> Applied {
        if newer.version <= self.version {
            return Applied::Ignored;
        }
        let (received, seen) = (self.received.max(newer.received), self.seen());
        self.clone_from(newer);
        self.count(received, seen);
        Applied::Changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LocalTime, Priority, Status, live::TicketNews};

    /// A list of one ticket, after that many messages of the other side.
    fn page(received: i32, unread: i32) -> TicketPage {
        TicketPage {
            tickets: vec![summary(1, received, unread)],
            total: 1,
            page: 1,
            per_page: 20,
        }
    }

    fn summary(version: i64, received: i32, unread: i32) -> TicketSummary {
        TicketSummary {
            id: TicketId(1),
            ticket_number: String::new(),
            title: String::new(),
            status: Status::Pending,
            priority: Priority::Medium,
            kind: None,
            customer_name: String::new(),
            assignee: None,
            assignee_id: None,
            created_at: LocalTime(String::new()),
            updated_at: LocalTime(String::new()),
            unread,
            received,
            last_message: None,
            waiting_since: None,
            version,
        }
    }

    fn news(version: i64, received: i32) -> ServerEvent {
        ServerEvent::TicketUpdated(TicketNews {
            ticket: summary(version, received, 0),
        })
    }

    fn read(received: i32, unread: i32) -> ServerEvent {
        ServerEvent::Unread(UnreadNews {
            ticket_id: TicketId(1),
            unread,
            received,
        })
    }

    fn unread_after(mut page: TicketPage, events: &[ServerEvent]) -> i32 {
        for event in events {
            page.apply(event);
            assert_eq!(page.apply(event), Applied::Ignored, "{event:?} a second time");
        }
        page.tickets.first().map_or(-1, |ticket| ticket.unread)
    }

    #[test]
    fn several_messages_told_as_one_are_all_unread() {
        assert_eq!(unread_after(page(2, 1), &[news(6, 5)]), 4);
    }

    #[test]
    fn reading_may_be_told_before_what_was_read() {
        assert_eq!(unread_after(page(1, 0), &[read(3, 0), news(3, 3)]), 0);
        assert_eq!(unread_after(page(1, 0), &[read(3, 0), news(2, 2), news(4, 4)]), 1);
    }

    #[test]
    fn what_was_seen_is_not_unseen() {
        assert_eq!(unread_after(page(4, 0), &[read(3, 1)]), 0);
    }
}
