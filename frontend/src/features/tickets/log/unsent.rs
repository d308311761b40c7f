//! A message on its way: there at once, a little pale, and never lost.

use leptos::prelude::*;

use super::{bubble::Files, words::words};
use crate::reactive::{StoredValue, dynamic, memo};
use crate::{
    components::{
        button::{Button, Look, Size},
        icon::{Icon, icon},
    },
    features::tickets::{conversation::Conversation, outbox::Travel},
    text::use_text,
};

/// The bubble with how far it has come.
#[component]
pub(super) fn UnsentBubble(conversation: Conversation, client_id: String) -> impl IntoView {
    let t = use_text();
    let outbox = conversation.outbox();
    let id = StoredValue::new(client_id);
    let entry = memo(move || outbox.get(&id.get_value()));
    let Some(unsent) = entry.get_untracked().map(|entry| entry.unsent) else {
        return ().into_any();
    };
    let travel = move || entry.with(|entry| entry.as_ref().map_or(Travel::Sending, |entry| entry.travel));
    let state = move || match travel() {
        Travel::Waiting | Travel::Sending => "sending",
        Travel::Refused => "refused",
    };
    let why = move || entry.with(|entry| entry.as_ref().and_then(|entry| entry.unsent.refused.clone()));
    let line = dynamic(move || {
        match travel() {
        Travel::Refused => view! { <Refused conversation=conversation id=id why=why().unwrap_or_default()/> }.into_any(),
        Travel::Waiting if outbox.is_stuck() => view! {
            <span class="msg-state">{icon(Icon::Clock)} {t.tickets.log.queued}</span>
        }
        .into_any(),
        Travel::Waiting | Travel::Sending => view! {
            <span class="msg-state"><span class="spinner" aria-hidden="true"></span> {t.tickets.log.sending}</span>
        }
        .into_any(),
    }
    });
    let note = unsent.internal.then(|| {
        view! { <p class="msg-meta"><span class="msg-tag">{icon(Icon::Lock)} {t.tickets.log.note}</span></p> }
    });
    view! {
        <article class="msg" data-from="me" data-kind=unsent.internal.then_some("note") data-state=state>
            <div class="msg-body">
                {note}
                {(!unsent.content.is_empty()).then(|| view! { <div class="bubble">{words(&unsent.content)}</div> })}
                <Files files=unsent.files/>
                {line}
            </div>
        </article>
    }
    .into_any()
}

/// The server did not take it: why, and what to do.
#[component]
fn Refused(conversation: Conversation, id: StoredValue<String>, why: String) -> impl IntoView {
    let t = use_text();
    let outbox = conversation.outbox();
    let retry = move |()| outbox.retry(&id.get_value(), conversation.seen().get_untracked());
    view! {
        <span class="msg-state msg-state--failed" role="alert">
            {icon(Icon::Alert)}
            <span>{t.tickets.log.not_sent} " · " {why}</span>
            <Button look=Look::Link size=Size::Small on_click=retry>
                {t.retry}
            </Button>
            <Button look=Look::Link size=Size::Small on_click=move |()| outbox.drop(&id.get_value())>
                {t.tickets.log.discard}
            </Button>
        </span>
    }
    .into_any()
}
