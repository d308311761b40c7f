//! What may stand in a template, to be put in where one writes.

use leptos::{ev, prelude::*};
use shared::mail_templates::Snippet;
use wasm_bindgen::JsCast;

use super::draft::Draft;
use crate::{
    components::form::Form,
    dom,
    reactive::{RwSignal, StoredValue, handler},
    text::use_text,
};

/// The snippets as buttons. They go into the field that was written in last, at first the plain text.
#[component]
pub(crate) fn Snippets(form: Form, draft: Draft, snippets: Vec<Snippet>) -> impl IntoView {
    let t = use_text();
    let last = StoredValue::new("text");
    let watch = window_event_listener(ev::focusin, move |event| {
        let field = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        match field.and_then(|field| field.get_attribute("name")).as_deref() {
            Some("subject") => last.set_value("subject"),
            Some("text") => last.set_value("text"),
            Some("html") => last.set_value("html"),
            _ => {}
        }
    });
    on_cleanup(move || watch.remove());
    let buttons = snippets
        .into_iter()
        .map(|Snippet { word, text }| {
            let put = move |_: web_sys::MouseEvent| {
                let name = last.get_value();
                let value = match name {
                    "subject" => draft.subject,
                    "html" => draft.html,
                    _ => draft.text,
                };
                insert(form, name, value, &text);
            };
            view! { <button type="button" class="chip mono" on:click=handler(put)>{word}</button> }.into_any()
        })
        .collect::<Vec<_>>();
    view! {
        <details class="snippets">
            <summary>{t.templates().snippets}</summary>
            <p class="field-hint">{t.templates().snippets_text}</p>
            <div class="snippets-list">{buttons}</div>
        </details>
    }
    .into_any()
}

/// Puts a text in the place of what is selected, and the cursor behind it.
fn insert(form: Form, name: &str, value: RwSignal<String>, text: &str) {
    let Some(field) = dom::by_id(&form.id()).and_then(|form| dom::first(&form, &format!("[name={name}]")))
    else {
        return;
    };
    dom::focus(&field);
    let written = match field.dyn_into::<web_sys::HtmlTextAreaElement>() {
        Ok(area) => area.set_range_text(text).map(|()| area.value()),
        Err(field) => match field.dyn_into::<web_sys::HtmlInputElement>() {
            Ok(input) => input.set_range_text(text).map(|()| input.value()),
            Err(_) => return,
        },
    };
    if let Ok(written) = written {
        value.set(written);
        form.touch(name);
    }
}
