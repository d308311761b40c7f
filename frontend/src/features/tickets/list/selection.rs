//! Which tickets are selected, and on which row the keyboard stands.

use leptos::prelude::*;
use shared::{TicketId, tickets::TicketSummary};

use crate::{dom, features::tickets::found::Search, reactive::RwSignal};

/// The selection of one list.
#[derive(Clone, Copy)]
pub(super) struct Selection {
    chosen: RwSignal<Vec<TicketId>>,
    search: Search,
}

/// How much of the page is selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Share {
    None,
    Some,
    All,
}

impl Selection {
    pub(super) fn new(search: Search) -> Self {
        Self {
            chosen: RwSignal::new(Vec::new()),
            search,
        }
    }

    pub(super) fn has(self, id: TicketId) -> bool {
        self.chosen.with(|chosen| chosen.contains(&id))
    }

    pub(super) fn len(self) -> usize {
        self.chosen.with(Vec::len)
    }

    pub(super) fn is_empty_untracked(self) -> bool {
        self.chosen.with_untracked(Vec::is_empty)
    }

    pub(super) fn toggle(self, id: TicketId) {
        self.chosen
            .update(|chosen| match chosen.iter().position(|known| *known == id) {
                Some(at) => drop(chosen.remove(at)),
                None => chosen.push(id),
            });
    }

    pub(super) fn clear(self) {
        if !self.is_empty_untracked() {
            self.chosen.set(Vec::new());
        }
    }

    /// Keeps only these.
    pub(super) fn keep(self, ids: Vec<TicketId>) {
        self.chosen.set(ids);
    }

    /// The selected tickets as the list shows them, in its order.
    pub(super) fn tickets(self) -> Vec<TicketSummary> {
        let chosen = self.chosen.get_untracked();
        self.on_page(|all| {
            all.iter()
                .filter(|ticket| chosen.contains(&ticket.id))
                .cloned()
                .collect()
        })
    }

    pub(super) fn share(self) -> Share {
        let rows = self
            .search
            .loaded
            .data()
            .with(|page| page.as_ref().map_or(0, |page| page.tickets.len()));
        match self.len() {
            0 => Share::None,
            n if n >= rows => Share::All,
            _ => Share::Some,
        }
    }

    /// Everything on the page, or nothing.
    pub(super) fn toggle_all(self) {
        let all = untrack(|| self.share()) == Share::All;
        self.keep(if all { Vec::new() } else { self.ids() });
    }

    fn ids(self) -> Vec<TicketId> {
        self.on_page(|all| all.iter().map(|ticket| ticket.id).collect())
    }

    fn on_page<T>(self, of: impl FnOnce(&[TicketSummary]) -> T) -> T {
        self.search
            .loaded
            .data()
            .with_untracked(|page| of(page.as_ref().map_or(&[][..], |page| &page.tickets)))
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
        let to = here.map_or(0, |here| here.saturating_add_signed(by).min(last));
        if let Some(link) = ids.get(to).and_then(|id| dom::by_id(&link_id(*id))) {
            dom::focus(&link);
        }
    }
}

/// The id of a row's link.
pub(super) fn link_id(id: TicketId) -> String {
    format!("ticket-{id}")
}
