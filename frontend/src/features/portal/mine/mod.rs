//! One's own tickets: where they stand, and our last words.

mod filters;
mod row;

use leptos::prelude::*;
use shared::{live::ServerEvent, view::Applied};

use crate::{
    components::{
        button::{LinkButton, Look},
        empty::{Art, Empty},
        icon::Icon,
    },
    dom,
    features::tickets::found::{Found, Search, pages},
    live::use_live,
    paths,
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
    let search = Search::new(paths::MY_TICKETS);
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
    search.follow(|| {}, |page, event| page.apply(event) == Applied::Changed);
    use_live().listen(move |event| {
        if let ServerEvent::TicketCreated(news) = event
            && !search.shows(news.ticket.id)
        {
            search.loaded.reload();
        }
    });
}

fn rows(search: Search) -> AnyView {
    let rows = each(search.keys(), move |key| {
        let (id, ticket) = search.ticket(key);
        row(id, ticket)
    });
    view! { <ul class="card mytickets" role="list" aria-label=use_text().my_tickets>{rows}</ul> }.into_any()
}
