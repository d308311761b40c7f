//! A search box that speaks up when the typing pauses.

use leptos::{prelude::*, task::spawn_local};

use super::icon::{Icon, icon};
use crate::{
    components::button::{IconButton, Size},
    dom,
    reactive::{NodeRef, RwSignal, Signal, StoredValue, effect, handler, optional},
    text::use_text,
};

/// How long a pause ends a word, in milliseconds.
const PAUSE_MS: u32 = 250;

/// The box. `value` is what is searched for now (from the address), `on_search` hears what was typed: after a
/// pause, at once on Enter, never inside an IME composition.
#[component]
pub(crate) fn SearchBox(
    #[prop(into)] label: String,
    #[prop(into)] placeholder: String,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] on_search: Callback<String>,
) -> impl IntoView {
    let t = use_text();
    let typed = RwSignal::new(value.get_untracked());
    // Back and forward change the address: the box follows unless it is being typed in.
    let node = NodeRef::<web_sys::HtmlInputElement>::default();
    effect(move || {
        let outside = value.get();
        let focused = node.get_untracked().is_some_and(|input| {
            document()
                .active_element()
                .is_some_and(|active| active.is_same_node(Some(input.as_ref())))
        });
        if !focused {
            typed.set(outside);
        }
    });
    let turn = StoredValue::new(0_u32);
    let search = move || {
        turn.update_value(|turn| *turn = turn.wrapping_add(1));
        let text = typed.get_untracked().trim().to_owned();
        if text != value.get_untracked() {
            on_search.run(text);
        }
    };
    let typing = move |event: web_sys::Event| {
        typed.set(event_target_value(&event));
        turn.update_value(|turn| *turn = turn.wrapping_add(1));
        let mine = turn.get_value();
        spawn_local(async move {
            dom::sleep(PAUSE_MS).await;
            if turn.try_get_value() == Some(mine) {
                search();
            }
        });
    };
    view! {
        <form
            class="input-wrap"
            role="search"
            on:submit=handler(move |event: web_sys::SubmitEvent| {
                event.prevent_default();
                search();
            })
        >
            {icon(Icon::Search)}
            <input
                class="input"
                type="search"
                aria-label=label
                placeholder=placeholder
                maxlength=shared::check::limit::SEARCH.to_string()
                node_ref=node
                prop:value=move || typed.get()
                on:input=handler(typing)
            />
            {optional(move || {
                (!typed.with(String::is_empty))
                    .then(|| {
                        view! {
                            <IconButton
                                glyph=Icon::Cross
                                label=t.clear_search
                                size=Size::Small
                                on_click=move |()| {
                                    typed.set(String::new());
                                    search();
                                    if let Some(input) = node.get_untracked() {
                                        dom::focus(&input);
                                    }
                                }
                            />
                        }
                    })
            })}
        </form>
    }
}
