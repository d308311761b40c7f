//! Counts as bars, each a link to its list.

use leptos::prelude::*;
use shared::Priority;

use crate::{components::mark::PriorityMark, number, text::use_text};

/// One bar.
#[derive(Clone)]
pub(crate) struct Bar {
    pub(crate) word: String,
    /// Drawn instead of the word.
    pub(crate) mark: Option<Priority>,
    pub(crate) count: i64,
    pub(crate) href: String,
}

/// The bars, all to the scale of the longest.
#[component]
pub(crate) fn Bars(bars: Vec<Bar>) -> impl IntoView {
    let t = use_text();
    let longest = bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(1);
    let rows = bars
        .into_iter()
        .map(|bar| {
            let share = format!("{}%", number::percent(bar.count, longest));
            let word = match bar.mark {
                Some(priority) => view! { <PriorityMark priority=priority/> }.into_any(),
                None => view! { <span class="truncate">{bar.word}</span> }.into_any(),
            };
            view! {
                <li>
                    <a href=bar.href>
                        {word} <i style=("--v", share) aria-hidden="true"></i> <b>{t.statistics().tickets.of(bar.count)}</b>
                    </a>
                </li>
            }
        })
        .map(IntoAny::into_any).collect::<Vec<_>>();
    view! { <ul class="bars">{rows}</ul> }.into_any()
}
