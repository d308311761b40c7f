//! A password field with an eye.

use leptos::prelude::*;

use super::{
    button::{IconButton, Size},
    field::{FieldFrame, Ids},
    form::Form,
    icon::Icon,
};
use crate::{
    dom,
    reactive::{NodeRef, RwSignal, derived, dynamic, effect, handler},
    text::use_text,
};

/// The field; the eye shows and hides what was typed.
#[component]
pub(crate) fn PasswordField(
    form: Form,
    name: &'static str,
    label: &'static str,
    value: RwSignal<String>,
    /// `current-password` or `new-password`.
    autocomplete: &'static str,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional)] autofocus: bool,
) -> impl IntoView {
    let t = use_text();
    let ids = Ids::new();
    let shown = RwSignal::new(false);
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
        <FieldFrame ids=ids.clone() label=label optional=false hint=hint fault=fault>
            <span class="input-wrap">
                <input
                    class="input"
                    id=ids.control
                    name=name
                    type=move || if shown.get() { "text" } else { "password" }
                    autocomplete=autocomplete
                    autocapitalize="none"
                    spellcheck="false"
                    node_ref=node
                    prop:value=move || value.get()
                    on:input=handler(move |event: web_sys::Event| {
                        value.set(event_target_value(&event));
                        form.touch(name);
                    })
                    aria-invalid=move || fault.with(Option::is_some).then_some("true")
                    aria-describedby=move || tied.described(has_hint, fault.with(Option::is_some))
                />
                {dynamic(move || {
                    let (glyph, word) =
                        if shown.get() { (Icon::EyeOff, t.hide_password) } else { (Icon::Eye, t.show_password) };
                    view! {
                        <IconButton
                            glyph=glyph
                            label=word
                            size=Size::Small
                            on_click=move |()| shown.update(|on| *on = !*on)
                        />
                    }
                })}
            </span>
        </FieldFrame>
    }
}
