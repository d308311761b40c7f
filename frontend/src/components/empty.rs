//! States without content: empty, no match, error, nothing here. It is fine, and here is the next step.

use leptos::prelude::*;

use super::{button::Button, icon::Icon};
use crate::{api::ApiError, text::use_text};

/// The small drawing on the cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Art {
    Done,
    Search,
    Paper,
    Alert,
}

fn art(art: Art) -> impl IntoView {
    let stroke = match art {
        Art::Done => "m46 44 8 8 15-17",
        Art::Search => "M64 41a9 9 0 1 1-18 0 9 9 0 0 1 18 0m-2 7 7 7",
        Art::Paper => {
            "M47 34h20a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3H47a3 3 0 0 1-3-3V37a3 3 0 0 1 3-3m3 7h14m-14 6h8"
        }
        Art::Alert => "M57 33v12m0 8v.01",
    };
    view! {
        <svg width="112" height="72" viewBox="0 0 112 72" fill="none" aria-hidden="true" stroke-linecap="round" stroke-linejoin="round">
            <path d="M30 62h54a18 18 0 0 0 3-35.7A27 27 0 0 0 35.5 28 17.2 17.2 0 0 0 30 62z" fill="var(--accent-soft)"></path>
            <path d="M8 66h96" stroke="var(--line-strong)" stroke-width="1.5"></path>
            <path d=stroke stroke="var(--accent-text)" stroke-width="2"></path>
        </svg>
    }
}

/// A state; the children are the next steps (buttons or links). `page` makes it the page's main thing, with its `h1`.
#[component]
pub(crate) fn Empty(
    art: Art,
    #[prop(into)] title: String,
    #[prop(into)] text: String,
    #[prop(optional)] page: bool,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let heading = if page {
        view! { <h1>{title}</h1> }.into_any()
    } else {
        view! { <h2>{title}</h2> }.into_any()
    };
    view! {
        <div class=if page { "empty empty--page" } else { "empty" }>
            {self::art(art)}
            {heading}
            <p>{text}</p>
            {children.map(|children| view! { <div class="row">{children()}</div> })}
        </div>
    }
    .into_any()
}

/// Something did not load: what, why, what is safe, and a retry.
#[component]
pub(crate) fn ErrorState(
    /// What did not load, as a sentence.
    #[prop(into)]
    title: String,
    error: ApiError,
    #[prop(into)] on_retry: Callback<()>,
) -> impl IntoView {
    let t = use_text();
    let id = error.request_id().map(|id| format!("{} {id}", t.request_id));
    view! {
        <div class="empty" role="alert">
            {art(Art::Alert)}
            <h2>{title}</h2>
            <p>{error.message(t)}</p>
            <div class="row">
                <Button glyph=Icon::Refresh on_click=move |()| on_retry.run(())>{t.retry}</Button>
            </div>
            {id.map(|id| view! { <span class="request-id mono">{id}</span> })}
        </div>
    }
    .into_any()
}
