//! The agents' rarer pages, which are loaded as a part of their own when the first of them is opened.

use std::sync::OnceLock;

use leptos::{prelude::*, task::spawn_local};
use shared::{endpoint::Nothing, meta::GetMeta};

use crate::{
    api::{ApiError, use_api},
    components::{empty::ErrorState, skeleton::SkeletonRows},
    dom,
    features::{
        mail::{MailPage, TemplatesPage},
        statistics::StatisticsPage,
        users::UsersPage,
    },
    reactive::{RwSignal, dynamic},
    text::use_text,
};

/// A page that comes later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LaterPage {
    Users,
    Mail,
    MailTemplates,
    Statistics,
}

/// Draws one of them.
type Draw = fn(LaterPage) -> AnyView;

/// How they are drawn, once they are here.
static HERE: OnceLock<Draw> = OnceLock::new();

/// Whatever is reached through this function alone stays out of the first visit.
fn draw(page: LaterPage) -> AnyView {
    match page {
        LaterPage::Users => view! { <UsersPage/> }.into_any(),
        LaterPage::Mail => view! { <MailPage/> }.into_any(),
        LaterPage::MailTemplates => view! { <TemplatesPage/> }.into_any(),
        LaterPage::Statistics => view! { <StatisticsPage/> }.into_any(),
    }
}

/// The function behind which `xtask` cuts.
#[cfg(feature = "split")]
mod cut {
    use leptos::wasm_split::{SplitLoaderError, wasm_split};

    use super::{Draw, draw};

    #[wasm_split(later, wasm_split_path = ::leptos::wasm_split, fallible)]
    pub(super) fn bring() -> Result<Draw, SplitLoaderError> {
        Ok(draw)
    }
}

/// Loads the pages, unless they are here.
async fn bring() -> Option<Draw> {
    if let Some(&here) = HERE.get() {
        return Some(here);
    }
    #[cfg(feature = "split")]
    let draw = cut::bring().await.ok()?;
    Some(*HERE.get_or_init(|| draw))
}

/// Loads the pages ahead, some time after an agent has come, so that the first click on one of them need not wait.
pub(crate) fn expect() {
    const AFTER_MS: u32 = 5_000;
    spawn_local(async {
        dom::sleep(AFTER_MS).await;
        // Whoever opens a page without them tries again and hears of it.
        let _ = bring().await;
    });
}

/// Where the pages are.
#[derive(Clone, Copy)]
enum State {
    Coming,
    Here(Draw),
    Failed,
}

/// The page, or what stands in its place until it is here.
#[component]
pub(crate) fn Later(page: LaterPage) -> impl IntoView {
    let api = use_api();
    let state = RwSignal::new(HERE.get().map_or(State::Coming, |&draw| State::Here(draw)));
    let load = move |again: bool| {
        spawn_local(async move {
            let draw = bring().await;
            // A server that answers and has no such pages is newer than this SPA.
            if again && draw.is_none() && api.call(GetMeta, (), Nothing {}).await.is_ok() {
                let _ = window().location().reload();
            }
            // The page may be left before they are here.
            state.try_set(draw.map_or(State::Failed, State::Here));
        });
    };
    if matches!(state.get_untracked(), State::Coming) {
        load(false);
    }
    let retry = Callback::new(move |()| {
        state.set(State::Coming);
        load(true);
    });
    dynamic(move || match state.get() {
        State::Here(draw) => draw(page),
        State::Coming => framed(page, view! { <SkeletonRows rows=8/> }.into_any()),
        State::Failed => {
            let error = view! {
                <ErrorState title=use_text().start_failed error=ApiError::Network on_retry=retry/>
            };
            framed(page, error.into_any())
        }
    })
}

/// The frame and title that all of them have.
fn framed(page: LaterPage, body: AnyView) -> AnyView {
    let t = use_text();
    let title = match page {
        LaterPage::Users => t.users_place,
        LaterPage::Mail => t.mail_place,
        LaterPage::MailTemplates => t.templates_place,
        LaterPage::Statistics => t.statistics_place,
    };
    dom::use_title(move || title.to_owned());
    view! {
        <section class="listpage">
            <header class="pane-head">
                <h1>{title}</h1>
            </header>
            <div class="scroll">{body}</div>
        </section>
    }
    .into_any()
}
