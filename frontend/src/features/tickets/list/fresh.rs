//! What is new in the list: rows change in place at once; what would change the order waits until it disturbs nobody.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use shared::{
    TicketId, UserId,
    live::ServerEvent,
    tickets::{TicketPage, TicketSummary},
};

use super::{folding::fold, matching::matches, selection::Selection};
use crate::{
    components::icon::{Icon, icon},
    features::tickets::{agents::Agent, found::Search},
    reactive::{Memo, NodeRef, RwSignal, StoredValue, effect, handler, optional},
    session::use_session,
    text::use_text,
};

/// News are gathered this long, so that a burst is one change of the list.
const GATHER_MS: u32 = 400;

/// What waits.
#[derive(Clone, Copy)]
pub(super) struct Fresh {
    waiting: RwSignal<Vec<TicketId>>,
    search: Search,
    scroller: NodeRef,
    selection: Selection,
    me: Option<UserId>,
    agents: Memo<Vec<Agent>>,
}

impl Fresh {
    pub(super) fn new(
        search: Search,
        scroller: NodeRef,
        selection: Selection,
        agents: Memo<Vec<Agent>>,
    ) -> Self {
        let me = untrack(|| use_session().user()).map(|user| user.id);
        let fresh = Self {
            waiting: RwSignal::new(Vec::new()),
            search,
            scroller,
            selection,
            me,
            agents,
        };
        // A new answer holds everything, except what came while it was on its way.
        search.follow(
            move || fresh.waiting.set(Vec::new()),
            move |page, event| fresh.fold(page, event),
        );
        fresh.settle_by_itself();
        fresh
    }

    fn fold(self, page: &mut TicketPage, event: &ServerEvent) -> bool {
        let folded = self.search.query.with_untracked(|query| {
            let fits = |ticket: &TicketSummary| {
                self.agents
                    .with_untracked(|agents| matches(query, ticket, self.me, agents))
            };
            fold(page, event, query, fits)
        });
        if let Some(id) = folded.waits {
            self.waiting.update(|waiting| {
                waiting.retain(|known| *known != id);
                waiting.push(id);
            });
        }
        folded.changed
    }

    /// Where nobody reads, points or selects, the news come in by themselves.
    fn settle_by_itself(self) {
        let timer = StoredValue::new(None::<Timeout>);
        effect(move || {
            let any = self.waiting.with(|waiting| !waiting.is_empty());
            let gather = any.then(|| {
                Timeout::new(GATHER_MS, move || {
                    self.settle();
                })
            });
            timer.set_value(gather);
        });
        on_cleanup(move || {
            timer.set_value(None);
        });
    }

    /// Takes the news in if that disturbs nobody. Where news are many and answers slow, each answer is shown all the same.
    pub(super) fn settle(self) {
        if self.waiting.try_with_untracked(|waiting| !waiting.is_empty()) == Some(true) && self.is_idle() {
            self.search.loaded.renew();
        }
    }

    fn is_idle(self) -> bool {
        let Some(scroller) = self.scroller.get_untracked() else {
            return false;
        };
        let pointed_at = scroller.matches(":hover").unwrap_or(false);
        let focused = scroller.matches(":focus-within").unwrap_or(false);
        scroller.scroll_top() == 0 && !pointed_at && !focused && self.selection.is_empty_untracked()
    }

    /// Takes the news in now.
    pub(super) fn apply(self) {
        if self.waiting.with_untracked(Vec::is_empty) {
            return;
        }
        if let Some(scroller) = self.scroller.get_untracked() {
            scroller.set_scroll_top(0);
        }
        self.search.loaded.reload();
    }
}

/// `↑ 3 条更新`, in a place of its own, so that it moves nothing.
#[component]
pub(super) fn FreshPill(fresh: Fresh) -> impl IntoView {
    let t = use_text();
    view! {
        <span class="fresh-slot" aria-live="polite">
            {optional(move || {
                let n = i64::try_from(fresh.waiting.with(Vec::len)).unwrap_or(i64::MAX);
                (n > 0)
                    .then(|| {
                        view! {
                            <button type="button" class="fresh" on:click=handler(move |_| fresh.apply())>
                                {icon(Icon::Up)}
                                {t.tickets.list.fresh.of(n)}
                            </button>
                        }
                    })
            })}
        </span>
    }
}
