//! Desktop notifications: the browser's permission, and showing one.

use leptos::prelude::*;
use shared::notifications::Notification;
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Notification as Shown, NotificationOptions, NotificationPermission};

use super::{Alert, headline};
use crate::{
    paths,
    router::{Router, Step},
    text::{AlertText, use_text},
};

/// Why none can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// The browser has none, as on most phones.
    Missing,
    /// Only addresses with https may.
    Insecure,
    /// The person, or whoever manages the browser, has forbidden them.
    Denied,
    /// Nobody has decided yet.
    Undecided,
}

impl Obstacle {
    /// What is wrong, and what to do.
    pub(crate) const fn words(self, t: &AlertText) -> &'static str {
        match self {
            Self::Missing => t.missing,
            Self::Insecure => t.insecure,
            Self::Denied => t.denied,
            Self::Undecided => t.undecided,
        }
    }
}

/// What stands in the way now.
pub(crate) fn obstacle() -> Option<Obstacle> {
    if !window().is_secure_context() {
        return Some(Obstacle::Insecure);
    }
    if window().get("Notification").is_none() {
        return Some(Obstacle::Missing);
    }
    match Shown::permission() {
        NotificationPermission::Granted => None,
        NotificationPermission::Denied => Some(Obstacle::Denied),
        _ => Some(Obstacle::Undecided),
    }
}

/// Asks for permission where nobody has decided yet, and shows a first one, so that one sees what they look like.
/// Returns what still stands in the way.
pub(crate) async fn ask() -> Option<Obstacle> {
    if obstacle() == Some(Obstacle::Undecided)
        && let Ok(asked) = Shown::request_permission()
    {
        // The answer is also the standing permission.
        let _ = JsFuture::from(asked).await;
    }
    let t = &use_text().alerts;
    obstacle().or_else(|| match put(t.desktop_on, t.desktop_like, "welcome") {
        Some(_) => None,
        None => Some(Obstacle::Missing),
    })
}

/// Shows one; a later one of the same ticket takes its place. A click leads to the ticket.
pub(super) fn show(one: &Notification, router: Router) {
    if obstacle().is_some() {
        return;
    }
    let body = if one.text.is_empty() {
        one.title.clone()
    } else {
        format!("{}\n{}", one.title, one.text)
    };
    let to = paths::ticket(one.ticket_id);
    let Some(shown) = put(&headline(one), &body, &to) else {
        return;
    };
    let open = Closure::once_into_js({
        let shown = shown.clone();
        move || {
            let _ = window().focus();
            router.go(&to, Step::Push);
            shown.close();
        }
    });
    shown.set_onclick(Some(open.unchecked_ref()));
}

/// `None` where the browser makes none from a page: those of phones.
fn put(title: &str, body: &str, tag: &str) -> Option<Shown> {
    let options = NotificationOptions::new();
    options.set_body(body);
    options.set_tag(tag);
    // One that takes another's place is as much news; and one sound is enough.
    options.set_renotify(true);
    options.set_silent(Some(Alert::Sound.is_on()));
    Shown::new_with_options(title, &options).ok()
}
