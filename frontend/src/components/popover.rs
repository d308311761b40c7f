//! A button and what floats beside it, on the native popover: it lies above everything, closes on Esc and on a
//! click beside it, and gives the focus back.

use leptos::{context::Provider, ev, prelude::*};

use crate::{
    dom,
    reactive::{NodeRef, RwSignal, Signal, handler},
};

/// The popover around a component.
#[derive(Clone, Copy)]
pub(crate) struct Around {
    node: NodeRef,
}

/// The popover around the calling component.
pub(crate) fn use_popover() -> Around {
    expect_context()
}

impl Around {
    /// Closes it.
    pub(crate) fn close(self) {
        if let Some(panel) = self.node.get_untracked() {
            let _ = panel.hide_popover();
        }
    }

    /// Its element, once drawn.
    pub(crate) fn element(self) -> Option<web_sys::HtmlElement> {
        self.node.get_untracked()
    }
}

/// The button and the panel. `trigger` draws the button's content, `children` the panel's, each time it opens.
#[component]
pub(crate) fn Popover(
    /// What the button does, for readers and as a tooltip where the button has no words.
    #[prop(optional_no_strip)]
    label: Option<String>,
    /// The button's classes.
    class: &'static str,
    /// `menu` or `dialog`.
    role: &'static str,
    /// The panel's classes.
    panel: &'static str,
    /// Shows the button as in force, apart from being open.
    #[prop(optional, into)]
    pressed: Option<Signal<bool>>,
    #[prop(into)] trigger: ViewFn,
    children: ChildrenFn,
) -> impl IntoView {
    let id = dom::uid();
    let button_id = dom::uid();
    let button = NodeRef::new();
    let node = NodeRef::new();
    let open = RwSignal::new(false);
    let is_shown = move || {
        node.get_untracked()
            .is_some_and(|panel| panel.matches(":popover-open").unwrap_or(false))
    };
    // Drawn before it shows, so that it can be measured.
    let on_before = move |_: ev::Event| {
        if !is_shown() {
            open.set(true);
        }
    };
    let on_toggle = move |_: ev::Event| {
        let shown = is_shown();
        if let Some((panel, button)) = node.get_untracked().zip(button.get_untracked())
            && shown
        {
            place(&panel, &button);
            if let Some(first) = dom::first(&panel, "input, [role^=menuitem]:not([aria-disabled=true])") {
                dom::focus(&first);
            }
        }
        // An equal value would draw everything again, and the focus would be gone.
        if open.get_untracked() != shown {
            open.set(shown);
        }
    };
    let title = label.clone();
    view! {
        <button
            type="button"
            class=class
            id=button_id.clone()
            node_ref=button
            popovertarget=id.clone()
            aria-haspopup=role
            aria-expanded=move || open.get().to_string()
            aria-pressed=pressed.map(|pressed| move || pressed.get().to_string())
            aria-label=label
            title=title
        >
            {trigger.run()}
        </button>
        <div
            class=panel
            id=id
            popover="auto"
            role=role
            aria-labelledby=button_id
            node_ref=node
            on:beforetoggle=handler(on_before)
            on:toggle=handler(on_toggle)
        >
            // A context of its own: without it the next popover of the page would take this one's place.
            <Provider value=Around { node }>{move || open.get().then(|| children())}</Provider>
        </div>
    }
    .into_any()
}

/// Below the button, or above where there is no room; at its start, or in the window's right half at its end.
fn place(panel: &web_sys::HtmlElement, button: &web_sys::HtmlElement) {
    const GAP: f64 = 4.0;
    const EDGE: f64 = 8.0;
    let size = |side: Result<wasm_bindgen::JsValue, _>| side.ok().and_then(|v| v.as_f64()).unwrap_or(0.0);
    let (width, height) = (size(window().inner_width()), size(window().inner_height()));
    let at = button.get_bounding_client_rect();
    let (own_width, own_height) = (f64::from(panel.offset_width()), f64::from(panel.offset_height()));
    let below = at.bottom() + GAP;
    let top = if below + own_height <= height - EDGE {
        below
    } else {
        (at.top() - GAP - own_height).max(EDGE)
    };
    let middle = f64::midpoint(at.left(), at.right());
    let start = if middle < width / 2.0 {
        at.left()
    } else {
        at.right() - own_width
    };
    let left = start.min(width - EDGE - own_width).max(EDGE);
    let style = panel.style();
    let _ = style.set_property("left", &format!("{}px", left as i32));
    let _ = style.set_property("top", &format!("{}px", top as i32));
}
