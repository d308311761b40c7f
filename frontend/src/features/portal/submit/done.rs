//! Submitted: the number, the link that opens it again without an account, and the files.

use leptos::prelude::*;
use shared::tickets::TicketCreated;
use wasm_bindgen::JsCast;

use crate::{
    components::{
        button::{Button, LinkButton, Look, Size},
        icon::{Icon, icon},
        toast::use_toasts,
    },
    dom,
    features::tickets::files::{FileRows, Files},
    paths,
    reactive::{NodeRef, dynamic, effect, handler, memo, optional},
    text::{fill, use_text},
};

/// The news, and what to do next.
#[component]
pub(super) fn Done(ticket: TicketCreated, files: Files) -> impl IntoView {
    let t = use_text();
    let id = ticket.ticket_id;
    let heading = NodeRef::new();
    effect(move || {
        if let Some(heading) = heading.get() {
            dom::focus(&heading);
        }
    });
    let link = ticket
        .access_url
        .clone()
        .map(|url| view! { <AccessLink url=url/> });
    let trouble = optional(move || {
        files
            .has_failed()
            .then(|| view! { <p class="field-error">{icon(Icon::Alert)} {t.tickets.form.files_failed}</p> })
    });
    let retry = move |key: String| files.upload(key, id, false);
    // Leaving would break off what is still on its way.
    let busy = memo(move || files.is_busy());
    let next = dynamic(move || {
        if busy.get() {
            view! { <Button look=Look::Primary size=Size::Large busy=busy>{t.tickets.form.open}</Button> }
                .into_any()
        } else {
            let href = paths::ticket(id);
            view! { <LinkButton href=href look=Look::Primary size=Size::Large>{t.tickets.form.open}</LinkButton> }
                .into_any()
        }
    });
    view! {
        <section class="card done">
            <span class="done-mark">{icon(Icon::Check)}</span>
            <h1 tabindex="-1" node_ref=heading>{fill(t.tickets.form.done, &[("number", &ticket.ticket_number)])}</h1>
            <p class="muted">{t.tickets.form.done_text}</p>
            {link}
            <div class="done-files">
                {trouble}
                <FileRows files=files retry=retry missing=true/>
            </div>
            <div class="row">
                {next}
            </div>
        </section>
    }
    .into_any()
}

/// The link, to select or to copy.
#[component]
fn AccessLink(url: String) -> impl IntoView {
    let t = use_text();
    let toasts = use_toasts();
    let id = dom::uid();
    let field = id.clone();
    let address = url.clone();
    let copy = move |()| {
        let clipboard = window().navigator().clipboard();
        // Without a secure context there is no clipboard: then the selected text is copied by hand.
        if clipboard.is_undefined() {
            if let Some(input) = dom::by_id(&field) {
                dom::focus(&input);
            }
            return;
        }
        let _ = clipboard.write_text(&address);
        toasts.done(t.tickets.form.copied);
    };
    view! {
        <div class="done-link">
            <label class="field-label" for=id.clone()>{t.tickets.form.link}</label>
            <div class="done-link-row">
                <input
                    class="input"
                    id=id
                    readonly
                    value=url
                    on:focus=handler(move |event: web_sys::FocusEvent| {
                        if let Some(input) = event.target().and_then(|t| t.dyn_into::<web_sys::HtmlInputElement>().ok()) {
                            input.select();
                        }
                    })
                />
                <Button glyph=Icon::Copy on_click=copy>{t.tickets.form.copy}</Button>
            </div>
            <p class="field-hint">{t.tickets.form.link_hint}</p>
        </div>
    }
    .into_any()
}
