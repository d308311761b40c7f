//! What this server has told of late, so that what the others call out, or polling finds, is not told again.

use std::{hash::Hash, time::Duration};

use moka::sync::Cache;
use shared::{AttachmentId, TicketId, UserId, live::ServerEvent};

use crate::{actions::retell::Stand, db::notifications::BellRead, domain::events::Envelope};

/// What was told here, by this server's own commits and by looking up those of others.
pub(super) struct AlreadyTold {
    /// Where each ticket stood when its lists' news were last told.
    pub(super) tickets: Cache<TicketId, Stand>,
    /// How far each account had read each ticket when that was last told.
    pub(super) read: Cache<(TicketId, UserId), i64>,
    /// The files of tickets themselves.
    pub(super) files: Cache<AttachmentId, ()>,
    /// What was read at bells.
    pub(super) bells: Cache<BellRead, ()>,
    /// The revocations that were acted on.
    pub(super) revoked: Cache<i32, ()>,
}

impl Default for AlreadyTold {
    fn default() -> Self {
        Self {
            tickets: remembered(),
            read: remembered(),
            files: remembered(),
            bells: remembered(),
            revoked: remembered(),
        }
    }
}

/// What was found by polling is found again for a while.
fn remembered<K: Hash + Eq + Send + Sync + 'static, V: Clone + Send + Sync + 'static>() -> Cache<K, V> {
    Cache::builder()
        .max_capacity(100_000)
        .time_to_idle(Duration::from_secs(120))
        .build()
}

impl AlreadyTold {
    /// Notes what is told now.
    pub(super) fn note(&self, events: &[Envelope]) {
        for event in events {
            if let Some(ServerEvent::AttachmentsChanged(news)) = &event.staff {
                self.files.insert(news.attachment_id, ());
            }
            if let Some((id, staff)) = version(event.staff.as_ref()) {
                let before = self.tickets.get(&id);
                let customer = version(event.customer.as_ref()).map(|(_, customer)| customer);
                // Commits may be told in the other order.
                if let Some(customer) = customer.or(before.map(|stand| stand.customer))
                    && before.is_none_or(|stand| stand.staff < staff)
                {
                    self.tickets.insert(id, Stand { staff, customer });
                }
            }
        }
    }

    /// Notes that lists stand before these, wherever nothing is known of them: found late, they are news all the same.
    pub(super) fn note_pending(&self, events: &[Envelope]) {
        for event in events {
            if let (Some((id, staff)), Some((_, customer))) =
                (version(event.staff.as_ref()), version(event.customer.as_ref()))
                && !self.tickets.contains_key(&id)
            {
                let (staff, customer) = (staff - 1, customer - 1);
                self.tickets.insert(id, Stand { staff, customer });
            }
        }
    }
}

/// The ticket whose look in the lists an event tells, and its number in that side's numbering.
fn version(event: Option<&ServerEvent>) -> Option<(TicketId, i64)> {
    match event? {
        ServerEvent::TicketCreated(news) | ServerEvent::TicketUpdated(news) => {
            Some((news.ticket.id, news.ticket.version))
        }
        _ => None,
    }
}
