//! Giving an account a new first password.

use leptos::{prelude::*, task::spawn_local};
use shared::{
    Secret,
    check::Check,
    users::{UpdateUser, User, UserChanges},
};

use super::{actions::Actions, name_of};
use crate::{
    api::use_api,
    components::{
        button::{Button, Look, Size},
        dialog::{Dialog, DialogFoot},
        field::TextField,
        form::{Form, FormFailure},
    },
    reactive::{RwSignal, derived, handler},
    text::{fill, use_text},
};

/// The dialog.
#[component]
pub(crate) fn Reset(
    open: RwSignal<bool>,
    subject: RwSignal<Option<User>>,
    actions: Actions,
) -> impl IntoView {
    let t = use_text();
    let name = move || subject.with(|user| user.as_ref().map(name_of).unwrap_or_default());
    let title = derived(move || fill(t.users().reset_of, &[("name", &name())]));
    view! {
        <Dialog open=open title=title>
            {subject.get_untracked().map(|user| view! { <ResetForm open=open user=user actions=actions/> })}
        </Dialog>
    }
}

#[component]
fn ResetForm(open: RwSignal<bool>, user: User, actions: Actions) -> impl IntoView {
    let t = use_text();
    let api = use_api();
    let form = Form::new();
    let password = RwSignal::new(String::new());
    let id = user.id;
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !form.start() {
            return;
        }
        let mut check = Check::new();
        let text = password.get_untracked();
        check.password("password", &text);
        if let Err(faults) = check.done() {
            return form.reject(&faults);
        }
        spawn_local(async move {
            let changes = UserChanges {
                password: Some(Secret::new(text)),
                ..UserChanges::default()
            };
            match api.call(UpdateUser, id, changes).await {
                Ok(body) => {
                    form.finish();
                    actions.done(t.users().reset_done, &name_of(&body.user));
                }
                Err(error) => form.fail(error),
            }
        });
    };
    view! {
        <form id=form.id() on:submit=handler(submit) novalidate>
            <div class="dialog-body">
                <p>{t.users().reset_text}</p>
                <FormFailure form=form/>
                <FirstPassword form=form value=password/>
            </div>
            <DialogFoot open=open action=t.users().reset busy=form.busy()/>
        </form>
    }
    .into_any()
}

/// A password that is told to somebody else: readable while it is chosen, and a good one at a click.
#[component]
pub(crate) fn FirstPassword(form: Form, value: RwSignal<String>) -> impl IntoView {
    let t = use_text();
    view! {
        <div class="with-button">
            <TextField
                form=form
                name="password"
                label=t.users().first_password
                value=value
                hint=t.users().first_password_hint
            />
            <Button
                look=Look::Link
                size=Size::Small
                on_click=move |()| {
                    value.set(generated());
                    form.touch("password");
                }
            >
                {t.users().generate}
            </Button>
        </div>
    }
    .into_any()
}

/// Twelve letters and digits that cannot be mistaken for one another, from the browser's random source.
fn generated() -> String {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mut random = [0_u8; 12];
    if let Ok(crypto) = window().crypto() {
        let _ = crypto.get_random_values_with_u8_array(&mut random);
    }
    random
        .iter()
        .filter_map(|byte| LETTERS.get(usize::from(*byte) % LETTERS.len()))
        .map(|c| char::from(*c))
        .collect()
}
