//! The four steps: "where is it" before anything is read.

use leptos::prelude::*;
use shared::{LocalTime, Status, messages::ChangeKind, view::Thread};

use crate::reactive::{dynamic, memo};
use crate::{
    components::time::Moment,
    features::tickets::conversation::Conversation,
    text::{fill, use_text},
    time::Style,
};

/// What the steps show.
#[derive(Clone, PartialEq)]
struct Progress {
    status: Status,
    /// It was solved once and is not any more.
    reopened: bool,
    assignee: Option<String>,
    created: LocalTime,
    resolved: Option<LocalTime>,
    closed: Option<LocalTime>,
}

impl Progress {
    fn of(thread: &Thread) -> Self {
        let ticket = &thread.ticket;
        let was_done = thread.messages.iter().any(|message| {
            let change = message
                .change
                .as_ref()
                .filter(|change| change.kind == ChangeKind::Status);
            change
                .and_then(|change| change.to.as_deref())
                .is_some_and(|to| !Status::from_db(to).is_open())
        });
        Self {
            status: ticket.status,
            reopened: ticket.status.is_open() && was_done,
            assignee: ticket.assignee.clone(),
            created: ticket.created_at.clone(),
            resolved: ticket.resolved_at.clone(),
            closed: ticket.closed_at.clone(),
        }
    }
}

/// The steps.
#[component]
pub(super) fn Steps(conversation: Conversation) -> impl IntoView {
    let t = use_text();
    let progress = memo(move || conversation.thread().with(Progress::of));
    view! {
        <ol class="steps" aria-label=t.tickets.customer.progress>
            {dynamic(move || {
                let progress = progress.get();
                Status::ALL.iter().map(|&step| view! { <Step step=step progress=progress.clone()/> }).map(IntoAny::into_any).collect::<Vec<_>>()
            })}
        </ol>
    }
}

#[component]
fn Step(step: Status, progress: Progress) -> impl IntoView {
    let t = use_text();
    let (own, now) = (order(step), order(progress.status));
    let word = if step == Status::Pending {
        t.tickets.customer.received
    } else {
        t.status(step)
    };
    let moment = |at: Option<LocalTime>| at.map(|at| view! { <Moment at=at style=Style::Long/> }.into_any());
    let below = match step {
        Status::Pending => moment(Some(progress.created.clone())),
        Status::Processing => progress
            .assignee
            .as_ref()
            .filter(|_| now >= own)
            .map(|name| fill(t.tickets.customer.handled_by, &[("name", name)]).into_any()),
        Status::Resolved if progress.status == Status::Resolved => {
            Some(t.tickets.customer.to_confirm.into_any())
        }
        Status::Resolved => moment(progress.resolved.clone().filter(|_| now >= own)),
        Status::Closed => moment(progress.closed.clone().filter(|_| now >= own)),
    };
    let done = own < now || (step == progress.status && matches!(step, Status::Closed));
    let past = progress.reopened && step == Status::Resolved;
    view! {
        <li
            data-done=done.then_some("")
            data-past=past.then_some("")
            aria-current=(own == now).then_some("step")
        >
            <b>{word}</b>
            <small>{below}</small>
        </li>
    }
}

const fn order(status: Status) -> u8 {
    match status {
        Status::Pending => 0,
        Status::Processing => 1,
        Status::Resolved => 2,
        Status::Closed => 3,
    }
}
