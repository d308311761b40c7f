//! The agents' ticket list: find, sweep, act on many at once. Filters, order and page are part of the address.

mod bulk;
mod closing;
mod filters;
mod fresh;
mod keys;
mod matching;
mod selection;
mod table;

use std::cell::RefCell;

use leptos::{html, prelude::*};
use shared::{
    Status,
    tickets::{ListTickets, TicketPage, TicketQuery},
};

use super::agents::{Agent, use_agents};
use crate::{
    api::ApiError,
    components::{
        banner::{Banner, Tone},
        button::{Button, LinkButton, Look, Size},
        empty::{Art, Empty, ErrorState},
        icon::Icon,
        pager::Pager,
        select::Select,
        skeleton::SkeletonRows,
    },
    dom,
    fetch::{Loaded, load},
    layout::queues::Queue,
    number, paths,
    query::{self, Step, use_query, use_set_query},
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

/// What the page shows below its tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    Waiting,
    Failed,
    Empty,
    NoMatch,
    Rows,
}

/// The page.
#[component]
pub(crate) fn ListPage() -> impl IntoView {
    let t = use_text();
    let query = use_query::<TicketQuery>();
    let loaded = load(ListTickets, move || ((), query.get()));
    let agents = use_agents();
    let scroller = NodeRef::<html::Div>::new();
    let selection = Selection::new(loaded.data());
    let fresh = Fresh::new(loaded, query, scroller, selection, agents);
    keys::hear(selection, fresh);
    remember_address();
    Effect::watch(move || query.get(), move |_, _, _| selection.clear(), false);

    let title = Memo::new(move |_| query.with(|query| title(t, query)));
    dom::use_title(move || title.get().to_owned());
    let total = Memo::new(move |_| loaded.data().with(|page| page.as_ref().map(|page| page.total)));
    let filtered = Memo::new(move |_| query.with(is_filtered));
    let count = move || {
        total.get().map(|n| {
            if filtered.get() {
                t.tickets.list.matching.of(n)
            } else {
                number::grouped(n)
            }
        })
    };
    view! {
        <section class="listpage ticketlist" aria-labelledby="list-title">
            <header class="pane-head">
                <h1 id="list-title">{move || title.get()} <span class="count">{count}</span></h1>
                <span class="push"></span>
                <LinkButton href=paths::SUBMIT look=Look::Primary glyph=Icon::Plus>{t.new_ticket}</LinkButton>
            </header>
            <div class="list-tools">
                <Filters query=query agents=agents>
                    <FreshPill fresh=fresh/>
                </Filters>
                <BulkBar selection=selection agents=agents loaded=loaded/>
            </div>
            <div
                class="scroll"
                node_ref=scroller
                aria-busy=move || loaded.is_busy().then_some("true")
                on:pointerleave=move |_| fresh.settle()
            >
                <Content query=query loaded=loaded selection=selection agents=agents/>
            </div>
            <Foot query=query loaded=loaded/>
        </section>
    }
    .into_any()
}

fn remember_address() {
    let router = use_router();
    Effect::new(move |_| {
        let search = router.search();
        // The address changes a moment before this page goes.
        if router.path() == paths::ADMIN_TICKETS {
            LAST.with_borrow_mut(|last| *last = search);
        }
    });
}

#[component]
fn Content(
    query: Memo<TicketQuery>,
    loaded: Loaded<TicketPage>,
    selection: Selection,
    agents: Memo<Vec<Agent>>,
) -> impl IntoView {
    let t = use_text();
    let body = Memo::new(move |_| {
        let failed = loaded.failure().with(Option::is_some);
        loaded.data().with(|page| match page {
            None if failed => Body::Failed,
            None => Body::Waiting,
            Some(page) if !page.tickets.is_empty() => Body::Rows,
            Some(_) if query.with(is_filtered) => Body::NoMatch,
            Some(_) => Body::Empty,
        })
    });
    let retry = Callback::new(move |()| loaded.reload());
    let outdated = move || {
        let failure = loaded.failure().get().filter(|_| body.get() != Body::Failed);
        failure.map(|error| view! { <Outdated error=error retry=retry/> })
    };
    view! {
        {outdated}
        {move || match body.get() {
            Body::Waiting => view! { <SkeletonRows rows=8/> }.into_any(),
            Body::Failed => {
                let error = loaded.failure().get_untracked().unwrap_or(ApiError::Network);
                view! { <ErrorState title=t.tickets.list.failed error=error on_retry=retry/> }.into_any()
            }
            Body::Empty => view! { <Empty art=Art::Paper title=t.tickets.list.empty text=t.tickets.list.empty_text/> }
                .into_any(),
            Body::NoMatch => no_match(&query.get()),
            Body::Rows => view! { <Table query=query data=loaded.data() selection=selection agents=agents/> }.into_any(),
        }}
    }
    .into_any()
}

/// The rows are the last that came; a newer answer did not.
#[component]
fn Outdated(error: ApiError, retry: Callback<()>) -> impl IntoView {
    let t = use_text();
    view! {
        <Banner tone=Tone::Warn>
            <span>{t.tickets.list.outdated} " " {error.message(t)}</span>
            <Button size=Size::Small on:click=move |_| retry.run(())>{t.retry}</Button>
        </Banner>
    }
}

/// Nothing fits: a queue that is worked off is good news, a search that finds nothing is not.
fn no_match(query: &TicketQuery) -> AnyView {
    let t = use_text();
    let list = &t.tickets.list;
    let worked_off = |queue: &Queue| queue.holds(query) && !matches!(queue, Queue::All);
    if [Queue::Mine, Queue::Unassigned].iter().any(worked_off) {
        let mine = Queue::Mine.holds(query);
        let next = mine.then(|| {
            view! { <LinkButton href=Queue::Unassigned.href()>{list.see_unassigned}</LinkButton> }
        });
        return view! { <Empty art=Art::Done title=list.all_done text=list.all_done_text>{next}</Empty> }
            .into_any();
    }
    let title = match &query.q {
        Some(q) => fill(list.no_match_named, &[("q", q)]),
        None => list.no_match.to_owned(),
    };
    view! {
        <Empty art=Art::Search title=title text=list.no_match_text>
            <LinkButton href=paths::ADMIN_TICKETS>{t.clear_filters}</LinkButton>
        </Empty>
    }
    .into_any()
}

#[component]
fn Foot(query: Memo<TicketQuery>, loaded: Loaded<TicketPage>) -> impl IntoView {
    let t = use_text();
    let set = use_set_query::<TicketQuery>();
    let spread = Memo::new(move |_| {
        loaded.data().with(|page| {
            page.as_ref()
                .map(|page| (page.page, page.per_page, page.total, page.tickets.len()))
        })
    });
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
            <span>
                {move || spread.get().filter(|(.., shown)| *shown > 0).map(|(page, per_page, total, shown)| {
                    let before = i64::from(page.saturating_sub(1)) * i64::from(per_page);
                    let last = before + i64::try_from(shown).unwrap_or(0);
                    fill(
                        t.range_of,
                        &[("from", &number::grouped(before + 1)), ("to", &number::grouped(last)), ("total", &number::grouped(total))],
                    )
                })}
            </span>
            <span class="push"></span>
            <Select
                label=t.tickets.list.per_page_label
                options=options
                value=Signal::derive(per_page)
                on_pick=pick
            />
            {move || {
                spread
                    .get()
                    .map(|(page, per_page, total, _)| {
                        let asked = query.get();
                        let to = move |n: u32| {
                            let page = Some(n).filter(|n| *n > 1);
                            query::href(paths::ADMIN_TICKETS, &TicketQuery { page, ..asked.clone() })
                        };
                        view! { <Pager page=page per_page=per_page total=total href=to/> }
                    })
            }}
        </footer>
    }
    .into_any()
}

/// Does anything narrow the list down?
fn is_filtered(query: &TicketQuery) -> bool {
    let everything = TicketQuery {
        sort: query.sort,
        page: query.page,
        per_page: query.per_page,
        ..TicketQuery::default()
    };
    *query != everything
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
