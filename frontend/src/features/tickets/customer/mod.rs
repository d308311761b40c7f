//! The ticket as its customer sees it: where it stands, the conversation, and what belongs to it.

mod aside;
mod steps;

use leptos::prelude::*;
use shared::tickets::Ticket;

use super::{
    composer::{Composer, Writing},
    conversation::Conversation,
    files::drop_target,
    log::Log,
};
use crate::{
    components::{
        avatar::{Avatar, AvatarSize},
        icon::{Icon, icon},
        time::Moment,
    },
    paths,
    reactive::{dynamic, handler},
    session::{Who, use_session},
    text::use_text,
    time::Style,
};
use aside::{Aside, INFO};
pub(super) use aside::{FileLines, all_files};
use steps::Steps;

/// The page.
#[component]
pub(super) fn CustomerTicket(conversation: Conversation) -> impl IntoView {
    let t = use_text();
    let writing = Writing::new(conversation);
    let target = drop_target(move |files| writing.add_files(files));
    view! {
        <main class="page page--split page--ticket" id="main" tabindex="-1">
            <Head conversation=conversation/>
            <section
                class="card ticket-chat"
                aria-labelledby="chat-title"
                data-over=move || target.over()
                on:dragover=handler(move |event: web_sys::DragEvent| target.hover(&event))
                on:dragleave=handler(move |event: web_sys::DragEvent| target.leave(&event))
                on:drop=handler(move |event: web_sys::DragEvent| target.take(&event))
            >
                <Agent conversation=conversation/>
                <Log conversation=conversation/>
                <footer>
                    <Composer conversation=conversation writing=writing target=target/>
                </footer>
                <p class="drop-hint" aria-hidden="true">{icon(Icon::Upload)} {t.tickets.files.drop_here}</p>
            </section>
            <Aside conversation=conversation/>
        </main>
    }
    .into_any()
}

/// Title, number and the four steps.
#[component]
fn Head(conversation: Conversation) -> impl IntoView {
    let t = use_text();
    let session = use_session();
    let Ticket {
        title,
        ticket_number,
        kind,
        created_at,
        ..
    } = conversation
        .thread()
        .with_untracked(|thread| thread.ticket.clone());
    let back = matches!(untrack(|| session.who()), Who::User(_)).then(|| {
        view! { <a class="back" href=paths::MY_TICKETS>{icon(Icon::Left)} {t.my_tickets}</a> }
    });
    let kind = kind.map(|kind| view! { <span class="wide-only">{t.kind(&kind).to_owned()}</span> });
    view! {
        <section class="card ticket-head" aria-labelledby="ticket-title">
            <div>
                {back}
                <h1 id="ticket-title">{title}</h1>
                <p>
                    <span>{ticket_number}</span>
                    {kind}
                    <span>
                        {t.tickets.submitted_before}
                        <Moment at=created_at style=Style::Long/>
                        {t.tickets.submitted_after}
                    </span>
                </p>
            </div>
            <Steps conversation=conversation/>
        </section>
    }
    .into_any()
}

/// Who answers.
#[component]
fn Agent(conversation: Conversation) -> impl IntoView {
    let t = use_text();
    let assignee = conversation.part(|ticket| ticket.assignee.clone());
    view! {
        <h2 class="chat-head" id="chat-title">
            {dynamic(move || match assignee.get() {
                Some(name) => view! {
                    <Avatar name=name.clone() size=AvatarSize::Small/>
                    {name}
                    <small>{t.tickets.customer.your_agent}</small>
                }
                .into_any(),
                None => view! {
                    {t.tickets.log.title}
                    <small>{t.tickets.customer.nobody_yet}</small>
                }
                .into_any(),
            })}
            <button
                type="button"
                class="btn btn--ghost btn--icon btn--sm push phone-only"
                popovertarget=INFO
                aria-label=t.tickets.info
            >
                {icon(Icon::Info)}
            </button>
        </h2>
    }
}
