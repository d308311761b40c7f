//! One filter of the tool row: reads as a sentence, opens a menu, can be taken off.

use std::sync::Arc;

use leptos::prelude::*;

use crate::{
    components::{
        icon::{Icon, icon},
        menu::{Menu, MenuItem},
    },
    reactive::{Signal, StoredValue, derived, dynamic, handler, optional},
    text::{fill, use_text},
};

/// One filter: its name, what it is set to, and the way to take it off.
pub(super) fn chip(
    name: &'static str,
    set_to: Signal<Option<String>>,
    on_clear: Callback<()>,
    button: &dyn Fn(ViewFn) -> AnyView,
) -> AnyView {
    let trigger = move || {
        view! {
            {name}
            {dynamic(move || match set_to.get() {
                Some(word) => view! { <b>{word}</b> }.into_any(),
                None => icon(Icon::Down).into_any(),
            })}
        }
    };
    let remove = fill(use_text().remove_filter, &[("name", &name)]);
    let is_set = move || set_to.with(Option::is_some);
    let clear = optional(move || {
        is_set().then(|| {
            view! {
                <button type="button" aria-label=remove.clone() on:click=handler(move |_| on_clear.run(()))>
                    {icon(Icon::Cross)}
                </button>
            }
        })
    });
    view! {
        <span class="filter" data-on=move || is_set().then_some("")>
            {button(ViewFn::from(trigger))}
            {clear}
        </span>
    }
    .into_any()
}

/// A value that a filter can have.
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) word: String,
    pub(super) mark: AnyView,
}

/// The values of a filter, drawn anew each time the menu opens.
pub(super) type Entries = Arc<dyn Fn() -> Vec<Entry> + Send + Sync>;

/// A filter with a menu of values. `now` and `on_pick` speak of keys; none is no filter.
pub(super) fn menu(
    name: &'static str,
    now: Signal<Option<String>>,
    entries: Entries,
    on_pick: Callback<Option<String>>,
) -> AnyView {
    let entries = StoredValue::new(entries);
    let set_to = derived(move || {
        let key = now.get()?;
        let entry = entries
            .with_value(|all| all())
            .into_iter()
            .find(|entry| entry.key == key);
        Some(entry.map_or(key, |entry| entry.word))
    });
    let item = move |entry: Entry| {
        let Entry { key, word, mark } = entry;
        let checked = now.with(|now| now.as_ref() == Some(&key));
        view! {
            <MenuItem checked=checked on_pick=move |()| on_pick.run(Some(key.clone()))>
                {mark}
                <span class="truncate">{word}</span>
            </MenuItem>
        }
        .into_any()
    };
    let items = move || {
        entries
            .with_value(|all| all())
            .into_iter()
            .map(item)
            .collect::<Vec<_>>()
    };
    chip(
        name,
        set_to,
        Callback::new(move |()| on_pick.run(None)),
        &|trigger| view! { <Menu class="filter-name" trigger=trigger>{move || items()}</Menu> }.into_any(),
    )
}
