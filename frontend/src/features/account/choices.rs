//! Which mails one gets, and in which language.

use leptos::{prelude::*, task::spawn_local};
use shared::{
    Lang,
    endpoint::Nothing,
    mails::{GetMailChoices, MailChoice, MailChoices, SetMailChoices},
    notifications::NotificationKind,
};

use super::{device::DeviceAlerts, entry::Entry};
use crate::{
    api::use_api,
    components::{
        button::{Button, Look, Size},
        empty::ErrorState,
        form::{Form, FormFailure},
        select::Select,
        skeleton::SkeletonRows,
        toast::use_toasts,
    },
    dom,
    fetch::load,
    paths,
    reactive::{RwSignal, derived, dynamic, handler, memo},
    router::Go,
    session::use_session,
    text::use_text,
};

/// The page. Nobody who is not signed in has anything to choose: he has the link in each mail.
#[component]
pub(crate) fn MailChoicesPage() -> impl IntoView {
    let t = use_text();
    let session = use_session();
    dom::use_title(|| t.account.mail_choices.to_owned());
    let signed_in = memo(move || session.role().is_some());
    dynamic(move || {
        if signed_in.get() {
            view! { <Entry><Choices/></Entry> }.into_any()
        } else {
            view! { <Go to=paths::login_then(paths::LOGIN, paths::MAIL_CHOICES)/> }.into_any()
        }
    })
}

#[component]
fn Choices() -> impl IntoView {
    let t = use_text();
    let loaded = load(GetMailChoices, || ((), Nothing {}));
    let body = loaded.view(
        || view! { <SkeletonRows rows=3/> }.into_any(),
        move |error, retry| {
            view! { <ErrorState title=t.account.choices_failed error=error on_retry=retry/> }.into_any()
        },
        |choices: MailChoices| view! { <ChoicesForm choices=choices/> }.into_any(),
    );
    view! {
        <div class="login-form">
            {body}
            <DeviceAlerts/>
            <p class="muted login-other"><a href=paths::ROOT>{t.go_home}</a></p>
        </div>
    }
}

#[component]
fn ChoicesForm(choices: MailChoices) -> impl IntoView {
    let t = use_text();
    let api = use_api();
    let toasts = use_toasts();
    let form = Form::new();
    let lang = RwSignal::new(choices.lang);
    let kinds: Vec<(NotificationKind, RwSignal<bool>)> = choices
        .kinds
        .into_iter()
        .map(|choice| (choice.kind, RwSignal::new(choice.on)))
        .collect();
    let boxes = kinds
        .iter()
        .map(|(kind, on)| {
            let on = *on;
            view! {
                <label class="check mail-choice">
                    <input
                        type="checkbox"
                        prop:checked=move || on.get()
                        on:change=handler(move |event: web_sys::Event| on.set(event_target_checked(&event)))
                    />
                    <span>{t.account.mail_of(*kind)}</span>
                </label>
            }
            .into_any()
        })
        .collect::<Vec<_>>();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !form.start() {
            return;
        }
        let chosen = MailChoices {
            kinds: kinds
                .iter()
                .map(|(kind, on)| MailChoice {
                    kind: *kind,
                    on: on.get_untracked(),
                })
                .collect(),
            lang: lang.get_untracked(),
        };
        spawn_local(async move {
            match api.call(SetMailChoices, (), chosen).await {
                Ok(_) => {
                    form.finish();
                    toasts.done(t.account.choices_saved);
                }
                Err(error) => form.fail(error),
            }
        });
    };
    let langs = vec![
        (Lang::Zh.code().to_owned(), "中文".to_owned()),
        (Lang::En.code().to_owned(), "English".to_owned()),
    ];
    view! {
        <form class="mail-choices" id=form.id() aria-labelledby="choices-title" on:submit=handler(submit) novalidate>
            <header>
                <h1 id="choices-title">{t.account.mail_choices}</h1>
                <p class="muted">{t.account.choices_text}</p>
            </header>
            <FormFailure form=form/>
            <fieldset class="mail-choice-list">
                <legend class="sr-only">{t.account.mail_choices}</legend>
                {boxes}
            </fieldset>
            <div class="mail-choice-lang">
                <span>{t.account.mail_language}</span>
                <Select
                    label=t.account.mail_language
                    options=langs
                    value=derived(move || lang.get().code().to_owned())
                    on_pick=move |code: String| lang.set(Lang::from_code(&code).unwrap_or_default())
                />
            </div>
            <Button submit=true look=Look::Primary size=Size::Large block=true busy=form.busy()>
                {t.save}
            </Button>
        </form>
    }
    .into_any()
}
