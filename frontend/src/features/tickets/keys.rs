//! Single keys, heard while a page is there and nothing else wants them.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

use crate::components::toast::is_free;

/// Hears single keys until the calling component is gone; `act` says whether it took the key.
pub(super) fn hear(act: impl Fn(&str) -> bool + 'static) {
    fn boxed(act: Box<dyn Fn(&str) -> bool>) {
        let keys = window_event_listener(ev::keydown, move |event| {
            if is_free(&event) && act(&event.key()) {
                event.prevent_default();
            }
        });
        on_cleanup(move || keys.remove());
    }
    boxed(Box::new(act));
}

/// The first element that matches.
pub(super) fn find(selector: &str) -> Option<web_sys::HtmlElement> {
    document().query_selector(selector).ok()??.dyn_into().ok()
}

/// Presses the button that matches, also in a drawer that is closed.
pub(super) fn press(selector: &str) -> bool {
    let Some(button) = find(selector) else {
        return false;
    };
    // A plain column on a wide screen carries `popover` too, but is drawn.
    let hidden = button.offset_parent().is_none();
    let drawer = button.closest("[popover]").ok().flatten().filter(|_| hidden);
    if let Some(drawer) = drawer.and_then(|drawer| drawer.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = drawer.show_popover();
    }
    button.click();
    true
}
