//! The dialog that creates an account or changes one.

use leptos::{prelude::*, task::spawn_local};
use shared::{
    Role, Secret,
    check::{Check, limit},
    users::{CreateUser, NewUser, UpdateUser, User, UserChanges},
};

use super::{actions::Actions, name_of, reset::FirstPassword, table::role_options};
use crate::{
    api::{Api, ApiError, use_api},
    components::{
        dialog::{Dialog, DialogFoot},
        field::TextField,
        form::{Form, FormFailure},
        select::SelectField,
    },
    reactive::{RwSignal, StoredValue, derived, handler},
    session::use_session,
    text::{fill, use_text},
};

/// What is typed.
#[derive(Clone, Copy)]
struct Draft {
    username: RwSignal<String>,
    full_name: RwSignal<String>,
    email: RwSignal<String>,
    phone: RwSignal<String>,
    role: RwSignal<String>,
    password: RwSignal<String>,
}

impl Draft {
    fn of(user: Option<&User>) -> Self {
        let text = |value: Option<&String>| RwSignal::new(value.cloned().unwrap_or_default());
        let role = user.map_or(Role::Customer, |user| user.role);
        Self {
            username: text(user.map(|user| &user.username)),
            full_name: text(user.and_then(|user| user.full_name.as_ref())),
            email: text(user.and_then(|user| user.email.as_ref())),
            phone: text(user.and_then(|user| user.phone.as_ref())),
            role: RwSignal::new(role.as_str().to_owned()),
            password: RwSignal::new(String::new()),
        }
    }
}

/// The dialog; `subject` is nobody for a new account.
#[component]
pub(crate) fn Editor(
    open: RwSignal<bool>,
    subject: RwSignal<Option<User>>,
    actions: Actions,
) -> impl IntoView {
    let t = use_text();
    let dirty = RwSignal::new(false);
    let title = derived(move || match subject.get() {
        Some(user) => fill(t.users().edit_of, &[("name", &name_of(&user))]),
        None => t.users().new.to_owned(),
    });
    view! {
        <Dialog open=open title=title dirty=dirty>
            <EditorForm open=open user=subject.get_untracked() actions=actions dirty=dirty/>
        </Dialog>
    }
}

#[component]
fn EditorForm(
    open: RwSignal<bool>,
    user: Option<User>,
    actions: Actions,
    dirty: RwSignal<bool>,
) -> impl IntoView {
    let t = use_text();
    let api = use_api();
    let session = use_session();
    let form = Form::new();
    let draft = Draft::of(user.as_ref());
    let is_new = user.is_none();
    // Nobody can demote himself.
    let own = user.as_ref().map(|user| user.id) == untrack(|| session.user()).map(|me| me.id) && !is_new;
    dirty.set(false);

    let known = StoredValue::new(user);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !form.start() {
            return;
        }
        let mut check = Check::new();
        let user = known.get_value();
        let prepared = prepare(draft, user.as_ref(), &mut check);
        if let Err(faults) = check.done() {
            return form.reject(&faults);
        }
        spawn_local(async move {
            match send(api, prepared).await {
                Ok(saved) => {
                    if own {
                        session.sign_in(saved.clone());
                    }
                    form.finish();
                    actions.done(
                        if is_new {
                            t.users().created
                        } else {
                            t.users().changed
                        },
                        &name_of(&saved),
                    );
                }
                Err(error) => form.fail(error),
            }
        });
    };
    view! {
        <form id=form.id() on:submit=handler(submit) on:input=handler(move |_| dirty.set(true)) novalidate>
            <div class="dialog-body">
                <FormFailure form=form/>
                {is_new
                    .then(|| {
                        view! {
                            <TextField
                                form=form
                                name="username"
                                label=t.users().username
                                value=draft.username
                                hint=t.users().username_hint
                            />
                        }
                    })}
                <TextField form=form name="full_name" label=t.users().full_name value=draft.full_name optional=true/>
                <div class="pair">
                    <TextField form=form name="email" label=t.users().email value=draft.email kind="email" optional=true/>
                    <TextField form=form name="phone" label=t.users().phone value=draft.phone kind="tel" optional=true/>
                </div>
                {(!own)
                    .then(|| {
                        let hint = if is_new { String::new() } else { t.users().role_hint.to_owned() };
                        view! {
                            <SelectField
                                form=form
                                name="role"
                                label=t.users().role
                                options=role_options()
                                value=draft.role
                                hint=hint
                            />
                        }
                    })}
                {is_new.then(|| view! { <FirstPassword form=form value=draft.password/> })}
            </div>
            <DialogFoot open=open action=if is_new { t.users().create } else { t.save } busy=form.busy()/>
        </form>
    }
    .into_any()
}

/// What goes to the server.
enum Prepared {
    Create(NewUser),
    Change(shared::UserId, UserChanges),
}

fn prepare(draft: Draft, user: Option<&User>, check: &mut Check) -> Prepared {
    let read = |signal: RwSignal<String>| signal.get_untracked();
    let full_name = check.optional_line("full_name", Some(&read(draft.full_name)), limit::NAME);
    let phone = check.optional_line("phone", Some(&read(draft.phone)), limit::PHONE);
    let email = match read(draft.email).trim() {
        "" => None,
        text => check.email("email", Some(text)).map(|email| email.to_string()),
    };
    let role: Option<Role> = read(draft.role).parse().ok();
    let Some(user) = user else {
        let username = check.line("username", Some(&read(draft.username)), limit::USERNAME);
        let password = read(draft.password);
        check.password("password", &password);
        return Prepared::Create(NewUser {
            username,
            password: Secret::new(password),
            email,
            phone,
            full_name,
            role,
        });
    };
    // Only what differs; an empty text clears.
    let changed = |old: &Option<String>, new: Option<String>| {
        (new.as_deref().unwrap_or("") != old.as_deref().unwrap_or("")).then(|| new.unwrap_or_default())
    };
    Prepared::Change(
        user.id,
        UserChanges {
            email: changed(&user.email, email),
            phone: changed(&user.phone, phone),
            full_name: changed(&user.full_name, full_name),
            role: role.filter(|role| *role != user.role),
            ..UserChanges::default()
        },
    )
}

async fn send(api: Api, prepared: Prepared) -> Result<User, ApiError> {
    match prepared {
        Prepared::Create(input) => api.call(CreateUser, (), input).await,
        Prepared::Change(id, changes) => api.call(UpdateUser, id, changes).await,
    }
    .map(|body| body.user)
}
