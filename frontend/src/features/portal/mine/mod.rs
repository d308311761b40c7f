//! One's own tickets: where they stand, and our last words.

mod filters;
mod row;

use leptos::prelude::*;
use shared::{
    live::ServerEvent,
    tickets::{ListTickets, TicketQuery},
    view::Applied,
};

use crate::{
    components::{
        button::{LinkButton, Look},
        empty::{Art, Empty},
        icon::Icon,
    },
    dom,
    features::tickets::found::{Found, Search, pages},
    fetch::load,
    live::use_live,
    paths,
    query::use_query,
    reactive::each,
    text::use_text,
};
use filters::Filters;
use row::row;

/// The page.
#[component]
pub(crate) fn MinePage() -> impl IntoView {
    let t = use_text();
    dom::use_title(|| t.my_tickets.to_owned());
    let query = use_query::<TicketQuery>();
    let loaded = load(ListTickets, move || ((), query.get()));
    let search = Search {
        query,
        loaded,
        path: paths::MY_TICKETS,
    };
    follow(search);
    let empty = || {
        let t = use_text();
        view! {
            <Empty art=Art::Paper title=t.tickets.mine.empty text=t.tickets.mine.empty_text>
                <LinkButton href=paths::SUBMIT look=Look::Primary>{t.submit_ticket}</LinkButton>
            </Empty>
        }
    };
    view! {
        <main class="page" id="main" tabindex="-1">
            <header class="page-head">
                <h1>{t.my_tickets}</h1>
                <LinkButton href=paths::SUBMIT look=Look::Primary glyph=Icon::Plus>{t.submit_ticket}</LinkButton>
            </header>
            <Filters search=search/>
            <Found search=search rows=move || rows(search) empty=empty/>
            <div class="page-foot">{pages(search)}</div>
        </main>
    }
    .into_any()
}

/// Rows change in place; a ticket that is not on the page is asked for: here nothing is worked on by many at once.
fn follow(search: Search) {
    use_live().listen(move |event| {
        let mut applied = Applied::Ignored;
        search.loaded.data().maybe_update(|page| {
            applied = page.as_mut().map_or(Applied::Ignored, |page| page.apply(event));
            applied == Applied::Changed
        });
        if matches!(event, ServerEvent::TicketCreated(_)) && applied == Applied::Ignored {
            search.loaded.reload();
        }
    });
    search.renew_when_connected();
}

fn rows(search: Search) -> AnyView {
    let rows = each(search.keys(), move |key| {
        let (id, ticket) = search.ticket(key);
        row(id, ticket)
    });
    view! { <ul class="card mytickets" role="list" aria-label=use_text().my_tickets>{rows}</ul> }.into_any()
}
