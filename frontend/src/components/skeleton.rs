//! Grey bars where content will be. The style sheet holds them back for 300 ms, so quick answers never flash.

use leptos::prelude::*;

use crate::text::use_text;

/// One bar; width and height as CSS lengths.
pub(crate) fn bar(width: &'static str, height: &'static str) -> impl IntoView {
    view! { <span class="skel" style=("--w", width) style=("--b", height)></span> }
}

/// Rows of a list or table.
#[component]
pub(crate) fn SkeletonRows(#[prop(default = 6)] rows: usize) -> impl IntoView {
    const WIDTHS: [&str; 5] = ["82%", "70%", "88%", "64%", "76%"];
    let lines = WIDTHS
        .into_iter()
        .cycle()
        .take(rows)
        .map(|width| {
            view! {
                <div class="skel-row">
                    <span class="skel skel--round" style=("--w", "32px") style=("--b", "32px")></span>
                    <span>{bar(width, "13px")} {bar("34%", "10px")}</span>
                </div>
            }
        })
        .map(IntoAny::into_any)
        .collect::<Vec<_>>();
    view! { <div class="skels" role="status" aria-busy="true" aria-label=use_text().loading>{lines}</div> }
}
