//! The conversations read last: opening one again paints at once and hears over the live connection what it missed.

use std::cell::RefCell;

use shared::{tickets::TicketKey, view::Thread};

/// How many are kept.
const KEPT: usize = 12;

/// A conversation as it was left.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) thread: Thread,
    pub(super) has_older: bool,
}

thread_local! {
    static CACHE: RefCell<Vec<(String, Kept)>> = const { RefCell::new(Vec::new()) };
}

/// The conversation as `keeper` last saw it.
pub(super) fn get(keeper: &str, key: &TicketKey) -> Option<Kept> {
    CACHE.with_borrow(|all| {
        let found = all
            .iter()
            .find(|(owner, kept)| owner == keeper && is(&kept.thread, key));
        found.map(|(_, kept)| kept.clone())
    })
}

/// Keeps a conversation, in place of the oldest.
pub(super) fn keep(keeper: &str, kept: Kept) {
    CACHE.with_borrow_mut(|all| {
        all.retain(|(owner, known)| owner == keeper && known.thread.ticket.id != kept.thread.ticket.id);
        all.truncate(KEPT - 1);
        all.insert(0, (keeper.to_owned(), kept));
    });
}

fn is(thread: &Thread, key: &TicketKey) -> bool {
    match key {
        TicketKey::Id(id) => thread.ticket.id == *id,
        TicketKey::Number(number) => thread.ticket.ticket_number == *number,
    }
}
