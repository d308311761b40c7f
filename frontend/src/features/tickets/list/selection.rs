//! Which tickets are selected, and on which row the keyboard stands.

use std::collections::BTreeSet;

use leptos::prelude::*;
use shared::{
    TicketId,
    tickets::{TicketPage, TicketSummary},
};

use crate::dom;

/// The selection of one list.
#[derive(Clone, Copy)]
pub(super) struct Selection {
    chosen: RwSignal<BTreeSet<TicketId>>,
    data: RwSignal<Option<TicketPage>>,
}

/// How much of the page is selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Share {
    None,
    Some,
    All,
}

impl Selection {
    pub(super) fn new(data: RwSignal<Option<TicketPage>>) -> Self {
        Self {
            chosen: RwSignal::new(BTreeSet::new()),
            data,
        }
    }

    pub(super) fn has(self, id: TicketId) -> bool {
        self.chosen.with(|chosen| chosen.contains(&id))
    }

    pub(super) fn len(self) -> usize {
        self.chosen.with(BTreeSet::len)
    }

    pub(super) fn is_empty_untracked(self) -> bool {
        self.chosen.with_untracked(BTreeSet::is_empty)
    }

    pub(super) fn toggle(self, id: TicketId) {
        self.chosen.update(|chosen| {
            if !chosen.remove(&id) {
                chosen.insert(id);
            }
        });
    }

    pub(super) fn clear(self) {
        self.chosen.maybe_update(|chosen| {
            let any = !chosen.is_empty();
            chosen.clear();
            any
        });
    }

    /// Keeps only these.
    pub(super) fn keep(self, ids: impl IntoIterator<Item = TicketId>) {
        self.chosen.set(ids.into_iter().collect());
    }

    /// The selected tickets as the list shows them, in its order.
    pub(super) fn tickets(self) -> Vec<TicketSummary> {
        self.data.with_untracked(|page| {
            let all = page.as_ref().map_or(&[][..], |page| &page.tickets);
            all.iter()
                .filter(|ticket| self.chosen.with_untracked(|c| c.contains(&ticket.id)))
                .cloned()
                .collect()
        })
    }

    pub(super) fn share(self) -> Share {
        let rows = self
            .data
            .with(|page| page.as_ref().map_or(0, |page| page.tickets.len()));
        match self.len() {
            0 => Share::None,
            n if n >= rows => Share::All,
            _ => Share::Some,
        }
    }

    /// Everything on the page, or nothing.
    pub(super) fn toggle_all(self) {
        if untrack(|| self.share()) == Share::All {
            return self.clear();
        }
        self.keep(self.ids());
    }

    fn ids(self) -> Vec<TicketId> {
        self.data.with_untracked(|page| {
            page.as_ref().map_or_else(Vec::new, |page| {
                page.tickets.iter().map(|ticket| ticket.id).collect()
            })
        })
    }

    /// The row that has the focus.
    pub(super) fn current(self) -> Option<TicketId> {
        let active = document().active_element()?;
        let row = active.closest("tr[data-id]").ok()??;
        row.get_attribute("data-id")?.parse().ok()
    }

    /// Moves the focus by some rows.
    pub(super) fn step(self, by: isize) {
        let ids = self.ids();
        let Some(last) = ids.len().checked_sub(1) else {
            return;
        };
        let here = self
            .current()
            .and_then(|id| ids.iter().position(|known| *known == id));
        let to = match here {
            None => 0,
            Some(here) => here.saturating_add_signed(by).min(last),
        };
        let row = ids.get(to).and_then(|id| dom::by_id(&link_id(*id)));
        if let Some(link) = row {
            dom::focus(&link);
        }
    }
}

/// The id of a row's link.
pub(super) fn link_id(id: TicketId) -> String {
    format!("ticket-{id}")
}
