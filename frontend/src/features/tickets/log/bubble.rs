//! One thing said: who, when, the words and the files.

use leptos::prelude::*;
use shared::{
    attachments::Attachment,
    messages::{Message, SenderType},
    tickets::Ticket,
};

use super::words::words;
use crate::{
    components::{
        avatar::Avatar,
        file::FileLink,
        icon::{Icon, icon},
        time::Moment,
    },
    features::tickets::conversation::Conversation,
    number,
    text::{fill, use_text},
    time::Style,
};

/// A message.
#[component]
pub(super) fn Bubble(
    message: Message,
    mine: bool,
    first: bool,
    /// Stands below: whether the other side has read it.
    mark: AnyView,
) -> impl IntoView {
    let t = use_text();
    let name = message.sender_name.clone();
    let shown_name = if mine {
        t.tickets.log.you.to_owned()
    } else {
        name.clone()
    };
    let note = message.internal.then(|| {
        view! { <span class="msg-tag">{icon(Icon::Lock)} {t.tickets.log.note}</span> }
    });
    let files = files_of(&message);
    view! {
        <article
            class="msg"
            data-from=mine.then_some("me")
            data-kind=message.internal.then_some("note")
            data-more=(!first).then_some("")
        >
            {(!mine && first).then(|| view! { <Avatar name=name/> })}
            <div class="msg-body">
                <p class=if first { "msg-meta" } else { "msg-meta sr-only" }>
                    <b>{shown_name}</b>
                    {note}
                    <Moment at=message.created_at.clone() style=Style::Clock/>
                </p>
                {(!message.content.is_empty()).then(|| view! { <div class="bubble">{words(&message.content)}</div> })}
                <Files files=files/>
                {mark}
            </div>
        </article>
    }
    .into_any()
}

/// The ticket's own text: the first thing said.
#[component]
pub(super) fn Opening(conversation: Conversation, ticket: Ticket) -> impl IntoView {
    let mine = conversation.viewer().side == SenderType::Customer;
    let t = use_text();
    let name = ticket.customer_name.clone();
    let shown_name = if mine {
        t.tickets.log.you.to_owned()
    } else {
        name.clone()
    };
    view! {
        <article class="msg" data-from=mine.then_some("me")>
            {(!mine).then(|| view! { <Avatar name=name/> })}
            <div class="msg-body">
                <p class="msg-meta">
                    <b>{shown_name}</b>
                    <Moment at=ticket.created_at.clone() style=Style::Clock/>
                </p>
                <div class="bubble">{words(&ticket.description)}</div>
                <Files files=ticket.attachments/>
            </div>
        </article>
    }
    .into_any()
}

/// Pictures as pictures, other files as files.
#[component]
pub(super) fn Files(files: Vec<Attachment>) -> impl IntoView {
    let t = use_text();
    if files.is_empty() {
        return ().into_any();
    }
    let shown = files
        .into_iter()
        .map(|file| {
            if !file.is_image() {
                return view! { <FileLink name=file.name.clone() size=number::bytes(file.size) href=file.url.clone()/> }
                    .into_any();
            }
            let open = fill(t.tickets.log.open_image, &[("name", &file.name)]);
            view! {
                <a class="thumb" href=file.url.clone() target="_blank" rel="external noopener" aria-label=open>
                    <img src=file.url.clone() alt="" loading="lazy" decoding="async"/>
                    <span class="thumb-cap">
                        <span class="truncate">{file.name.clone()}</span>
                        <span class="push">{number::bytes(file.size)}</span>
                    </span>
                </a>
            }
            .into_any()
        })
        .map(IntoAny::into_any).collect::<Vec<_>>();
    view! { <div class="attach-row">{shown}</div> }.into_any()
}

/// A message of the old system knows only its file's address.
fn files_of(message: &Message) -> Vec<Attachment> {
    let mut files = message.attachments.clone();
    if files.is_empty()
        && let Some(url) = message.attachment_url.clone().filter(|url| url.starts_with('/'))
    {
        let name = url.rsplit('/').next().unwrap_or_default().to_owned();
        let mime = "application/octet-stream".to_owned();
        let created_at = message.created_at.clone();
        files.push(Attachment {
            id: shared::AttachmentId(0),
            name,
            size: 0,
            mime,
            url,
            created_at,
        });
    }
    files
}
