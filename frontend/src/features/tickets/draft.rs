//! Drafts: what was typed and not sent, kept in this browser per person, ticket and mode.

use shared::TicketId;

use crate::storage;

/// What a message is going to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Mode {
    #[default]
    Reply,
    /// For agents only.
    Note,
}

/// Where one draft lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place(String);

impl Place {
    /// The draft of `keeper` (see `super::keeper`) on a ticket.
    pub(super) fn new(keeper: &str, ticket: TicketId, mode: Mode) -> Self {
        let mode = match mode {
            Mode::Reply => "reply",
            Mode::Note => "note",
        };
        Self(format!("draft.{keeper}.{ticket}.{mode}"))
    }

    /// The draft; empty if there is none.
    pub(super) fn get(&self) -> String {
        storage::get(&self.0).unwrap_or_default()
    }

    /// Keeps a draft; an empty one is forgotten.
    pub(super) fn keep(&self, text: &str) {
        if text.trim().is_empty() {
            storage::remove(&self.0);
        } else {
            storage::set(&self.0, text);
        }
    }
}

/// Is something typed and not sent on this ticket?
pub(super) fn is_any(keeper: &str, ticket: TicketId) -> bool {
    [Mode::Reply, Mode::Note]
        .into_iter()
        .any(|mode| !Place::new(keeper, ticket, mode).get().is_empty())
}
