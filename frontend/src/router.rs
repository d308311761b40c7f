//! The address as signals, and links that change it without a reload. Our own, because `leptos_router` would be a
//! sixth of the whole download and its nesting, parameters and lazy routes are not needed here.

use leptos::{ev, prelude::*};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlAnchorElement, MouseEvent};

use crate::reactive::RwSignal;

/// Whether a change of the address can be gone back from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Push,
    Replace,
}

/// The address of this tab.
#[derive(Clone, Copy)]
pub(crate) struct Router {
    path: RwSignal<String>,
    /// Behind the `?`, without it.
    search: RwSignal<String>,
}

/// Makes `use_router` work below, and follows links and the browser's buttons.
pub(crate) fn provide_router() -> Router {
    let (path, search) = here();
    let router = Router {
        path: RwSignal::new(path),
        search: RwSignal::new(search),
    };
    let clicks = window_event_listener(ev::click, move |event| router.follow(&event));
    let moves = window_event_listener(ev::popstate, move |_| router.read());
    on_cleanup(move || {
        clicks.remove();
        moves.remove();
    });
    provide_context(router);
    router
}

/// The address of this tab.
pub(crate) fn use_router() -> Router {
    expect_context()
}

impl Router {
    /// The path; reading it follows changes.
    pub(crate) fn path(self) -> String {
        self.path.get()
    }

    /// What stands behind the `?`; reading it follows changes.
    pub(crate) fn search(self) -> String {
        self.search.get()
    }

    /// Path and search as they are now, for coming back.
    pub(crate) fn full(self) -> String {
        match self.search.get_untracked() {
            search if search.is_empty() => self.path.get_untracked(),
            search => format!("{}?{search}", self.path.get_untracked()),
        }
    }

    /// Goes to an address of ours.
    pub(crate) fn go(self, to: &str, step: Step) {
        let Ok(history) = window().history() else { return };
        let changed = match step {
            Step::Push => history.push_state_with_url(&JsValue::NULL, "", Some(to)),
            Step::Replace => history.replace_state_with_url(&JsValue::NULL, "", Some(to)),
        };
        if changed.is_ok() {
            let old = self.path.get_untracked();
            self.read();
            if step == Step::Push && old != self.path.get_untracked() {
                window().scroll_to_with_x_and_y(0.0, 0.0);
            }
        }
    }

    /// Takes over what the browser's address bar says.
    fn read(self) {
        let (path, search) = here();
        if self.path.with_untracked(|known| *known != path) {
            self.path.set(path);
        }
        if self.search.with_untracked(|known| *known != search) {
            self.search.set(search);
        }
    }

    /// A plain click on a link to a page of ours changes the address; every other click is the browser's.
    fn follow(self, event: &MouseEvent) {
        let modified = event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
        if event.default_prevented() || event.button() != 0 || modified {
            return;
        }
        let element = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let link = element.and_then(|element| element.closest("a[href]").ok().flatten());
        let Some(link) = link.and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok()) else {
            return;
        };
        let elsewhere =
            !link.target().is_empty() || link.has_attribute("download") || link.rel() == "external";
        let path = link.pathname();
        let ours = path.starts_with("/case/")
            && !path.starts_with("/case/api/")
            && !path.starts_with("/case/uploads/");
        if elsewhere || !ours || Some(link.origin()) != window().location().origin().ok() {
            return;
        }
        event.prevent_default();
        let to = format!("{path}{}{}", link.search(), link.hash());
        // The same address again is no step.
        let step = if to == self.full() {
            Step::Replace
        } else {
            Step::Push
        };
        self.go(&to, step);
    }
}

fn here() -> (String, String) {
    let location = window().location();
    let search = location.search().unwrap_or_default();
    (
        location.pathname().unwrap_or_default(),
        search.trim_start_matches('?').to_owned(),
    )
}

/// Going somewhere else instead of here, without leaving a step to come back to. Draws nothing.
#[component]
pub(crate) fn Go(#[prop(into)] to: String) -> impl IntoView {
    let router = use_router();
    // After this drawing is done: the address decides what is drawn.
    leptos::task::spawn_local(async move { router.go(&to, Step::Replace) });
}
