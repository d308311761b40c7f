//! The two questions with few answers: what kind, and how urgent.

use leptos::prelude::*;
use shared::Priority;

use super::draft::Fields;
use crate::{
    app::use_meta,
    components::icon::{Icon, icon},
    dom,
    reactive::handler,
    text::use_text,
};

/// The ticket types as cards; the three documented ones say what they are for.
#[component]
pub(super) fn Kinds(fields: Fields) -> impl IntoView {
    let t = use_text();
    let cards = use_meta()
        .types
        .iter()
        .map(|kind| view! { <KindCard kind=kind.clone() fields=fields/> })
        .map(IntoAny::into_any)
        .collect::<Vec<_>>();
    view! {
        <fieldset>
            <legend>{t.tickets.form.kind}</legend>
            <div class="choices">{cards}</div>
        </fieldset>
    }
    .into_any()
}

#[component]
fn KindCard(kind: String, fields: Fields) -> impl IntoView {
    let t = use_text();
    let (name_id, hint_id) = (dom::uid(), dom::uid());
    let (glyph, hint) = match kind.as_str() {
        "技术支持" => (Icon::Wrench, Some(t.tickets.form.support_hint)),
        "产品咨询" => (Icon::Message, Some(t.tickets.form.question_hint)),
        "售后服务" => (Icon::Package, Some(t.tickets.form.service_hint)),
        _ => (Icon::Message, None),
    };
    let known = kind.clone();
    let word = t.kind(&kind).to_owned();
    view! {
        <label class="choice">
            <input
                type="radio"
                name="type"
                value=kind.clone()
                aria-labelledby=name_id.clone()
                aria-describedby=hint.map(|_| hint_id.clone())
                prop:checked=move || fields.kind.with(|now| *now == known)
                on:change=handler(move |_| fields.kind.set(kind.clone()))
            />
            {icon(glyph)}
            <b id=name_id>{word}</b>
            {hint.map(|hint| view! { <small id=hint_id>{hint}</small> })}
        </label>
    }
    .into_any()
}

/// How urgent it is, in the customer's words.
#[component]
pub(super) fn Urgency(fields: Fields) -> impl IntoView {
    let t = use_text();
    let words = |priority: Priority| match priority {
        Priority::Low => t.tickets.form.low,
        Priority::Medium => t.tickets.form.medium,
        Priority::High => t.tickets.form.high,
    };
    let choices = [Priority::Low, Priority::Medium, Priority::High]
        .map(|priority| {
            view! {
                <label>
                    <input
                        type="radio"
                        name="priority"
                        value=priority.code()
                        prop:checked=move || fields.priority.get() == priority
                        on:change=handler(move |_| fields.priority.set(priority))
                    />
                    <span class="prio" data-p=priority.code()>{words(priority)}</span>
                </label>
            }
        })
        .into_iter()
        .map(IntoAny::into_any)
        .collect::<Vec<_>>();
    view! {
        <fieldset>
            <legend>{t.tickets.form.urgency}</legend>
            <div class="segmented" role="radiogroup" aria-label=t.tickets.form.urgency>{choices}</div>
        </fieldset>
    }
    .into_any()
}
