//! The ticket as an agent works on it: the conversation in the middle, what belongs to it at the side.

mod actions;
mod finish;
mod head;
mod menus;
mod panel;

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

use super::{
    composer::{Composer, Writing},
    conversation::Conversation,
    files::drop_target,
    log::Log,
};
use crate::{
    components::{
        icon::{Icon, icon},
        toast::is_free,
    },
    text::use_text,
};
use actions::Desk;
use finish::FinishDialogs;
use head::Head;
pub(super) use menus::AgentItems;
use panel::Panel;

/// The page, inside the shell's `<main>`.
#[component]
pub(super) fn AgentTicket(conversation: Conversation) -> impl IntoView {
    let t = use_text();
    let desk = Desk::new(conversation);
    let writing = Writing::new(conversation);
    let target = drop_target(move |files| writing.add_files(files));
    hear_keys(desk);
    view! {
        <div class="workspace">
            <section
                class="convo"
                aria-labelledby="ticket-title"
                data-over=move || target.over()
                on:dragover=move |event| target.hover(&event)
                on:dragleave=move |event| target.leave(&event)
                on:drop=move |event| target.take(&event)
            >
                <Head desk=desk/>
                <Log conversation=conversation/>
                <footer class="convo-foot">
                    <Composer conversation=conversation writing=writing target=target/>
                </footer>
                <p class="drop-hint" aria-hidden="true">{icon(Icon::Upload)} {t.tickets.files.drop_here}</p>
            </section>
            <Panel desk=desk/>
            <FinishDialogs desk=desk/>
        </div>
    }
    .into_any()
}

/// Single keys: `i` to me, `s` status, `a` assign, `p` priority, `e` resolve, `]` panel.
fn hear_keys(desk: Desk) {
    let keys = window_event_listener(ev::keydown, move |event| {
        if !is_free(&event) {
            return;
        }
        match event.key().as_str() {
            "i" => desk.take(),
            "e" => desk.ask_result(shared::Status::Resolved),
            "s" => press(".desk-status"),
            "a" => press(".desk-assign"),
            "p" => press(".desk-priority"),
            "]" => press(".desk-panel"),
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || keys.remove());
}

/// Presses a button by its class, also in a drawer that is closed.
fn press(selector: &str) {
    let found = document().query_selector(selector).ok().flatten();
    let Some(button) = found.and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok()) else {
        return;
    };
    // A plain column on a wide screen carries `popover` too, but is drawn.
    let closed = button
        .offset_parent()
        .is_none()
        .then(|| button.closest("[popover]").ok().flatten())
        .flatten();
    if let Some(drawer) = closed.and_then(|drawer| drawer.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = drawer.show_popover();
    }
    button.click();
}
