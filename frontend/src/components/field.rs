//! A labelled text field, one line or several, with its hint and its fault.

use leptos::prelude::*;

use super::{
    form::Form,
    icon::{Icon, icon},
};
use crate::{
    dom,
    reactive::{NodeRef, RwSignal, Signal, derived, dynamic, effect, handler},
    text::use_text,
};

/// The ids that tie a control to its label, hint and fault.
#[derive(Clone)]
pub(crate) struct Ids {
    pub control: String,
    hint: String,
    fault: String,
}

impl Ids {
    /// Fresh ones.
    pub(crate) fn new() -> Self {
        let control = dom::uid();
        Self {
            hint: format!("{control}-h"),
            fault: format!("{control}-e"),
            control,
        }
    }

    /// The value of `aria-describedby`.
    pub(crate) fn described(&self, has_hint: bool, has_fault: bool) -> Option<String> {
        match (has_hint, has_fault) {
            (_, true) => Some(self.fault.clone()),
            (true, false) => Some(self.hint.clone()),
            (false, false) => None,
        }
    }
}

/// Label above, hint or fault below a control.
#[component]
pub(crate) fn FieldFrame(
    ids: Ids,
    label: &'static str,
    optional: bool,
    hint: Option<String>,
    fault: Signal<Option<String>>,
    children: Children,
) -> impl IntoView {
    let t = use_text();
    view! {
        <div class="field">
            <label class="field-label" for=ids.control>
                {label}
                {optional.then(|| view! { <span class="opt">{t.optional}</span> })}
            </label>
            {children()}
            {dynamic(move || match fault.get() {
                Some(fault) => Some(
                    view! { <span class="field-error" id=ids.fault.clone()>{icon(Icon::Alert)} {fault}</span> }
                        .into_any(),
                ),
                None => hint
                    .clone()
                    .map(|hint| view! { <span class="field-hint" id=ids.hint.clone()>{hint}</span> }.into_any()),
            })}
        </div>
    }
    .into_any()
}

/// A field of one line, bound to `value`; its fault is the form's fault of `name`.
#[component]
pub(crate) fn TextField(
    form: Form,
    /// The name in the API's input, by which faults are found.
    name: &'static str,
    label: &'static str,
    value: RwSignal<String>,
    /// `email`, `tel`, `date`, …
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(optional)] optional: bool,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional)] placeholder: Option<&'static str>,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(optional)] autofocus: bool,
) -> impl IntoView {
    let ids = Ids::new();
    let fault = derived(move || form.error(name));
    let has_hint = hint.is_some();
    let tied = ids.clone();
    let node = NodeRef::new();
    if autofocus {
        effect(move || {
            if let Some(input) = node.get() {
                dom::focus(&input);
            }
        });
    }
    view! {
        <FieldFrame ids=ids.clone() label=label optional=optional hint=hint fault=fault>
            <input
                class="input"
                id=ids.control
                name=name
                type=kind
                placeholder=placeholder
                autocomplete=autocomplete
                node_ref=node
                prop:value=move || value.get()
                on:input=handler(move |event: web_sys::Event| {
                    value.set(event_target_value(&event));
                    form.touch(name);
                })
                aria-invalid=move || fault.with(Option::is_some).then_some("true")
                aria-describedby=move || tied.described(has_hint, fault.with(Option::is_some))
            />
        </FieldFrame>
    }
}

/// A field of several lines that grows with its text.
#[component]
pub(crate) fn TextArea(
    form: Form,
    name: &'static str,
    label: &'static str,
    value: RwSignal<String>,
    #[prop(optional)] optional: bool,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional)] placeholder: Option<&'static str>,
    #[prop(default = 4)] rows: u32,
) -> impl IntoView {
    let ids = Ids::new();
    let fault = derived(move || form.error(name));
    let has_hint = hint.is_some();
    let tied = ids.clone();
    view! {
        <FieldFrame ids=ids.clone() label=label optional=optional hint=hint fault=fault>
            <textarea
                class="textarea"
                id=ids.control
                name=name
                rows=rows.to_string()
                placeholder=placeholder
                prop:value=move || value.get()
                on:input=handler(move |event: web_sys::Event| {
                    value.set(event_target_value(&event));
                    form.touch(name);
                })
                aria-invalid=move || fault.with(Option::is_some).then_some("true")
                aria-describedby=move || tied.described(has_hint, fault.with(Option::is_some))
            ></textarea>
        </FieldFrame>
    }
}
