//! A file as a row: uploaded, on its way, or refused.

use leptos::prelude::*;

use super::{
    button::{Button, IconButton, Look, Size},
    icon::{Icon, icon},
};
use crate::{
    reactive::{Signal, optional},
    text::{fill, use_text},
};

/// How far a file has come.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum FileState {
    /// Chosen, not sent yet.
    Waiting,
    /// On its way, in percent.
    Sending(u8),
    Stored,
    /// Refused or broken off, and why.
    Failed(String),
}

/// The row of a file that is being added; progress runs along its lower edge so that nothing jumps.
#[component]
pub(crate) fn FileRow(
    #[prop(into)] name: String,
    /// As text, e.g. `186 KB`.
    #[prop(into)]
    size: String,
    #[prop(into)] state: Signal<FileState>,
    #[prop(into)] on_remove: Callback<()>,
    /// A failed file may be tried again.
    #[prop(optional_no_strip)]
    on_retry: Option<Callback<()>>,
) -> impl IntoView {
    let t = use_text();
    let kind = ending(&name);
    let remove = fill(t.remove_file, &[("name", &name)]);
    let failed = move || state.with(|state| matches!(state, FileState::Failed(_)));
    let line = move || match state.get() {
        FileState::Waiting | FileState::Stored => size.clone(),
        FileState::Sending(percent) => fill(t.uploading, &[("n", &percent)]),
        FileState::Failed(why) => why,
    };
    let progress = optional(move || match state.get() {
        FileState::Sending(percent) => Some(view! { <Progress percent=percent label=t.upload_progress/> }),
        FileState::Waiting | FileState::Stored | FileState::Failed(_) => None,
    });
    let retry = optional(move || {
        on_retry.filter(|_| failed()).map(|retry| {
            view! {
                <Button look=Look::Link size=Size::Small on_click=move |()| retry.run(())>
                    {t.retry}
                </Button>
            }
        })
    });
    view! {
        <div class="file" aria-invalid=move || failed().then_some("true")>
            <span class="file-type" data-t=kind.clone()>{kind.clone()}</span>
            <span class="truncate">{name} <small>{move || line()}</small></span>
            <span class="file-acts">
                {retry}
                <IconButton glyph=Icon::Cross label=remove size=Size::Small on_click=move |()| on_remove.run(())/>
            </span>
            {progress}
        </div>
    }
}

/// A stored file to download; `rel=external` keeps the router's hands off.
#[component]
pub(crate) fn FileLink(
    #[prop(into)] name: String,
    #[prop(into)] size: String,
    #[prop(into)] href: String,
) -> impl IntoView {
    let kind = ending(&name);
    let saved_as = name.clone();
    view! {
        <a class="file" href=href rel="external" download=saved_as>
            <span class="file-type" data-t=kind.clone()>{kind.clone()}</span>
            <span class="truncate">{name} <small>{size}</small></span>
            {icon(Icon::Download)}
        </a>
    }
}

/// A bar that fills.
#[component]
pub(crate) fn Progress(percent: u8, #[prop(into)] label: String) -> impl IntoView {
    view! {
        <div
            class="progress"
            role="progressbar"
            aria-valuenow=percent.to_string()
            aria-valuemin="0"
            aria-valuemax="100"
            aria-label=label
        >
            <i style=("--v", format!("{percent}%"))></i>
        </div>
    }
}

/// The name's ending in upper case, at most four letters.
fn ending(name: &str) -> String {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    ending.chars().take(4).collect::<String>().to_ascii_uppercase()
}
