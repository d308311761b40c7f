//! The mail that a draft would make, drawn again a moment after each change.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use shared::mail_templates::{MailTemplate, PREVIEW_PATH, PreviewMailTemplate};

use super::draft::Draft;
use crate::{
    api::ApiError,
    components::banner::{Banner, Tone},
    fetch::load,
    reactive::{NodeRef, RwSignal, StoredValue, effect, handler, memo, optional},
    text::use_text,
};

/// How long after the last change.
const REST_MS: u32 = 400;

/// Subject, HTML part and plain part; above them what is wrong with the draft, while the last good mail stays.
#[component]
pub(crate) fn Preview(draft: Draft, template: StoredValue<MailTemplate>) -> impl IntoView {
    let t = use_text();
    let wire = move || template.with_value(|template| draft.wire(template));
    let rested = RwSignal::new(untrack(wire));
    let waiting = StoredValue::new(None::<Timeout>);
    effect(move || {
        let latest = wire();
        if untrack(|| rested.with(|rested| *rested != latest)) {
            waiting.set_value(Some(Timeout::new(REST_MS, move || {
                rested.try_set(latest);
            })));
        }
    });
    on_cleanup(move || waiting.set_value(None));
    let loaded = load(PreviewMailTemplate, move || ((), rested.get()));
    let data = loaded.data();
    let subject = memo(move || data.with(|mail| mail.as_ref().map(|mail| mail.subject.clone())));
    let text = memo(move || data.with(|mail| mail.as_ref().map(|mail| mail.text.clone())));
    let html = memo(move || data.with(|mail| mail.as_ref().map(|mail| mail.html.clone())));
    let frame = NodeRef::<web_sys::HtmlIFrameElement>::default();
    // More than once: an empty document may come first.
    let drawn = RwSignal::new(0_u32);
    effect(move || {
        let window = frame.get().and_then(|frame| frame.content_window());
        drawn.track();
        if let (Some(html), Some(window)) = (html.get(), window) {
            // The frame is nobody's origin, so none can be named.
            let _ = window.post_message(&html.into(), "*");
        }
    });
    view! {
        <section class="template-preview" aria-label=t.templates().preview aria-busy=move || loaded.is_busy().to_string()>
            <header>
                <strong>{t.templates().preview}</strong>
                <small class="muted">{t.templates().preview_text}</small>
            </header>
            {optional(move || loaded.failure().get().map(|error| view! { <Fault error=error/> }))}
            <p class="template-subject">{move || subject.get()}</p>
            <iframe
                title=t.templates().html
                src=PREVIEW_PATH
                sandbox="allow-scripts"
                node_ref=frame
                on:load=handler(move |_: web_sys::Event| drawn.update(|n| *n += 1))
            ></iframe>
            <details>
                <summary>{t.templates().text}</summary>
                <pre>{move || text.get()}</pre>
            </details>
        </section>
    }
    .into_any()
}

/// Field by field, in the words that stand under the fields once one saves.
#[component]
fn Fault(error: ApiError) -> impl IntoView {
    let t = use_text();
    let faults: Vec<String> = match &error {
        ApiError::Refused(refusal) => refusal
            .faults
            .iter()
            .map(|(field, fault)| format!("{} · {fault}", label(field)))
            .collect(),
        ApiError::Network | ApiError::Aborted => Vec::new(),
    };
    let faults = if faults.is_empty() {
        error.message(t).to_string()
    } else {
        faults.join("\n")
    };
    view! {
        <Banner tone=Tone::Warn>
            <span class="template-fault">{faults}</span>
        </Banner>
    }
}

fn label(field: &str) -> &'static str {
    let t = use_text().templates();
    match field {
        "subject" => t.subject,
        "text" => t.text,
        _ => t.html,
    }
}
