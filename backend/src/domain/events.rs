//! What a committed change tells, and who may hear it.

use shared::{TicketId, UserId, live::ServerEvent};

/// Who hears an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Whoever is in the ticket's room. A customer there never hears what has no customers' form.
    Room(TicketId),
    /// Every agent, and the ticket's owner.
    Lists { owner: Option<UserId> },
    /// All connections of one account.
    Account(UserId),
}

/// An event on its way out: one form per side, because the sides number (and see) differently.
#[derive(Debug, Clone, PartialEq)]
pub struct Envelope {
    pub audience: Audience,
    /// None where agents need not hear of it.
    pub staff: Option<ServerEvent>,
    /// None where customers must not hear of it.
    pub customer: Option<ServerEvent>,
}
