//! Light or dark: follows the system until somebody chooses. `public/first-paint.js` applies the choice early.

use leptos::prelude::*;

use crate::{reactive::RwSignal, storage};

/// What was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    const fn name(self) -> &'static str {
        match self {
            Self::System => "",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// The theme of this tab.
#[derive(Clone, Copy)]
pub(crate) struct ThemeChoice(RwSignal<Theme>);

/// Makes `use_theme` work below.
pub(crate) fn provide_theme() {
    let stored = match storage::get("theme").as_deref() {
        Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        _ => Theme::System,
    };
    provide_context(ThemeChoice(RwSignal::new(stored)));
}

/// The theme and how to change it.
pub(crate) fn use_theme() -> ThemeChoice {
    expect_context()
}

impl ThemeChoice {
    /// Is the page dark right now?
    pub(crate) fn is_dark(self) -> bool {
        match self.0.get() {
            Theme::Dark => true,
            Theme::Light => false,
            Theme::System => system_is_dark(),
        }
    }

    /// Changes to the other one.
    pub(crate) fn toggle(self) {
        let next = if untrack(|| self.is_dark()) {
            Theme::Light
        } else {
            Theme::Dark
        };
        self.0.set(next);
        storage::set("theme", next.name());
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-theme", next.name());
        }
    }
}

fn system_is_dark() -> bool {
    window()
        .match_media("(prefers-color-scheme: dark)")
        .ok()
        .flatten()
        .is_some_and(|list| list.matches())
}
