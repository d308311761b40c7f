//! The stale-send guard: somebody said something that the writer has not seen, so nothing was sent yet.

use leptos::{ev, prelude::*};
use shared::{Status, messages::Message};

use crate::reactive::{NodeRef, RwSignal, dynamic, effect, handler};
use crate::{
    components::{
        button::{Button, Look, Size},
        icon::{Icon, icon},
        time::Moment,
    },
    dom,
    text::use_text,
    time::Style,
};

/// How many of the unseen messages are shown.
const SHOWN: usize = 3;

/// What was held back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Held {
    /// What its writer has not seen; empty where nothing is held back.
    pub(super) unseen: Vec<Message>,
    /// The status that is to follow it.
    pub(super) then: Option<Status>,
}

/// The panel above the composer, while something is `held` back. Esc is the careful way out.
#[component]
pub(super) fn Guard(
    held: RwSignal<Held>,
    #[prop(into)] on_look: Callback<()>,
    #[prop(into)] on_anyway: Callback<()>,
) -> impl IntoView {
    let t = use_text();
    let first = NodeRef::new();
    effect(move || {
        // The careful button has the focus as soon as it is there.
        if let Some(button) = first.get().and_then(|row| dom::first(&row, "button")) {
            dom::focus(&button);
        }
    });
    let keys = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            on_look.run(());
        }
    };
    dynamic(move || {
        let unseen = held.get().unseen;
        if unseen.is_empty() {
            return ().into_any();
        }
        let count = i64::try_from(unseen.len()).unwrap_or(i64::MAX);
        let shown = unseen
            .into_iter()
            .rev()
            .take(SHOWN)
            .rev()
            .map(|message| {
                view! {
                    <p class="guard-said">
                        <b>{message.sender_name}</b>
                        <Moment at=message.created_at style=Style::Clock/>
                        <span>{message.content}</span>
                    </p>
                }
            })
            .map(IntoAny::into_any)
            .collect::<Vec<_>>();
        view! {
            <div class="guard" role="alertdialog" aria-label=t.tickets.guard.title.of(count) on:keydown=handler(keys)>
                <p class="guard-head">{icon(Icon::Alert)} {t.tickets.guard.title.of(count)}</p>
                {shown}
                <div class="row" node_ref=first>
                    <Button size=Size::Small on_click=move |()| on_look.run(())>
                        {t.tickets.guard.look}
                    </Button>
                    <Button look=Look::Ghost size=Size::Small on_click=move |()| on_anyway.run(())>
                        {t.tickets.guard.anyway}
                    </Button>
                </div>
            </div>
        }
        .into_any()
    })
}
