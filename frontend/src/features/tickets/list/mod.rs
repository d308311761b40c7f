//! The agents' ticket list: find, sweep, act on many at once. Filters, order and page are part of the address.

mod bulk;
mod closing;
mod filter;
mod filters;
mod folding;
mod fresh;
mod keys;
mod matching;
mod selection;
mod table;

use std::cell::RefCell;

use leptos::prelude::*;
use shared::{
    Status,
    tickets::{TicketPage, TicketQuery},
};

use super::{
    agents::use_agents,
    found::{Found, Search, pages},
};
use crate::{
    components::{
        button::{LinkButton, Look},
        empty::{Art, Empty},
        icon::Icon,
        select::Select,
    },
    dom,
    layout::queues::Queue,
    number, paths,
    query::{Step, use_set_query},
    reactive::{NodeRef, derived, effect, handler, on_change},
    router::use_router,
    text::{Text, fill, use_text},
};
use bulk::BulkBar;
use filters::Filters;
use fresh::{Fresh, FreshPill};
use selection::Selection;
use table::Table;

/// How many rows a page may have.
const PER_PAGE: [u32; 3] = [20, 50, 100];

thread_local! {
    static LAST: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The list as it was last looked at, to go back to.
pub(super) fn last_address() -> String {
    let search = LAST.with_borrow(Clone::clone);
    if search.is_empty() {
        paths::ADMIN_TICKETS.to_owned()
    } else {
        format!("{}?{search}", paths::ADMIN_TICKETS)
    }
}

/// The page.
#[component]
pub(crate) fn ListPage() -> impl IntoView {
    let t = use_text();
    let search = Search::new(paths::ADMIN_TICKETS);
    let Search { query, loaded, .. } = search;
    let agents = use_agents();
    let scroller = NodeRef::new();
    let selection = Selection::new(search);
    let fresh = Fresh::new(search, scroller, selection, agents);
    keys::hear(selection, fresh);
    remember_address();
    on_change(move || query.track(), move || selection.clear());

    let title = move || query.with(|query| title(t, query));
    dom::use_title(move || title().to_owned());
    let total = search.total();
    let count = move || {
        let n = total.get()?;
        Some(if search.is_filtered() {
            t.tickets.list.matching.of(n)
        } else {
            number::grouped(n)
        })
    };
    view! {
        <section class="listpage ticketlist" aria-labelledby="list-title">
            <header class="pane-head">
                <h1 id="list-title">{move || title()} <span class="count">{move || count()}</span></h1>
                <span class="push"></span>
                <LinkButton href=paths::SUBMIT look=Look::Primary glyph=Icon::Plus>{t.new_ticket}</LinkButton>
            </header>
            <div class="list-tools">
                <Filters search=search agents=agents>
                    <FreshPill fresh=fresh/>
                </Filters>
                <BulkBar selection=selection agents=agents loaded=loaded/>
            </div>
            <div
                class="scroll"
                node_ref=scroller
                aria-busy=move || loaded.is_busy().then_some("true")
                on:pointerleave=handler(move |_| fresh.settle())
            >
                <Found
                    search=search
                    rows=move || view! { <Table search=search selection=selection agents=agents/> }
                    empty=|| {
                        let t = use_text();
                        view! { <Empty art=Art::Paper title=t.tickets.list.empty text=t.tickets.list.empty_text/> }
                    }
                    good_news=worked_off
                />
            </div>
            <Foot search=search/>
        </section>
    }
    .into_any()
}

fn remember_address() {
    let router = use_router();
    effect(move || {
        let search = router.search();
        // The address changes a moment before this page goes.
        if router.path() == paths::ADMIN_TICKETS {
            LAST.with_borrow_mut(|last| *last = search);
        }
    });
}

/// A queue that is worked off is good news; a search that finds nothing is not.
fn worked_off(query: &TicketQuery) -> Option<AnyView> {
    let list = &use_text().tickets.list;
    let mine = Queue::Mine.holds(query);
    if !mine && !Queue::Unassigned.holds(query) {
        return None;
    }
    let next =
        mine.then(|| view! { <LinkButton href=Queue::Unassigned.href()>{list.see_unassigned}</LinkButton> });
    Some(view! { <Empty art=Art::Done title=list.all_done text=list.all_done_text>{next}</Empty> }.into_any())
}

#[component]
fn Foot(search: Search) -> impl IntoView {
    let t = use_text();
    let set = use_set_query::<TicketQuery>();
    let query = search.query;
    let per_page = move || {
        query
            .with(|query| query.per_page.unwrap_or(PER_PAGE[0]))
            .to_string()
    };
    let options = PER_PAGE
        .iter()
        .map(|n| (n.to_string(), fill(t.tickets.list.per_page, &[("n", n)])))
        .collect::<Vec<_>>();
    let pick = move |text: String| {
        let per_page = text.parse().ok().filter(|n| *n != PER_PAGE[0]);
        set(
            &TicketQuery {
                per_page,
                page: None,
                ..query.get_untracked()
            },
            Step::Push,
        );
    };
    view! {
        <footer class="listfoot">
            <span>{move || search.loaded.data().with(|page| page.as_ref().and_then(range))}</span>
            <span class="push"></span>
            <Select
                label=t.tickets.list.per_page_label
                options=options
                value=derived(per_page)
                on_pick=pick
            />
            {pages(search)}
        </footer>
    }
    .into_any()
}

/// `1–20，共 40 条`.
fn range(page: &TicketPage) -> Option<String> {
    let shown = i64::try_from(page.tickets.len())
        .ok()
        .filter(|shown| *shown > 0)?;
    let before = i64::from(page.page.saturating_sub(1)) * i64::from(page.per_page);
    let (from, to, total) = (
        number::grouped(before + 1),
        number::grouped(before + shown),
        number::grouped(page.total),
    );
    Some(fill(
        use_text().range_of,
        &[("from", &from), ("to", &to), ("total", &total)],
    ))
}

/// The queue's name, if the question is one; else what it is: all tickets, narrowed down.
fn title(t: &Text, query: &TicketQuery) -> &'static str {
    let queues = [Queue::Mine, Queue::Unassigned, Queue::Urgent];
    let held = queues
        .into_iter()
        .chain(Status::ALL.iter().copied().map(Queue::Standing))
        .find(|q| q.holds(query));
    match held {
        Some(Queue::Mine) => t.mine,
        Some(Queue::Unassigned) => t.unassigned,
        Some(Queue::Urgent) => t.urgent,
        Some(Queue::Standing(status)) => t.status(status),
        Some(Queue::All) | None => t.all_tickets,
    }
}
