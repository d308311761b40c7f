//! The dialog before many tickets close: one result for all of them, because it goes out by mail.

use leptos::{prelude::*, task::spawn_local};
use shared::{
    check::{Check, limit},
    tickets::BatchAction,
};

use super::bulk::Bulk;
use crate::{
    components::{
        dialog::{Dialog, DialogFoot},
        field::TextArea,
        form::Form,
    },
    reactive::{RwSignal, derived, handler},
    text::use_text,
};

/// The dialog.
#[component]
pub(super) fn Closing(bulk: Bulk) -> impl IntoView {
    let t = use_text();
    let text = RwSignal::new(String::new());
    let dirty = derived(move || text.with(|text| !text.trim().is_empty()));
    let count = move || i64::try_from(bulk.selection.len()).unwrap_or(i64::MAX);
    let title = derived(move || t.tickets.list.close_many.of(count()));
    view! {
        <Dialog open=bulk.closing title=title dirty=dirty>
            <ClosingForm bulk=bulk text=text/>
        </Dialog>
    }
    .into_any()
}

#[component]
fn ClosingForm(bulk: Bulk, text: RwSignal<String>) -> impl IntoView {
    let t = use_text();
    let form = Form::new();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !form.start() {
            return;
        }
        let mut check = Check::new();
        let resolution = check.text("resolution", Some(text.get_untracked().trim()), limit::RESOLUTION);
        if let Err(faults) = check.done() {
            return form.reject(&faults);
        }
        spawn_local(async move {
            let taken = bulk
                .carry(
                    BatchAction::Close { resolution },
                    t.tickets.list.closed,
                    Vec::new(),
                )
                .await;
            form.finish();
            if taken {
                text.set(String::new());
                bulk.closing.set(false);
            }
        });
    };
    view! {
        <form id=form.id() on:submit=handler(submit) novalidate>
            <div class="dialog-body">
                <p>{t.tickets.desk.close_text}</p>
                <TextArea
                    form=form
                    name="resolution"
                    label=t.tickets.result
                    value=text
                    placeholder=t.tickets.desk.result_hint
                />
            </div>
            <DialogFoot open=bulk.closing action=t.tickets.desk.close busy=form.busy()/>
        </form>
    }
    .into_any()
}
