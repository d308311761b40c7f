//! Small things asked of the document: focus, title, ids, timers.

use std::cell::Cell;

use leptos::prelude::*;

use crate::reactive::effect;
use wasm_bindgen::JsCast;

thread_local! {
    static NEXT_ID: Cell<u32> = const { Cell::new(0) };
}

/// A fresh element id.
pub(crate) fn uid() -> String {
    NEXT_ID.with(|next| {
        next.set(next.get() + 1);
        format!("u{}", next.get())
    })
}

/// The element with that id.
pub(crate) fn by_id(id: &str) -> Option<web_sys::HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// The first element that matches, below `root`.
pub(crate) fn first(root: &web_sys::Element, selector: &str) -> Option<web_sys::HtmlElement> {
    root.query_selector(selector).ok()??.dyn_into().ok()
}

/// Gives an element the focus.
pub(crate) fn focus(element: &web_sys::HtmlElement) {
    let _ = element.focus();
}

/// Sets the tab's title as long as the calling component lives: `page · 云户工单`.
pub(crate) fn use_title(title: impl Fn() -> String + 'static) {
    let product = crate::text::use_text().product;
    effect(move || document().set_title(&format!("{} · {product}", title())));
}

/// Is the tab on screen?
pub(crate) fn is_visible() -> bool {
    document().visibility_state() == web_sys::VisibilityState::Visible
}

/// Is the tab on screen, and does what is typed go there?
pub(crate) fn is_in_front() -> bool {
    is_visible() && document().has_focus().unwrap_or(true)
}

/// Waits.
pub(crate) async fn sleep(ms: u32) {
    gloo_timers::future::TimeoutFuture::new(ms).await;
}

/// Milliseconds since 1970 by the client's clock; only differences of it mean anything.
pub(crate) fn now_ms() -> f64 {
    js_sys::Date::now()
}

/// A random UUID, for `client_id`s and idempotency keys.
pub(crate) fn uuid() -> String {
    // Only secure contexts have `randomUUID`; a plain-HTTP intranet address is not one.
    let random = || (js_sys::Math::random() * f64::from(u32::MAX)) as u32;
    let crypto = window().crypto().ok();
    let mut bytes = [0_u8; 16];
    let filled = crypto.is_some_and(|c| c.get_random_values_with_u8_array(&mut bytes).is_ok());
    if !filled {
        for chunk in bytes.chunks_mut(4) {
            chunk.copy_from_slice(&random().to_le_bytes());
        }
    }
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-4{}-a{}-{}",
        part(0, 8),
        part(8, 12),
        part(13, 16),
        part(17, 20),
        part(20, 32)
    )
}
