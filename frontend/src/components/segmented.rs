//! One of a few, side by side: as links (the choice is in the address), as buttons, or as a form's radio buttons.

use leptos::prelude::*;

use crate::reactive::Signal;

/// Links; the current one is where we are.
#[component]
pub(crate) fn SegmentedLinks(
    #[prop(into)] label: String,
    /// Address and word of each.
    links: Vec<(String, String)>,
    /// The address of the current one.
    #[prop(into)]
    current: Signal<String>,
) -> impl IntoView {
    let links = links
        .into_iter()
        .map(|(href, word)| {
            let known = href.clone();
            let here = move || current.with(|current| *current == known).then_some("page");
            view! { <a href=href aria-current=here>{word}</a> }
        })
        .map(IntoAny::into_any)
        .collect::<Vec<_>>();
    view! { <nav class="segmented" aria-label=label>{links}</nav> }
}
