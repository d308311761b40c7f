//! Trying the mail server: every step, and what it said.

use leptos::{prelude::*, task::spawn_local};
use shared::{
    check::Check,
    mails::{Speaker, TestMail, TestReport, TestRequest},
};

use crate::{
    api::use_api,
    components::{
        banner::{Banner, Tone},
        dialog::{Dialog, DialogFoot},
        field::TextField,
        form::{Form, FormFailure},
    },
    reactive::{RwSignal, handler, optional},
    session::use_session,
    text::use_text,
};

/// The dialog.
#[component]
pub(crate) fn TestDialog(open: RwSignal<bool>) -> impl IntoView {
    let t = use_text();
    view! {
        <Dialog open=open title=t.mail().test>
            <TestForm open=open/>
        </Dialog>
    }
}

#[component]
fn TestForm(open: RwSignal<bool>) -> impl IntoView {
    let t = use_text();
    let api = use_api();
    let session = use_session();
    let form = Form::new();
    let own = untrack(|| session.user()).and_then(|user| user.email);
    let to = RwSignal::new(own.unwrap_or_default());
    let report = RwSignal::new(None::<TestReport>);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !form.start() {
            return;
        }
        let mut check = Check::new();
        let text = to.get_untracked();
        check.email("to", Some(&text));
        if let Err(faults) = check.done() {
            return form.reject(&faults);
        }
        report.set(None);
        spawn_local(async move {
            match api.call(TestMail, (), TestRequest { to: text }).await {
                Ok(told) => {
                    form.finish();
                    report.set(Some(told));
                }
                Err(error) => form.fail(error),
            }
        });
    };
    view! {
        <form id=form.id() on:submit=handler(submit) novalidate>
            <div class="dialog-body mailtest">
                <p>{t.mail().test_text}</p>
                <FormFailure form=form/>
                <TextField form=form name="to" label=t.mail().test_to value=to/>
                {optional(move || report.get().map(|told| view! { <Report report=told/> }))}
            </div>
            <DialogFoot open=open action=t.mail().test busy=form.busy()/>
        </form>
    }
    .into_any()
}

/// How it went: the outcome first, the conversation below.
#[component]
fn Report(report: TestReport) -> impl IntoView {
    let t = use_text();
    let (tone, title) = if report.sent {
        (Tone::Success, t.mail().test_taken)
    } else {
        (Tone::Danger, t.mail().test_failed)
    };
    let lines = report
        .lines
        .into_iter()
        .map(|line| {
            let (who, sign) = match line.speaker {
                Speaker::Client => ("client", "> "),
                Speaker::Server => ("server", "< "),
                Speaker::Note => ("note", "* "),
            };
            view! { <span data-who=who>{sign} {line.text} "\n"</span> }.into_any()
        })
        .collect::<Vec<_>>();
    let spoken = !lines.is_empty();
    view! {
        <Banner tone=tone>
            <div>
                <strong>{title}</strong>
                <p>{report.answer}</p>
                {report.hint.map(|hint| view! { <p>{hint}</p> })}
            </div>
        </Banner>
        {spoken.then(|| view! { <pre class="mailtest-log" tabindex="0" aria-label=t.mail().conversation>{lines}</pre> })}
    }
    .into_any()
}
