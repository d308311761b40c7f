//! Status and priority: a shape and a word, never colour alone.

use leptos::prelude::*;
use shared::{Priority, Status};

use crate::text::use_text;

/// How a mark is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum MarkLook {
    /// Shape and word.
    #[default]
    Plain,
    /// A tinted pill (status only).
    Pill,
    /// The shape; the word is for readers.
    Mark,
}

/// Where a ticket stands.
#[component]
pub(crate) fn StatusMark(status: Status, #[prop(optional)] look: MarkLook) -> impl IntoView {
    let class = match look {
        MarkLook::Plain => "status",
        MarkLook::Pill => "status status--pill",
        MarkLook::Mark => "status status--mark",
    };
    let word = use_text().status(status);
    view! { <span class=class data-s=status.code() title=(look == MarkLook::Mark).then_some(word)>{word}</span> }
}

/// How urgent a ticket is.
#[component]
pub(crate) fn PriorityMark(priority: Priority, #[prop(optional)] look: MarkLook) -> impl IntoView {
    let t = use_text();
    let (class, word) = match look {
        MarkLook::Plain | MarkLook::Pill => ("prio", t.priority(priority)),
        MarkLook::Mark => ("prio prio--mark", t.priority_long(priority)),
    };
    view! { <span class=class data-p=priority.code() title=(look == MarkLook::Mark).then_some(word)>{word}</span> }
}
