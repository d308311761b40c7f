//! The dialog before a ticket ends: what solved it goes to the customer.

use leptos::{prelude::*, task::spawn_local};
use shared::{
    Status,
    check::{Check, limit},
};

use super::actions::Desk;
use crate::{
    components::{
        dialog::{Dialog, DialogFoot},
        field::TextArea,
        form::{Form, FormFailure},
    },
    reactive::{RwSignal, Signal, derived, handler},
    text::use_text,
};

/// The dialog.
#[component]
pub(super) fn FinishDialogs(desk: Desk) -> impl IntoView {
    let t = use_text();
    let (open, to) = (desk.asking, desk.ending);
    let text = RwSignal::new(String::new());
    let verb = derived(move || match to.get() {
        Status::Closed => t.tickets.desk.close.to_owned(),
        _ => t.tickets.desk.resolve.to_owned(),
    });
    view! {
        <Dialog open=open title=verb dirty=derived(move || text.with(|text| !text.trim().is_empty()))>
            <FinishForm desk=desk open=open text=text to=to verb=verb/>
        </Dialog>
    }
    .into_any()
}

#[component]
fn FinishForm(
    desk: Desk,
    open: RwSignal<bool>,
    text: RwSignal<String>,
    to: RwSignal<Status>,
    verb: Signal<String>,
) -> impl IntoView {
    let t = use_text();
    let form = Form::new();
    let status = to.get_untracked();
    let must = status == Status::Closed;
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !form.start() {
            return;
        }
        let words = text.get_untracked().trim().to_owned();
        let mut check = Check::new();
        if must || !words.is_empty() {
            check.text("resolution", Some(&words), limit::RESOLUTION);
        }
        if let Err(faults) = check.done() {
            return form.reject(&faults);
        }
        let words = Some(words).filter(|words| !words.is_empty());
        spawn_local(async move {
            match desk.finish(status, words).await {
                Ok(()) => {
                    form.finish();
                    text.set(String::new());
                    open.set(false);
                }
                Err(error) => form.fail(error),
            }
        });
    };
    view! {
        <form id=form.id() on:submit=handler(submit) novalidate>
            <div class="dialog-body">
                <p>{if must { t.tickets.desk.close_text } else { t.tickets.desk.resolve_text }}</p>
                <FormFailure form=form/>
                <TextArea
                    form=form
                    name="resolution"
                    label=t.tickets.result
                    value=text
                    optional=!must
                    placeholder=t.tickets.desk.result_hint
                />
            </div>
            <DialogFoot open=open action=verb busy=form.busy()/>
        </form>
    }
    .into_any()
}
