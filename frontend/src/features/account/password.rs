//! Choosing a new password: by one's own wish, or because the server insists.

use leptos::{prelude::*, task::spawn_local};
use shared::{
    Secret,
    check::Check,
    error::FieldError,
    sessions::{ChangePassword, NewPassword},
};

use super::entry::Entry;
use crate::{
    api::use_api,
    components::{
        banner::{Banner, Tone},
        button::{Button, Look, Size},
        form::{Form, FormFailure},
        password::PasswordField,
        toast::use_toasts,
    },
    dom, paths, query,
    reactive::{RwSignal, dynamic, handler, memo},
    router::{Go, Step, use_router},
    session::use_session,
    text::use_text,
};

/// The page. Nobody who is not signed in has a password to change.
#[component]
pub(crate) fn PasswordPage() -> impl IntoView {
    let t = use_text();
    let session = use_session();
    dom::use_title(|| t.change_password.to_owned());
    let signed_in = memo(move || session.role().is_some());
    dynamic(move || {
        if signed_in.get() {
            view! { <Entry><PasswordForm/></Entry> }.into_any()
        } else {
            view! { <Go to=paths::login_then(paths::LOGIN, paths::PASSWORD)/> }.into_any()
        }
    })
}

#[component]
fn PasswordForm() -> impl IntoView {
    let t = use_text();
    let api = use_api();
    let session = use_session();
    let toasts = use_toasts();
    let router = use_router();
    let form = Form::new();
    let (current, new, again) = (
        RwSignal::new(String::new()),
        RwSignal::new(String::new()),
        RwSignal::new(String::new()),
    );
    let forced = untrack(|| session.must_change_password());

    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !form.start() {
            return;
        }
        let mut check = Check::new();
        if current.with_untracked(String::is_empty) {
            check.fail("current_password", FieldError::Required);
        }
        check.password("new_password", &new.get_untracked());
        if let Err(faults) = check.done() {
            return form.reject(&faults);
        }
        if new.get_untracked() != again.get_untracked() {
            return form.blame("again", t.account.mismatch);
        }
        let input = NewPassword {
            current_password: Secret::new(current.get_untracked()),
            new_password: Secret::new(new.get_untracked()),
        };
        let next = query::value(&untrack(|| router.search()), "next").filter(|path| paths::is_ours(path));
        spawn_local(async move {
            match api.call(ChangePassword, (), input).await {
                Ok(changed) => {
                    session.sign_in(changed.user);
                    toasts.done(t.account.password_changed);
                    let to = next.unwrap_or_else(|| untrack(|| session.home()).to_owned());
                    router.go(&to, Step::Push);
                }
                Err(error) => form.fail(error),
            }
        });
    };
    view! {
        <form class="login-form" id=form.id() aria-labelledby="password-title" on:submit=handler(submit) novalidate>
            <header>
                <h1 id="password-title">{if forced { t.account.first_password } else { t.change_password }}</h1>
            </header>
            {forced.then(|| view! { <Banner tone=Tone::Warn>{t.account.forced}</Banner> })}
            <FormFailure form=form/>
            <PasswordField
                form=form
                name="current_password"
                label=t.account.current_password
                value=current
                autocomplete="current-password"
                autofocus=true
            />
            <PasswordField
                form=form
                name="new_password"
                label=t.account.new_password
                value=new
                autocomplete="new-password"
                hint=t.account.password_hint
            />
            <PasswordField
                form=form
                name="again"
                label=t.account.again
                value=again
                autocomplete="new-password"
            />
            <Button submit=true look=Look::Primary size=Size::Large block=true busy=form.busy()>
                {t.change_password}
            </Button>
            {(!forced)
                .then(|| view! { <p class="muted login-other"><a href=paths::ROOT>{t.account.back}</a></p> })}
        </form>
    }
    .into_any()
}
