//! Beside the conversation: the facts, all files, and the end.

use leptos::{prelude::*, task::spawn_local};
use shared::{
    Status,
    attachments::Attachment,
    tickets::{CloseTicket, Closing},
    view::Thread,
};

use crate::reactive::{RwSignal, dynamic, memo, optional};
use crate::{
    components::{
        button::Button,
        icon::{Icon, icon},
        mark::{MarkLook, PriorityMark, StatusMark},
    },
    features::tickets::conversation::Conversation,
    number,
    text::use_text,
};

/// The id of the aside, which a button opens on phones.
pub(super) const INFO: &str = "ticket-info";

/// The aside.
#[component]
pub(super) fn Aside(conversation: Conversation) -> impl IntoView {
    let t = use_text();
    view! {
        // On phones a sheet; elsewhere the style sheet makes it a plain column.
        <aside class="aside scroll" id=INFO popover="auto" aria-label=t.tickets.info>
            <Facts conversation=conversation/>
            <Result conversation=conversation/>
            <FileList conversation=conversation/>
            <CloseCard conversation=conversation/>
        </aside>
    }
    .into_any()
}

#[component]
fn Facts(conversation: Conversation) -> impl IntoView {
    let t = use_text();
    let status = conversation.part(|ticket| ticket.status);
    let priority = conversation.part(|ticket| ticket.priority);
    let kind = conversation.part(|ticket| ticket.kind.clone());
    let assignee = conversation.part(|ticket| ticket.assignee.clone());
    let email = conversation.part(|ticket| ticket.customer_email.clone());
    view! {
        <section class="card">
            <h2>{t.tickets.info}</h2>
            <dl>
                <dt>{t.status_word}</dt>
                <dd>{dynamic(move || view! { <StatusMark status=status.get() look=MarkLook::Pill/> })}</dd>
                <dt>{t.kind_word}</dt>
                <dd>{move || kind.get().map(|kind| t.kind(&kind).to_owned())}</dd>
                <dt>{t.priority_word}</dt>
                <dd>{dynamic(move || view! { <PriorityMark priority=priority.get()/> })}</dd>
                <dt>{t.assignee_word}</dt>
                <dd>{move || assignee.get().unwrap_or_else(|| t.unassigned.to_owned())}</dd>
                <dt>{t.tickets.customer.mail_to}</dt>
                <dd>{move || email.get()}</dd>
            </dl>
        </section>
    }
    .into_any()
}

#[component]
fn Result(conversation: Conversation) -> impl IntoView {
    let t = use_text();
    let result = conversation.part(|ticket| ticket.resolution.clone());
    optional(move || {
        result.get().filter(|text| !text.is_empty()).map(|text| {
            view! {
                <section class="card">
                    <h2>{icon(Icon::Done)} {t.tickets.result}</h2>
                    <p class="result-text">{text}</p>
                </section>
            }
        })
    })
}

#[component]
fn FileList(conversation: Conversation) -> impl IntoView {
    let t = use_text();
    let files = memo(move || conversation.thread().with(all_files));
    optional(move || {
        let files = files.get();
        (!files.is_empty()).then(|| {
            view! {
                <section class="card">
                    <h2>{t.tickets.files.title}</h2>
                    <FileLines files=files/>
                </section>
            }
        })
    })
}

/// One file a line.
#[component]
pub(in super::super) fn FileLines(files: Vec<Attachment>) -> impl IntoView {
    let lines = files
        .into_iter()
        .map(|file| {
            let glyph = if file.is_image() { Icon::Image } else { Icon::File };
            view! {
                <a href=file.url.clone() rel="external noopener" target="_blank">
                    {icon(glyph)}
                    <span class="truncate">{file.name.clone()}</span>
                    <small>{number::bytes(file.size)}</small>
                </a>
            }
        })
        .map(IntoAny::into_any)
        .collect::<Vec<_>>();
    view! { <div class="mini">{lines}</div> }
}

/// The files of the ticket and of its messages.
pub(in super::super) fn all_files(thread: &Thread) -> Vec<Attachment> {
    let own = thread.ticket.attachments.iter();
    own.chain(thread.messages.iter().flat_map(|message| &message.attachments))
        .cloned()
        .collect()
}

/// The customer says that it is solved.
#[component]
fn CloseCard(conversation: Conversation) -> impl IntoView {
    let t = use_text();
    let status = conversation.part(|ticket| ticket.status);
    let busy = RwSignal::new(false);
    let close = move |()| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let answer = conversation
                .api()
                .call(CloseTicket, conversation.id.into(), Closing::default())
                .await;
            if !busy.try_set(false) {
                return;
            }
            match answer {
                Ok(changed) => {
                    conversation.adopt(&changed.ticket);
                    conversation.toasts().done(t.tickets.customer.closed);
                }
                Err(error) => conversation.toasts().failed(&error),
            }
        });
    };
    dynamic(move || match status.get() {
        Status::Closed => ().into_any(),
        Status::Pending | Status::Processing | Status::Resolved => view! {
            <section class="card">
                <h2>{t.tickets.customer.solved}</h2>
                <p class="muted">{t.tickets.customer.solved_text}</p>
                <Button block=true glyph=Icon::Done busy=busy on_click=close>
                    {t.tickets.customer.close}
                </Button>
            </section>
        }
        .into_any(),
    })
}
