//! The tabs of a browser share its cookies: whoever logs in or out in one of them leaves a mark in `localStorage`, by which
//! the others see that they may be somebody else's now.

use leptos::{prelude::*, task::spawn_local};

use super::recall;
use crate::{api::Api, backoff, dom, reactive::StoredValue, storage};

const KEY: &str = "session";
/// When a tab looks at the mark: as soon as another has left it, and when it comes back from wherever it could not hear that.
const SIGNS: [&str; 4] = ["storage", "focus", "visibilitychange", "pageshow"];

/// The last mark whose meaning this tab knows.
#[derive(Clone, Copy)]
pub(super) struct Mark(StoredValue<Option<String>>);

impl Mark {
    pub(super) fn new() -> Self {
        Self(StoredValue::new(stored()))
    }

    /// Leaves another one: this tab knows whose the cookies are, the others have to ask.
    pub(super) fn leave(self) {
        storage::set(KEY, &dom::uuid());
        self.know(stored());
    }

    /// The server has said whose the cookies are, after this mark was left.
    pub(super) fn know(self, mark: Option<String>) {
        self.0.set_value(mark);
    }

    /// Has another tab left one since?
    pub(super) fn is_old(self) -> bool {
        self.0.with_value(|known| *known != stored())
    }
}

/// The mark that was left last.
pub(super) fn stored() -> Option<String> {
    storage::get(KEY)
}

/// Keeps this tab from going on as somebody whose cookies are gone.
pub(crate) fn follow_tabs(api: Api) {
    let asking = StoredValue::new(false);
    let look = move || {
        if api.session().is_in_doubt() && !asking.get_value() {
            asking.set_value(true);
            spawn_local(async move {
                settle(api).await;
                asking.set_value(false);
            });
        }
    };
    for sign in SIGNS {
        let listener = window_event_listener_untyped(sign, move |_| look());
        on_cleanup(move || listener.remove());
    }
}

/// Asks the server until there is no doubt left.
async fn settle(api: Api) {
    let mut failures = 0;
    while api.session().is_in_doubt() {
        if recall(api).await.is_err() {
            dom::sleep(backoff::ASK.wait_ms(failures, js_sys::Math::random())).await;
            failures += 1;
        }
    }
}
