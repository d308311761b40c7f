//! Short words at the bottom after an action, with a way back. One at a time; the next replaces it.

use gloo_timers::callback::Timeout;
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

use super::{
    banner::Tone,
    button::Button,
    icon::{Icon, icon},
};
use crate::{
    api::ApiError,
    reactive::{NodeRef, RwSignal, StoredValue, effect, handler, optional},
    text::use_text,
};

const SHOWN_MS: u32 = 6_000;

#[derive(Clone)]
struct Toast {
    text: String,
    glyph: Icon,
    tone: Tone,
    undo: Option<Callback<()>>,
}

/// Says things at the bottom of the window.
#[derive(Clone, Copy)]
pub(crate) struct Toasts {
    shown: RwSignal<Option<Toast>>,
    timer: StoredValue<Option<Timeout>>,
}

/// Makes `use_toasts` work below.
pub(crate) fn provide_toasts() {
    provide_context(Toasts {
        shown: RwSignal::new(None),
        timer: StoredValue::new(None),
    });
}

/// The toasts of this tab.
pub(crate) fn use_toasts() -> Toasts {
    expect_context()
}

impl Toasts {
    /// Something was done.
    pub(crate) fn done(self, text: impl Into<String>) {
        self.show(Toast {
            text: text.into(),
            glyph: Icon::Check,
            tone: Tone::Success,
            undo: None,
        });
    }

    /// Something was done and can be undone, also with `Z`.
    pub(crate) fn undoable(self, text: impl Into<String>, undo: Callback<()>) {
        self.show(Toast {
            text: text.into(),
            glyph: Icon::Check,
            tone: Tone::Success,
            undo: Some(undo),
        });
    }

    /// Something failed.
    pub(crate) fn failed(self, error: &ApiError) {
        let text = error.message(use_text());
        self.show(Toast {
            text,
            glyph: Icon::Alert,
            tone: Tone::Danger,
            undo: None,
        });
    }

    /// Something failed, in other words.
    pub(crate) fn warn(self, text: impl Into<String>) {
        self.show(Toast {
            text: text.into(),
            glyph: Icon::Alert,
            tone: Tone::Danger,
            undo: None,
        });
    }

    /// Takes the way back, if there is one.
    pub(crate) fn undo(self) {
        let undo = self
            .shown
            .with_untracked(|toast| toast.as_ref().and_then(|toast| toast.undo));
        if let Some(undo) = undo {
            self.hide();
            undo.run(());
        }
    }

    fn show(self, toast: Toast) {
        self.shown.set(Some(toast));
        self.start();
    }

    fn start(self) {
        self.timer
            .set_value(Some(Timeout::new(SHOWN_MS, move || self.hide())));
    }

    fn hold(self) {
        self.timer.set_value(None);
    }

    fn hide(self) {
        self.timer.set_value(None);
        self.shown.set(None);
    }
}

/// Where toasts appear; stands once in the app.
#[component]
pub(crate) fn Toaster() -> impl IntoView {
    let t = use_text();
    let toasts = use_toasts();
    let node = NodeRef::new();
    // A popover opened last lies on top, also above a dialog.
    effect(move || {
        let shown = toasts.shown.with(Option::is_some);
        let Some(place) = node.get() else { return };
        let _ = place.hide_popover();
        if shown {
            let _ = place.show_popover();
        }
    });
    let keys = window_event_listener(ev::keydown, move |event| {
        if event.key().eq_ignore_ascii_case("z") && is_free(&event) {
            toasts.undo();
        }
    });
    on_cleanup(move || keys.remove());
    let body = optional(move || {
        toasts.shown.get().map(|toast| {
            let undo = toast.undo.map(|_| {
                view! {
                    <Button on_click=move |()| toasts.undo()>
                        {t.undo} <span class="kbd wide-only" aria-hidden="true">"Z"</span>
                    </Button>
                }
            });
            view! {
                <div
                    class="toast"
                    data-tone=toast.tone.name()
                    on:pointerenter=handler(move |_| toasts.hold())
                    on:pointerleave=handler(move |_| toasts.start())
                    on:focusin=handler(move |_| toasts.hold())
                    on:focusout=handler(move |_| toasts.start())
                >
                    {icon(toast.glyph)}
                    <span>{toast.text}</span>
                    {undo}
                </div>
            }
        })
    });
    view! { <div class="toaster" popover="manual" role="status" node_ref=node>{body}</div> }
}

/// Is this a single key that nothing else wants: no field has the focus, no IME composes, no modifier is held?
pub(crate) fn is_free(event: &web_sys::KeyboardEvent) -> bool {
    let in_field = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .is_some_and(|target| {
            target
                .closest("input, textarea, select, [contenteditable], dialog, :popover-open:not(.toaster)")
                .ok()
                .flatten()
                .is_some()
        });
    !in_field && !event.is_composing() && !event.ctrl_key() && !event.meta_key() && !event.alt_key()
}
