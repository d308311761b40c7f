//! One's own tickets: where they stand, and our last words.

mod filters;
mod row;

use leptos::prelude::*;
use shared::{
    TicketId,
    live::ServerEvent,
    messages::SenderType,
    tickets::{ListTickets, TicketPage, TicketQuery},
    view::Applied,
};

use crate::{
    api::ApiError,
    components::{
        banner::{Banner, Tone},
        button::{Button, LinkButton, Look, Size},
        empty::{Art, Empty, ErrorState},
        icon::Icon,
        pager::Pager,
        skeleton::SkeletonRows,
    },
    dom,
    fetch::{Loaded, load},
    live::{Health, use_live},
    paths,
    query::{self, use_query},
    text::{fill, use_text},
};
use filters::Filters;
use row::Row;

/// The page.
#[component]
pub(crate) fn MinePage() -> impl IntoView {
    let t = use_text();
    dom::use_title(|| t.my_tickets.to_owned());
    let query = use_query::<TicketQuery>();
    let loaded = load(ListTickets, move || ((), query.get()));
    follow(loaded);
    let total = Memo::new(move |_| loaded.data().with(|page| page.as_ref().map(|page| page.total)));
    view! {
        <main class="page" id="main" tabindex="-1">
            <header class="page-head">
                <h1>{t.my_tickets}</h1>
                <LinkButton href=paths::SUBMIT look=Look::Primary glyph=Icon::Plus>{t.submit_ticket}</LinkButton>
            </header>
            <Filters query=query total=total/>
            <Content query=query loaded=loaded/>
            <Pages query=query loaded=loaded/>
        </main>
    }
    .into_any()
}

/// Rows change in place. A ticket that is not on the page, and whatever happened while the connection was down, is
/// asked for: here nothing is ever worked on by many at once.
fn follow(loaded: Loaded<TicketPage>) {
    let live = use_live();
    live.listen(move |event| {
        let mut applied = Applied::Ignored;
        loaded.data().maybe_update(|page| {
            applied = page
                .as_mut()
                .map_or(Applied::Ignored, |page| page.apply(event, SenderType::Customer));
            applied == Applied::Changed
        });
        if matches!(event, ServerEvent::TicketCreated(_)) && applied == Applied::Ignored {
            loaded.reload();
        }
    });
    Effect::watch(
        move || live.health().get(),
        move |now, before, _| {
            if *now == Health::Restored && before.is_some_and(|before| *before != Health::Restored) {
                loaded.reload();
            }
        },
        false,
    );
}

/// What the page shows below its filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    Waiting,
    Failed,
    Empty,
    NoMatch,
    Rows,
}

#[component]
fn Content(query: Memo<TicketQuery>, loaded: Loaded<TicketPage>) -> impl IntoView {
    let t = use_text();
    let words = &t.tickets.mine;
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
            Body::Waiting => view! { <div class="card"><SkeletonRows rows=6/></div> }.into_any(),
            Body::Failed => {
                let error = loaded.failure().get_untracked().unwrap_or(ApiError::Network);
                view! { <ErrorState title=t.tickets.list.failed error=error on_retry=retry/> }.into_any()
            }
            Body::Empty => view! {
                <Empty art=Art::Paper title=words.empty text=words.empty_text>
                    <LinkButton href=paths::SUBMIT look=Look::Primary>{t.submit_ticket}</LinkButton>
                </Empty>
            }
            .into_any(),
            Body::NoMatch => no_match(&query.get()),
            Body::Rows => view! { <Rows data=loaded.data()/> }.into_any(),
        }}
    }
    .into_any()
}

#[component]
fn Rows(data: RwSignal<Option<TicketPage>>) -> impl IntoView {
    let t = use_text();
    let ids = Memo::new(move |_| {
        data.with(|page| {
            page.as_ref().map_or_else(Vec::new, |page| {
                page.tickets.iter().map(|ticket| ticket.id).collect::<Vec<_>>()
            })
        })
    });
    let row = move |id: TicketId| {
        let ticket = Memo::new(move |_| {
            data.with(|page| {
                page.as_ref()
                    .and_then(|page| page.tickets.iter().find(|t| t.id == id).cloned())
            })
        });
        view! { <Row id=id ticket=ticket/> }
    };
    view! {
        <ul class="card mytickets" role="list" aria-label=t.my_tickets>
            <For each=move || ids.get() key=|id| *id let:id>
                {row(id)}
            </For>
        </ul>
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

fn no_match(query: &TicketQuery) -> AnyView {
    let t = use_text();
    let title = match &query.q {
        Some(q) => fill(t.tickets.list.no_match_named, &[("q", q)]),
        None => t.tickets.list.no_match.to_owned(),
    };
    view! {
        <Empty art=Art::Search title=title text=t.tickets.list.no_match_text>
            <LinkButton href=paths::MY_TICKETS>{t.clear_filters}</LinkButton>
        </Empty>
    }
    .into_any()
}

#[component]
fn Pages(query: Memo<TicketQuery>, loaded: Loaded<TicketPage>) -> impl IntoView {
    let spread = Memo::new(move |_| {
        loaded
            .data()
            .with(|page| page.as_ref().map(|page| (page.page, page.per_page, page.total)))
    });
    move || {
        spread.get().map(|(page, per_page, total)| {
            let asked = query.get();
            let to = move |n: u32| {
                let page = Some(n).filter(|n| *n > 1);
                query::href(
                    paths::MY_TICKETS,
                    &TicketQuery {
                        page,
                        ..asked.clone()
                    },
                )
            };
            view! { <div class="page-foot"><Pager page=page per_page=per_page total=total href=to/></div> }
        })
    }
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
