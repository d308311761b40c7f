//! Logging in, at the customers' and at the agents' door.

use leptos::{prelude::*, task::spawn_local};
use shared::{
    ErrorCode, Role, Secret,
    check::{Check, limit},
    error::FieldError,
    sessions::{AdminLogin, Credentials, Login},
};

use super::entry::Entry;
use crate::{
    api::{ApiError, use_api},
    components::{
        banner::{Banner, Tone},
        button::{Button, Look, Size},
        field::TextField,
        form::{Form, FormFailure},
        password::PasswordField,
    },
    dom, paths, query,
    reactive::{RwSignal, dynamic, handler, memo, optional},
    router::{Go, use_router},
    session::{Session, use_session},
    text::use_text,
};

/// Which door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Customer,
    Agent,
}

impl Door {
    const fn role(self) -> Role {
        match self {
            Self::Customer => Role::Customer,
            Self::Agent => Role::Admin,
        }
    }

    const fn other(self) -> &'static str {
        match self {
            Self::Customer => paths::ADMIN_LOGIN,
            Self::Agent => paths::LOGIN,
        }
    }
}

/// The customers' door.
#[component]
pub(crate) fn LoginPage() -> impl IntoView {
    login_page(Door::Customer)
}

/// The agents' door.
#[component]
pub(crate) fn AgentLoginPage() -> impl IntoView {
    login_page(Door::Agent)
}

/// Somebody who is in already goes on at once; so does whoever just logged in.
fn login_page(door: Door) -> impl IntoView {
    let t = use_text();
    let session = use_session();
    let router = use_router();
    let next = memo(move || query::value(&router.search(), "next").filter(|path| paths::is_ours(path)));
    let is_in = memo(move || session.role() == Some(door.role()));
    dom::use_title(move || title(door).to_owned());

    dynamic(move || {
        if is_in.get() {
            let to = untrack(|| destination(session, next.get()));
            return view! { <Go to=to/> }.into_any();
        }
        let other = next.get().map_or_else(
            || door.other().to_owned(),
            |next| paths::login_then(door.other(), &next),
        );
        let below = match door {
            Door::Customer => (
                t.account.agents_before,
                t.account.agents_link,
                t.account.agents_after,
            ),
            Door::Agent => (
                t.account.customers_before,
                t.account.customers_link,
                t.account.customers_after,
            ),
        };
        view! {
            <Entry>
                <LoginForm door=door other=other.clone()>
                    <p class="muted login-other">{below.0}<a href=other>{below.1}</a>{below.2}</p>
                </LoginForm>
            </Entry>
        }
        .into_any()
    })
}

fn title(door: Door) -> &'static str {
    let t = use_text();
    match door {
        Door::Customer => t.log_in,
        Door::Agent => t.agent_login,
    }
}

/// Where somebody who is in goes.
fn destination(session: Session, next: Option<String>) -> String {
    if session.must_change_password() {
        return paths::login_then(paths::PASSWORD, next.as_deref().unwrap_or_default());
    }
    next.unwrap_or_else(|| session.home().to_owned())
}

#[component]
fn LoginForm(door: Door, other: String, children: Children) -> impl IntoView {
    let t = use_text();
    let api = use_api();
    let session = use_session();
    let form = Form::new();
    let username = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());

    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !form.start() {
            return;
        }
        let mut check = Check::new();
        let name = check.line("username", Some(&username.get_untracked()), limit::NAME);
        if password.with_untracked(String::is_empty) {
            check.fail("password", FieldError::Required);
        }
        if let Err(faults) = check.done() {
            return form.reject(&faults);
        }
        let credentials = Credentials {
            username: name,
            password: Secret::new(password.get_untracked()),
        };
        spawn_local(async move {
            let answer = match door {
                Door::Customer => api.call(Login, (), credentials).await,
                Door::Agent => api.call(AdminLogin, (), credentials).await,
            };
            match answer {
                Ok(logged_in) => session.sign_in(logged_in.user),
                Err(error) => form.fail(error),
            }
        });
    };
    let expired = optional(move || {
        (session.has_expired() && form.failure().with(Option::is_none))
            .then(|| view! { <Banner>{t.account.expired}</Banner> })
    });
    view! {
        <form class="login-form" id=form.id() aria-labelledby="login-title" on:submit=handler(submit) novalidate>
            <header>
                <h1 id="login-title">{title(door)}</h1>
                {(door == Door::Customer)
                    .then(|| {
                        view! {
                            <p class="muted">
                                {t.account.without_before}<a href=paths::SUBMIT>{t.account.without_link}</a>
                            </p>
                        }
                    })}
            </header>
            {expired}
            <Failure form=form door=door other=other/>
            <TextField
                form=form
                name="username"
                label=t.account.username
                value=username
                autocomplete="username"
                autofocus=true
            />
            <PasswordField
                form=form
                name="password"
                label=t.account.password
                value=password
                autocomplete="current-password"
            />
            <Button submit=true look=Look::Primary size=Size::Large block=true busy=form.busy()>
                {t.log_in}
            </Button>
            {children()}
        </form>
    }
    .into_any()
}

/// Why it did not work; at the wrong door, the way to the right one.
#[component]
fn Failure(form: Form, door: Door, other: String) -> impl IntoView {
    let t = use_text();
    let wrong_door = move || {
        form.failure()
            .with(|error| error.as_ref().and_then(ApiError::code))
            == Some(ErrorCode::WrongPortal)
    };
    dynamic(move || {
        if !wrong_door() {
            return view! { <FormFailure form=form/> }.into_any();
        }
        let href = other.clone();
        let (words, link) = match door {
            Door::Customer => (t.account.is_agent, t.account.to_agents),
            Door::Agent => (t.account.is_customer, t.account.to_customers),
        };
        view! {
            <Banner tone=Tone::Danger>
                <span>{words} " " <a href=href>{link}</a></span>
            </Banner>
        }
        .into_any()
    })
}
