//! The list by keyboard: `j` `k` move, Enter opens (the link has the focus), `x` selects, `/` searches, `.` applies
//! what is new, `a` `s` `p` act on the selection, Esc lets go.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

use super::{fresh::Fresh, selection::Selection};
use crate::components::toast::is_free;

/// Hears the keys as long as the list is there.
pub(super) fn hear(selection: Selection, fresh: Fresh) {
    let keys = window_event_listener(ev::keydown, move |event| {
        if !is_free(&event) {
            return;
        }
        match event.key().as_str() {
            "j" => selection.step(1),
            "k" => selection.step(-1),
            "x" => match selection.current() {
                Some(id) => selection.toggle(id),
                None => return,
            },
            "/" => focus(".ticketlist input[type=search]"),
            "." => fresh.apply(),
            "a" => press(".bulk-assign"),
            "s" => press(".bulk-status"),
            "p" => press(".bulk-priority"),
            "Escape" if !selection.is_empty_untracked() => selection.clear(),
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || keys.remove());
}

fn find(selector: &str) -> Option<web_sys::HtmlElement> {
    document().query_selector(selector).ok()??.dyn_into().ok()
}

fn focus(selector: &str) {
    if let Some(field) = find(selector) {
        crate::dom::focus(&field);
    }
}

fn press(selector: &str) {
    if let Some(button) = find(selector) {
        button.click();
    }
}
