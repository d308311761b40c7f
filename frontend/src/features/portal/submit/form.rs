//! The form: asked in the order people tell it. Faults stand under their fields, and nothing typed is ever lost.

use leptos::{prelude::*, task::spawn_local};
use shared::{
    ErrorCode,
    check::{Check, limit},
    tickets::{CreateTicket, NewTicket, TicketCreated},
};

use super::{
    choices::{Kinds, Urgency},
    contact::{Contact, ContactFields},
    draft::{self, Fields},
};
use crate::{
    api::{Extras, use_api},
    app::use_meta,
    components::{
        button::{Button, Look, Size},
        field::{FieldFrame, Ids, TextField},
        form::{Form, FormFailure},
        icon::{Icon, icon},
    },
    dom,
    features::tickets::files::{Drop, FileRows, Files, Picker, drop_target},
    number,
    reactive::{RwSignal, derived, handler, memo},
    session::use_session,
    text::{fill, use_text},
};

/// The form; `on_created` hears of the ticket, and whether every file arrived.
#[component]
pub(super) fn SubmitForm(
    files: Files,
    #[prop(into)] on_created: Callback<(TicketCreated, bool)>,
) -> impl IntoView {
    let t = use_text();
    let api = use_api();
    let session = use_session();
    let form = Form::new();
    let fields = Fields::new(&use_meta());
    let contact = Contact::new(session, fields);
    let target = drop_target(move |dropped| drop(files.add(dropped)));

    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !form.start() {
            return;
        }
        let mut check = Check::new();
        let ticket = prepare(fields, contact, &mut check);
        if let Err(faults) = check.done() {
            contact.reveal(&faults);
            return form.reject(&faults);
        }
        spawn_local(async move {
            let key = fields.key.get_untracked();
            let extras = Extras {
                key: Some(&key),
                ..Extras::default()
            };
            match api.call_with(CreateTicket, (), ticket, extras).await {
                Ok(created) => {
                    draft::forget();
                    // The answer set the cookie that opens the ticket, for the uploads too.
                    if untrack(|| session.user()).is_none() {
                        session.open_guest(created.ticket_id);
                    }
                    let arrived = files.upload_all(created.ticket_id).await;
                    on_created.run((created, arrived));
                }
                Err(error) if error.code() == Some(ErrorCode::ClientKeyReused) => {
                    // The first try did arrive, and the words are others now: only the person knows what is wanted.
                    fields.key.set(dom::uuid());
                    form.fail(error);
                }
                Err(error) => form.fail(error),
            }
        });
    };
    view! {
        <form
            class="card form"
            id=form.id()
            aria-label=t.submit_ticket
            data-over=move || target.over()
            on:submit=handler(submit)
            on:dragover=handler(move |event: web_sys::DragEvent| target.hover(&event))
            on:dragleave=handler(move |event: web_sys::DragEvent| target.leave(&event))
            on:drop=handler(move |event: web_sys::DragEvent| target.take(&event))
            on:paste=handler(move |event: web_sys::ClipboardEvent| target.paste(&event))
            novalidate
        >
            <Kinds fields=fields/>
            <TextField form=form name="title" label=t.tickets.form.title value=fields.title/>
            <Description form=form fields=fields/>
            <Attachments files=files target=target/>
            <Urgency fields=fields/>
            <hr/>
            <ContactFields form=form fields=fields contact=contact/>
            <FormFailure form=form/>
            <div class="form-foot">
                <Button submit=true look=Look::Primary size=Size::Large busy=form.busy()>
                    {t.submit_ticket}
                </Button>
                <span class="muted small">{t.tickets.form.afterwards}</span>
            </div>
        </form>
    }
    .into_any()
}

/// What goes to the server, checked as the server will.
fn prepare(fields: Fields, contact: Contact, check: &mut Check) -> NewTicket {
    let read = |signal: RwSignal<String>| signal.get_untracked();
    let title = check.line("title", Some(&read(fields.title)), limit::TITLE);
    let description = check.text("description", Some(&read(fields.description)), limit::DESCRIPTION);
    let ticket = NewTicket {
        title,
        kind: Some(read(fields.kind)).filter(|kind| !kind.is_empty()),
        priority: Some(fields.priority.get_untracked()),
        description,
        ..NewTicket::default()
    };
    if contact.is_folded_untracked() {
        return ticket;
    }
    NewTicket {
        customer_name: Some(check.line("customer_name", Some(&read(fields.name)), limit::NAME)),
        customer_email: check
            .email("customer_email", Some(&read(fields.email)))
            .map(|email| email.to_string()),
        customer_phone: check.optional_line("customer_phone", Some(&read(fields.phone)), limit::PHONE),
        ..ticket
    }
}

/// Details, with how much room is left.
#[component]
fn Description(form: Form, fields: Fields) -> impl IntoView {
    const NAME: &str = "description";
    let t = use_text();
    let ids = Ids::new();
    let tied = ids.clone();
    let fault = derived(move || form.error(NAME));
    let most = use_meta().limits.description_chars;
    let grouped = |n: usize| number::grouped(i64::try_from(n).unwrap_or(i64::MAX));
    let used = memo(move || fields.description.with(|text| text.chars().count()));
    let counter = move || format!("{} / {}", grouped(used.get()), grouped(most));
    view! {
        <FieldFrame
            ids=ids.clone()
            label=t.tickets.form.description
            optional=false
            hint=Some(t.tickets.form.description_hint.to_owned())
            fault=fault
        >
            <textarea
                class="textarea"
                id=ids.control
                name=NAME
                rows="4"
                prop:value=move || fields.description.get()
                on:input=handler(move |event: web_sys::Event| {
                    fields.description.set(event_target_value(&event));
                    form.touch(NAME);
                })
                aria-invalid=move || fault.with(Option::is_some).then_some("true")
                aria-describedby=move || tied.described(true, fault.with(Option::is_some))
            ></textarea>
            <span class="counter" data-full=move || (used.get() > most).then_some("")>{move || counter()}</span>
        </FieldFrame>
    }
    .into_any()
}

/// Files: dropped, pasted or chosen; sent once the ticket exists.
#[component]
fn Attachments(files: Files, target: Drop) -> impl IntoView {
    let t = use_text();
    let words = &t.tickets.files;
    let label = dom::uid();
    let limits = use_meta().limits.clone();
    let most = number::bytes(i64::try_from(limits.upload_bytes).unwrap_or(i64::MAX));
    let types = limits.upload_endings.join(words.type_join);
    let allowed = fill(words.allowed, &[("types", &types), ("size", &most)]);
    view! {
        <div class="field">
            <span class="field-label"><span id=label.clone()>{words.title}</span> <span class="opt">{t.optional}</span></span>
            <label class="drop" data-over=move || target.over()>
                {icon(Icon::Upload)}
                <span>
                    {words.drop_before} <span class="like-link">{words.choose}</span>
                    <small>{allowed}</small>
                </span>
                <Picker labelledby=label on_files=move |chosen| drop(files.add(chosen))/>
            </label>
            <FileRows files=files retry=|_: String| {}/>
        </div>
    }
    .into_any()
}
