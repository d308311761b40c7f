//! A choice from a native list: as a form field, and bare for tool bars.

use leptos::prelude::*;

use super::{
    field::{FieldFrame, Ids},
    form::Form,
};

use crate::reactive::{RwSignal, Signal, derived, handler};

/// Value and word of each option.
pub(crate) type Options = Vec<(String, String)>;

/// The bare list; `label` is for readers.
#[component]
pub(crate) fn Select(
    #[prop(into)] label: String,
    options: Options,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] on_pick: Callback<String>,
) -> impl IntoView {
    view! {
        <span class="select-box">
            <select
                class="select"
                aria-label=label
                prop:value=move || value.get()
                on:change=handler(move |event: web_sys::Event| on_pick.run(event_target_value(&event)))
            >
                {entries(options, value)}
            </select>
        </span>
    }
}

/// The list as a field of a form.
#[component]
pub(crate) fn SelectField(
    form: Form,
    name: &'static str,
    label: &'static str,
    options: Options,
    value: RwSignal<String>,
    #[prop(optional)] optional: bool,
    #[prop(optional, into)] hint: Option<String>,
) -> impl IntoView {
    let ids = Ids::new();
    let fault = derived(move || form.error(name));
    let hint = hint.filter(|hint| !hint.is_empty());
    let has_hint = hint.is_some();
    let tied = ids.clone();
    view! {
        <FieldFrame ids=ids.clone() label=label optional=optional hint=hint fault=fault>
            <span class="select-box">
                <select
                    class="select"
                    id=ids.control
                    name=name
                    prop:value=move || value.get()
                    on:change=handler(move |event: web_sys::Event| {
                        value.set(event_target_value(&event));
                        form.touch(name);
                    })
                    aria-invalid=move || fault.with(Option::is_some).then_some("true")
                    aria-describedby=move || tied.described(has_hint, fault.with(Option::is_some))
                >
                    {entries(options, value.into())}
                </select>
            </span>
        </FieldFrame>
    }
}

/// `selected` beside `prop:value`: the property alone is set before the options exist.
fn entries(options: Options, value: Signal<String>) -> impl IntoView {
    options
        .into_iter()
        .map(|(key, word)| {
            let known = key.clone();
            view! { <option value=key selected=move || value.with(|value| *value == known)>{word}</option> }
        })
        .map(IntoAny::into_any)
        .collect::<Vec<_>>()
}
