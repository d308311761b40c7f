//! One thing done: a status, an assignment, a priority, as a quiet line in the language of the page.

use leptos::prelude::*;
use shared::{
    Priority, Status,
    messages::{Change, ChangeKind, Message},
};

use super::words::words;
use crate::{
    components::{
        mark::{PriorityMark, StatusMark},
        time::Moment,
    },
    features::tickets::conversation::{Conversation, Viewer},
    text::{fill, use_text},
    time::Style,
};

/// How the server's text tells a change from the words that go with it.
const RESULT: &str = "\n处理结果：";

/// The centred line.
#[component]
pub(super) fn ChangeLine(conversation: Conversation, message: Message) -> impl IntoView {
    let t = use_text();
    let viewer = conversation.viewer();
    let result = message
        .content
        .split_once(RESULT)
        .map(|(_, result)| result.to_owned());
    let result = result.map(|result| {
        view! {
            <div class="result">
                <b>{t.tickets.result}</b>
                <div>{words(&result)}</div>
            </div>
        }
    });
    view! {
        <div class="event">
            <p>
                <ChangeWords message=message.clone() viewer=viewer/>
                <Moment at=message.created_at.clone() style=Style::Clock/>
            </p>
            {result}
        </div>
    }
    .into_any()
}

/// Who did it, in the viewer's eyes.
pub(in super::super) fn said_by(message: &Message, viewer: &Viewer) -> String {
    let t = use_text();
    if viewer.wrote(message) {
        t.tickets.log.you.to_owned()
    } else {
        message.sender_name.clone()
    }
}

/// What was done, by whom; an old message without its change is shown as it was written.
#[component]
pub(in super::super) fn ChangeWords(message: Message, viewer: Viewer) -> impl IntoView {
    let t = use_text();
    let by = said_by(&message, &viewer);
    let words = &t.tickets.log;
    let Some(change) = message.change.clone() else {
        return view! { <span>{message.content}</span> }.into_any();
    };
    let what = match change.kind {
        ChangeKind::Created => view! { <span>{words.created}</span> }.into_any(),
        ChangeKind::Status => status_words(&change),
        ChangeKind::Priority => match change.to.as_deref().map(Priority::from_db) {
            Some(to) => view! { <span>{words.priority_to}</span> <PriorityMark priority=to/> }.into_any(),
            None => view! { <span>{message.content}</span> }.into_any(),
        },
        ChangeKind::Assignee => {
            let sentence = match &change.to {
                Some(to) if *to == message.sender_name => words.took.to_owned(),
                Some(to) => fill(words.gave, &[("name", to)]),
                None => words.unassigned.to_owned(),
            };
            view! { <span>{sentence}</span> }.into_any()
        }
    };
    view! { <b>{by}</b> {what} }.into_any()
}

fn status_words(change: &Change) -> AnyView {
    let words = &use_text().tickets.log;
    let status = |text: &Option<String>| text.as_deref().map(Status::from_db);
    let Some(to) = status(&change.to) else {
        return ().into_any();
    };
    let reopened = status(&change.from).is_some_and(|from| !from.is_open()) && to.is_open();
    let sentence = if reopened { words.reopened } else { words.status_to };
    view! { <span>{sentence}</span> <StatusMark status=to/> }.into_any()
}
