//! Folding live events into what a client already shows: pure, so that server tests and SPA agree.

use crate::{
    TicketId,
    live::{ServerEvent, UnreadNews},
    messages::{ChangeKind, Message, SenderType},
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
            ServerEvent::NewMessage(_)
            | ServerEvent::Welcome(_)
            | ServerEvent::Joined(_)
            | ServerEvent::Left(_)
            | ServerEvent::TicketCreated(_)
            | ServerEvent::TicketUpdated(_)
            | ServerEvent::Typing(_)
            | ServerEvent::Presence(_)
            | ServerEvent::Read(_)
            | ServerEvent::Unread(_)
            | ServerEvent::Pong(_)
            | ServerEvent::Resync(_)
            | ServerEvent::ErrorMessage(_) => {}
        }
    }

    /// Does a change of this kind need the ticket fetched again (its resolution and times are not in the event)?
    pub fn needs_refetch(event: &ServerEvent) -> bool {
        event
            .durable()
            .and_then(|(_, _, message)| message.change.as_ref())
            .is_some_and(|c| c.kind == ChangeKind::Status)
    }
}

impl TicketPage {
    /// Folds one event in for a viewer of the given side: a known ticket takes its newer look in place, nothing
    /// moves. A new ticket is left to the caller, who knows the filter and where the reader's pointer is.
    pub fn apply(&mut self, event: &ServerEvent, viewer: SenderType) -> Applied {
        match event {
            ServerEvent::TicketCreated(news) | ServerEvent::TicketUpdated(news) => {
                self.change(news.ticket.id, |known| known.replace(&news.ticket, viewer))
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
    /// Takes the viewer's own count, wherever he has read.
    fn read_to(&mut self, news: &UnreadNews) -> Applied {
        if news.version < self.version || self.unread == news.unread {
            return Applied::Ignored;
        }
        self.unread = news.unread;
        Applied::Changed
    }

    /// Takes the newer look. Broadcasts do not know who looks, so the viewer keeps his own unread count and adds
    /// one for a new last message of the other side.
    fn replace(&mut self, newer: &TicketSummary, viewer: SenderType) -> Applied {
        if newer.version <= self.version {
            return Applied::Ignored;
        }
        let spoken = newer.last_message != self.last_message
            && newer
                .last_message
                .as_ref()
                .is_some_and(|last| last.sender_type != viewer);
        let unread = self.unread + i32::from(spoken);
        self.clone_from(newer);
        self.unread = unread;
        Applied::Changed
    }
}
