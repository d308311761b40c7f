//! The page for an address that leads nowhere.

use leptos::prelude::*;

use crate::{
    components::{
        button::{LinkButton, Look},
        empty::{Art, Empty},
    },
    dom, paths,
    text::use_text,
};

/// Nothing here; the way home.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    let t = use_text();
    dom::use_title(|| t.not_found.to_owned());
    view! {
        <main class="opening" id="main">
            <Empty art=Art::Search title=t.not_found text=t.not_found_text page=true>
                <LinkButton href=paths::ROOT look=Look::Primary>{t.go_home}</LinkButton>
            </Empty>
        </main>
    }
}
