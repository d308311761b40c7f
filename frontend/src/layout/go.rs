//! Going somewhere else instead of here, without leaving a step to come back to.

use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};

/// Draws nothing and goes to `to`.
#[component(transparent)]
pub(crate) fn Go(#[prop(into)] to: String) -> impl IntoView {
    use_navigate()(
        &to,
        NavigateOptions {
            replace: true,
            ..NavigateOptions::default()
        },
    );
}
