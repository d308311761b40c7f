//! The head of the conversation: back, title, number to copy, and where the ticket stands.

use leptos::prelude::*;
use shared::Status;

use super::{actions::Desk, company::Company};
use crate::{
    components::{
        icon::{Icon, icon},
        mark::StatusMark,
        menu::{Menu, MenuItem},
        time::Moment,
    },
    features::tickets::list::last_address,
    reactive::{dynamic, handler},
    text::{fill, use_text},
    time::Style,
};

/// The id of the panel, a drawer on narrower screens.
pub(super) const PANEL: &str = "ticket-panel";

/// The head.
#[component]
pub(super) fn Head(desk: Desk) -> impl IntoView {
    let t = use_text();
    let ticket = desk
        .conversation
        .thread()
        .with_untracked(|thread| thread.ticket.clone());
    let number = ticket.ticket_number.clone();
    let toasts = desk.conversation.toasts();
    let copy = move |_| {
        let _ = window().navigator().clipboard().write_text(&number);
        toasts.done(t.tickets.desk.copied);
    };
    let kind = ticket.kind.as_deref().map(|kind| t.kind(kind).to_owned());
    view! {
        <header class="pane-head">
            <a class="btn btn--ghost btn--icon" href=last_address() aria-label=t.tickets.desk.back title=t.tickets.desk.back>
                {icon(Icon::Left)}
            </a>
            <div class="convo-title">
                <h1 class="truncate" id="ticket-title" title=ticket.title.clone()>{ticket.title.clone()}</h1>
                <p>
                    <button
                        type="button"
                        aria-label=fill(t.tickets.desk.copy, &[("number", &ticket.ticket_number)])
                        on:click=handler(copy)
                    >
                        {ticket.ticket_number.clone()}
                        {icon(Icon::Copy)}
                    </button>
                    {kind.map(|kind| view! { <span class="wide-only">{kind}</span> })}
                    <span class="wide-only">
                        {t.tickets.submitted_before}
                        <Moment at=ticket.created_at style=Style::Long/>
                        {t.tickets.submitted_after}
                    </span>
                </p>
            </div>
            <Company conversation=desk.conversation/>
            <StatusMenu desk=desk/>
            <button
                type="button"
                class="btn btn--ghost btn--icon desk-panel"
                popovertarget=PANEL
                aria-label=t.tickets.info
                title=t.tickets.info
            >
                {icon(Icon::Panel)}
            </button>
        </header>
    }
    .into_any()
}

/// The status, and where the ticket may go from there.
#[component]
fn StatusMenu(desk: Desk) -> impl IntoView {
    let t = use_text();
    let status = desk.conversation.part(|ticket| ticket.status);
    let trigger = move || {
        view! {
            <span class="sr-only">{move || format!("{}{}", t.tickets.desk.status_is, t.status(status.get()))}</span>
            <span aria-hidden="true">{dynamic(move || view! { <StatusMark status=status.get()/> })}</span>
            {icon(Icon::Down)}
        }
    };
    view! {
        <Menu class="btn btn--status desk-status" trigger=trigger>
            {dynamic(move || {
                status
                    .get()
                    .next()
                    .iter()
                    .map(|&to| {
                        view! {
                            <MenuItem on_pick=move |()| desk.go(to)>
                                <StatusMark status=to/>
                                {matches!(to, Status::Resolved | Status::Closed)
                                    .then(|| view! { <span aria-hidden="true">"…"</span> })}
                            </MenuItem>
                        }
                    })
                    .map(IntoAny::into_any).collect::<Vec<_>>()
            })}
        </Menu>
    }
    .into_any()
}
