//! The page behind the link in a mail: stops mails of one kind, without a log-in, and takes that back.

use leptos::{prelude::*, task::spawn_local};
use shared::{
    mails::{StopMails, StopRequest},
    notifications::NotificationKind,
};

use super::entry::Entry;
use crate::{
    api::use_api,
    components::{
        button::{Button, LinkButton, Look, Size},
        empty::{Art, Empty},
        form::{Form, FormFailure},
    },
    dom, paths, query,
    reactive::{RwSignal, StoredValue, dynamic},
    router::use_router,
    text::{fill, use_text},
};

/// The page. Nothing is stopped by opening it: mail programs look at links before people do.
#[component]
pub(crate) fn UnsubscribePage() -> impl IntoView {
    let t = use_text();
    let router = use_router();
    dom::use_title(|| t.account.unsubscribe.to_owned());
    let token = query::value(&untrack(|| router.search()), "token").unwrap_or_default();
    // `u7.new_message.…`: the server knows whether we made it, the middle says what it is about.
    let kind = token
        .split('.')
        .nth(1)
        .and_then(|kind| kind.parse::<NotificationKind>().ok());
    match kind {
        Some(kind) => view! { <Entry><Unsubscribe token=token kind=kind/></Entry> }.into_any(),
        None => view! {
            <Entry>
                <Empty art=Art::Alert title=t.account.dead_link text=t.account.dead_unsubscribe page=true>
                    <LinkButton href=paths::ROOT look=Look::Primary>{t.go_home}</LinkButton>
                </Empty>
            </Entry>
        }
        .into_any(),
    }
}

#[component]
fn Unsubscribe(token: String, kind: NotificationKind) -> impl IntoView {
    let t = use_text();
    let api = use_api();
    let form = Form::new();
    let token = StoredValue::new(token);
    let stopped = RwSignal::new(false);
    let choose = move |on: bool| {
        if !form.start() {
            return;
        }
        spawn_local(async move {
            let request = StopRequest {
                token: token.get_value(),
                on,
            };
            match api.call(StopMails, (), request).await {
                Ok(chosen) => {
                    form.finish();
                    stopped.set(!chosen.on);
                }
                Err(error) => form.fail(error),
            }
        });
    };
    let name = t.account.mail_of(kind);
    let words = move || {
        if stopped.get() {
            (t.account.stopped, t.account.stopped_text, t.account.start_again)
        } else {
            (
                t.account.unsubscribe,
                t.account.unsubscribe_text,
                t.account.stop_now,
            )
        }
    };
    dynamic(move || {
        let (title, text, verb) = words();
        let is_stopped = stopped.get();
        let look = if is_stopped { Look::Plain } else { Look::Primary };
        view! {
            <div class="login-form" role="status">
                <header>
                    <h1>{title}</h1>
                    <p class="muted">{fill(text, &[("kind", &name)])}</p>
                </header>
                <FormFailure form=form/>
                <Button
                    look=look
                    size=Size::Large
                    block=true
                    busy=form.busy()
                    on_click=move |()| choose(is_stopped)
                >
                    {verb}
                </Button>
                <p class="muted login-other"><a href=paths::ROOT>{t.go_home}</a></p>
            </div>
        }
        .into_any()
    })
}
