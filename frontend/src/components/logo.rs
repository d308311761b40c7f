//! The cloud mark.

use leptos::prelude::*;

use crate::reactive::Signal;

/// The mark alone, 28 px.
#[component]
pub(crate) fn Logo() -> impl IntoView {
    view! {
        <svg class="logo-mark" viewBox="0 0 28 28" aria-hidden="true">
            <rect width="28" height="28" rx="8" fill="var(--accent)"></rect>
            <path d="M9.2 19.5h9.9a3.9 3.9 0 0 0 .7-7.74A6 6 0 0 0 8.3 12.1a3.75 3.75 0 0 0 .9 7.4z" fill="#fff"></path>
            <path
                d="m11.2 15.2 2 2 3.8-4"
                fill="none"
                stroke="var(--accent)"
                stroke-width="1.8"
                stroke-linecap="round"
                stroke-linejoin="round"
            ></path>
        </svg>
    }
}

/// Mark and name.
#[component]
pub(crate) fn Brand(#[prop(into)] href: Signal<String>) -> impl IntoView {
    view! {
        <a class="brand" href=move || href.get()>
            <Logo/>
            {crate::text::use_text().product}
        </a>
    }
}
