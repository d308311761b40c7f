//! Submitting a ticket, with or without an account, and what follows: the number, the link, the uploads.

mod choices;
mod contact;
mod done;
mod draft;
mod form;

use leptos::prelude::*;
use shared::tickets::TicketCreated;

use crate::{
    components::icon::{Icon, icon},
    dom,
    features::tickets::files::Files,
    paths,
    reactive::RwSignal,
    router::{Step, use_router},
    session::use_session,
    text::use_text,
};
use done::Done;
use form::SubmitForm;

/// The page.
#[component]
pub(crate) fn SubmitPage() -> impl IntoView {
    let t = use_text();
    let session = use_session();
    dom::use_title(|| t.submit_ticket.to_owned());
    let created = RwSignal::new(None::<TicketCreated>);
    let files = Files::new();
    let router = use_router();
    let on_created = Callback::new(move |(ticket, uploaded): (TicketCreated, bool)| {
        // A signed-in person goes on to the ticket; a guest needs the link first, and files that failed a second try.
        if uploaded && untrack(|| session.user()).is_some() {
            router.go(&paths::ticket(ticket.ticket_id), Step::Push);
        } else {
            created.set(Some(ticket));
        }
    });
    let body = move || match created.get() {
        Some(ticket) => view! { <Done ticket=ticket files=files/> }.into_any(),
        None => view! {
            <header>
                <h1>{t.submit_ticket}</h1>
                <p>{t.tickets.form.promise}</p>
            </header>
            <SubmitForm files=files on_created=on_created/>
            <Help/>
        }
        .into_any(),
    };
    if untrack(|| session.is_agent()) {
        // The shell has the `<main>`.
        view! { <div class="scroll page-scroll"><div class="page page--split">{move || body()}</div></div> }
            .into_any()
    } else {
        view! { <main class="page page--split" id="main" tabindex="-1">{move || body()}</main> }.into_any()
    }
}

/// What a customer may wonder about.
#[component]
fn Help() -> impl IntoView {
    let t = use_text();
    view! {
        <aside class="aside" aria-label=t.tickets.form.help>
            <section class="card">
                <h2>{icon(Icon::Mail)} {t.tickets.form.after}</h2>
                <p class="muted">{t.tickets.form.after_text}</p>
            </section>
            <section class="card">
                <h2>{icon(Icon::Lock)} {t.tickets.form.private}</h2>
                <p class="muted">{t.tickets.form.private_text}</p>
            </section>
        </aside>
    }
    .into_any()
}
