//! The whole app: what every page may use, the first questions to the server, and the pages.

use std::sync::Arc;

use leptos::{prelude::*, task::spawn_local};
use shared::{
    TicketId, UserId,
    endpoint::Nothing,
    meta::{GetMeta, Meta},
};

use crate::{
    api::{ApiError, use_api},
    components::{
        empty::ErrorState,
        toast::{Toaster, provide_toasts},
    },
    features::tickets::outbox::provide_outbox,
    live::{Live, provide_live},
    pages::Pages,
    reactive::{RwSignal, dynamic, effect, memo},
    router::provide_router,
    session::{Session, Who, follow_tabs, provide_session, recall},
    text::{provide_lang, use_text},
    theme::provide_theme,
    time::provide_clock,
};

/// The installation, known before anything is drawn.
pub(crate) type Installation = Arc<Meta>;

/// What this installation offers: types, limits, zone.
pub(crate) fn use_meta() -> Installation {
    expect_context()
}

/// The first questions, `me` and `meta`.
#[derive(Clone)]
enum Start {
    Asking,
    Failed(ApiError),
    Known(Installation),
}

/// The root.
#[component]
pub(crate) fn App() -> impl IntoView {
    let lang = provide_lang();
    provide_theme();
    provide_router();
    let session = provide_session();
    let live = provide_live();
    follow_session(session, live);
    follow_tabs(use_api());
    provide_outbox();

    let start = RwSignal::new(Start::Asking);
    let api = use_api();
    let ask = Callback::new(move |()| {
        start.set(Start::Asking);
        spawn_local(async move {
            let answer = match recall(api).await {
                Ok(()) => api.call(GetMeta, (), Nothing {}).await,
                Err(error) => Err(error),
            };
            start.set(match answer {
                Ok(meta) => Start::Known(Arc::new(meta)),
                Err(error) => Start::Failed(error),
            });
        });
    });
    ask.run(());

    dynamic(move || {
        // Another language draws everything again.
        lang.get();
        match start.get() {
            Start::Asking => view! { <Opening/> }.into_any(),
            Start::Failed(error) => {
                let t = use_text();
                view! { <main class="opening"><ErrorState title=t.start_failed error=error on_retry=ask/></main> }.into_any()
            }
            Start::Known(meta) => view! { <Known meta=meta/> }.into_any(),
        }
    })
}

#[component]
fn Opening() -> impl IntoView {
    view! {
        <main class="opening" aria-busy="true" aria-label=use_text().loading>
            <div class="skels">
                <span class="spinner"></span>
            </div>
        </main>
    }
}

#[component]
fn Known(meta: Installation) -> impl IntoView {
    provide_clock(&meta);
    provide_context(meta);
    provide_toasts();
    view! {
        <Pages/>
        <Toaster/>
    }
}

/// Whose connection it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holder {
    Nobody,
    Guest(TicketId),
    User(UserId),
}

/// One live connection per session, and a check of the session when the connection is refused.
fn follow_session(session: Session, live: Live) {
    let holder = memo(move || match session.who() {
        Who::Visitor => Holder::Nobody,
        Who::Guest(ticket) => Holder::Guest(ticket),
        Who::User(user) if user.must_change_password => Holder::Nobody,
        Who::User(user) => Holder::User(user.id),
    });
    effect(move || match holder.get() {
        Holder::Nobody => live.stop(),
        Holder::Guest(_) | Holder::User(_) => live.start(),
    });
    let api = use_api();
    live.on_refused(move |failures| {
        // A browser does not tell why a socket was refused; an ended session is one reason. Not on every attempt.
        if failures % 4 == 1 {
            spawn_local(async move {
                let _ = recall(api).await;
            });
        }
    });
}
