//! The ticket as an agent works on it: the conversation in the middle, what belongs to it at the side.

mod actions;
mod company;
mod finish;
mod guests;
mod head;
mod menus;
mod others;
mod panel;

use leptos::prelude::*;
use shared::Status;

use super::{
    composer::{Composer, Writing},
    conversation::Conversation,
    files::drop_target,
    keys::{self, press},
    log::Log,
};
use crate::{
    components::icon::{Icon, icon},
    reactive::handler,
    text::use_text,
};
use actions::Desk;
use finish::FinishDialogs;
use guests::RevokeDialog;
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
                on:dragover=handler(move |event: web_sys::DragEvent| target.hover(&event))
                on:dragleave=handler(move |event: web_sys::DragEvent| target.leave(&event))
                on:drop=handler(move |event: web_sys::DragEvent| target.take(&event))
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
            <RevokeDialog desk=desk/>
        </div>
    }
    .into_any()
}

/// Single keys: `i` to me, `s` status, `a` assign, `p` priority, `e` resolve, `]` panel.
fn hear_keys(desk: Desk) {
    keys::hear(move |key| {
        match key {
            "i" => desk.take(),
            "e" => desk.ask_result(Status::Resolved),
            "s" => return press(".desk-status"),
            "a" => return press(".desk-assign"),
            "p" => return press(".desk-priority"),
            "]" => return press(".desk-panel"),
            _ => return false,
        }
        true
    });
}
