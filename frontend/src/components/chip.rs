//! Chips: a filter that can be taken off, and a warning.

use leptos::prelude::*;

use super::icon::{Icon, icon};
use crate::text::{fill, use_text};

/// A filter in force: `状态 待处理 ×`.
#[component]
pub(crate) fn FilterChip(
    #[prop(into)] label: String,
    #[prop(into)] value: String,
    #[prop(into)] on_remove: Callback<()>,
) -> impl IntoView {
    let remove = fill(use_text().remove_filter, &[("name", &label)]);
    view! {
        <span class="chip chip--filter">
            {label}
            <b>{value}</b>
            <button type="button" aria-label=remove on:click=move |_| on_remove.run(())>
                {icon(Icon::Cross)}
            </button>
        </span>
    }
}
