//! A sentence across its container: what happened, what is safe, what to do.

use leptos::prelude::*;

use super::icon::{Icon, icon};

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tone {
    #[default]
    Info,
    Success,
    Warn,
    Danger,
}

impl Tone {
    /// The icon that goes with it.
    pub(crate) const fn icon(self) -> Icon {
        match self {
            Self::Info => Icon::Info,
            Self::Success => Icon::Done,
            Self::Warn | Self::Danger => Icon::Alert,
        }
    }

    /// The name in `data-tone`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Success => "success",
            Self::Warn => "warn",
            Self::Danger => "danger",
        }
    }
}

/// The banner; errors are announced at once.
#[component]
pub(crate) fn Banner(#[prop(optional)] tone: Tone, children: Children) -> impl IntoView {
    let role = if tone == Tone::Danger { "alert" } else { "status" };
    view! {
        <div class=format!("banner banner--{}", tone.name()) role=role>
            {icon(tone.icon())}
            {children()}
        </div>
    }
}
