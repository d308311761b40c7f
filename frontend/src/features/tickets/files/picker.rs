//! Ways in for files: the browser's dialog, a drop, a paste.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::{
    app::use_meta,
    reactive::{NodeRef, RwSignal, handler},
};

/// A hidden file input inside a label, or opened by a button with `node`.
#[component]
pub(crate) fn Picker(
    #[prop(optional)] node: NodeRef,
    /// The id of the element that names it.
    #[prop(optional, into)]
    labelledby: Option<String>,
    #[prop(optional, into)] label: Option<String>,
    /// Out of the order of tabs: a button opens it.
    #[prop(optional)]
    behind: bool,
    #[prop(into)] on_files: Callback<Vec<web_sys::File>>,
) -> impl IntoView {
    let accept = use_meta()
        .limits
        .upload_endings
        .iter()
        .map(|ending| format!(".{ending}"))
        .collect::<Vec<_>>()
        .join(",");
    view! {
        <input
            class="sr-only"
            type="file"
            multiple
            accept=accept
            node_ref=node
            tabindex=behind.then_some("-1")
            aria-labelledby=labelledby
            aria-label=label
            on:change=handler(move |event: web_sys::Event| {
                let Some(input) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok())
                else {
                    return;
                };
                on_files.run(input.files().map(|files| listed(&files)).unwrap_or_default());
                // The same file may be chosen again.
                input.set_value("");
            })
        />
    }
}

fn listed(files: &web_sys::FileList) -> Vec<web_sys::File> {
    (0..files.length()).filter_map(|i| files.get(i)).collect()
}

/// A place where files may be dropped and pasted.
#[derive(Clone, Copy)]
pub(crate) struct Drop {
    over: RwSignal<bool>,
    on_files: Callback<Vec<web_sys::File>>,
}

/// Makes a place for files.
pub(crate) fn drop_target(on_files: impl Fn(Vec<web_sys::File>) + Send + Sync + 'static) -> Drop {
    Drop {
        over: RwSignal::new(false),
        on_files: Callback::new(on_files),
    }
}

impl Drop {
    /// For `data-over`: files are held above it.
    pub(crate) fn over(self) -> Option<&'static str> {
        self.over.get().then_some("")
    }

    /// For `dragover`.
    pub(crate) fn hover(self, event: &web_sys::DragEvent) {
        if has_files(event) {
            event.prevent_default();
            self.over.set(true);
        }
    }

    /// For `dragleave`; going over to a child is not leaving.
    pub(crate) fn leave(self, event: &web_sys::DragEvent) {
        let inside = event
            .current_target()
            .zip(event.related_target())
            .is_some_and(|(own, to)| {
                own.dyn_ref::<web_sys::Node>()
                    .is_some_and(|own| own.contains(to.dyn_ref::<web_sys::Node>()))
            });
        if !inside {
            self.over.set(false);
        }
    }

    /// For `drop`.
    pub(crate) fn take(self, event: &web_sys::DragEvent) {
        if has_files(event) {
            event.prevent_default();
            let files = event.data_transfer().and_then(|data| data.files());
            self.on_files
                .run(files.map(|files| listed(&files)).unwrap_or_default());
        }
        self.over.set(false);
    }

    /// For `paste`; text is left to the field.
    pub(crate) fn paste(self, event: &web_sys::ClipboardEvent) {
        let files = event
            .clipboard_data()
            .and_then(|data| data.files())
            .map(|files| listed(&files))
            .unwrap_or_default();
        if !files.is_empty() {
            event.prevent_default();
            self.on_files.run(files);
        }
    }
}

fn has_files(event: &web_sys::DragEvent) -> bool {
    event.data_transfer().is_some_and(|data| {
        data.types()
            .includes(&wasm_bindgen::JsValue::from_str("Files"), 0)
    })
}
