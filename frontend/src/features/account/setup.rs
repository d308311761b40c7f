//! The one-time link that a fresh server prints: choosing the administrator's first password.

use leptos::{prelude::*, task::spawn_local};
use shared::{
    ErrorCode, Secret,
    check::Check,
    sessions::{SetUp, SetUpPassword},
};

use super::entry::Entry;
use crate::{
    api::{ApiError, use_api},
    components::{
        button::{Button, LinkButton, Look, Size},
        empty::{Art, Empty},
        form::{Form, FormFailure},
        password::PasswordField,
        toast::use_toasts,
    },
    dom, paths,
    reactive::{RwSignal, StoredValue, dynamic, handler},
    router::{Step, use_router},
    session::take_fragment,
    text::use_text,
};

/// The page. The token stands behind `#token=` and leaves the address at once.
#[component]
pub(crate) fn SetUpPage() -> impl IntoView {
    let t = use_text();
    dom::use_title(|| t.account.first_password.to_owned());
    match take_fragment("token") {
        Some(token) => view! { <Entry><SetUpForm token=Secret::new(token)/></Entry> }.into_any(),
        None => view! { <Entry><DeadLink/></Entry> }.into_any(),
    }
}

#[component]
fn DeadLink() -> impl IntoView {
    let t = use_text();
    view! {
        <Empty art=Art::Alert title=t.account.dead_link text=t.account.dead_link_text page=true>
            <LinkButton href=paths::ADMIN_LOGIN look=Look::Primary>{t.agent_login}</LinkButton>
        </Empty>
    }
}

#[component]
fn SetUpForm(token: Secret) -> impl IntoView {
    let t = use_text();
    let api = use_api();
    let toasts = use_toasts();
    let router = use_router();
    let token = StoredValue::new(token);
    let form = Form::new();
    let (new, again) = (RwSignal::new(String::new()), RwSignal::new(String::new()));

    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !form.start() {
            return;
        }
        let mut check = Check::new();
        check.password("new_password", &new.get_untracked());
        if let Err(faults) = check.done() {
            return form.reject(&faults);
        }
        if new.get_untracked() != again.get_untracked() {
            return form.blame("again", t.account.mismatch);
        }
        let input = SetUpPassword {
            token: token.get_value(),
            new_password: Secret::new(new.get_untracked()),
        };
        spawn_local(async move {
            match api.call(SetUp, (), input).await {
                Ok(_) => {
                    toasts.done(t.account.set_up_done);
                    router.go(paths::ADMIN_LOGIN, Step::Push);
                }
                Err(error) => form.fail(error),
            }
        });
    };
    let dead = move || {
        form.failure()
            .with(|error| error.as_ref().and_then(ApiError::code))
            == Some(ErrorCode::LinkInvalid)
    };
    dynamic(move || {
        if dead() {
            return view! { <DeadLink/> }.into_any();
        }
        view! {
            <form class="login-form" id=form.id() aria-labelledby="setup-title" on:submit=handler(submit) novalidate>
                <header>
                    <h1 id="setup-title">{t.account.first_password}</h1>
                    <p class="muted">{t.account.set_up_text}</p>
                </header>
                <FormFailure form=form/>
                <PasswordField
                    form=form
                    name="new_password"
                    label=t.account.new_password
                    value=new
                    autocomplete="new-password"
                    hint=t.account.password_hint
                    autofocus=true
                />
                <PasswordField
                    form=form
                    name="again"
                    label=t.account.again
                    value=again
                    autocomplete="new-password"
                />
                <Button submit=true look=Look::Primary size=Size::Large block=true busy=form.busy()>
                    {t.account.set_password}
                </Button>
            </form>
        }
        .into_any()
    })
}
