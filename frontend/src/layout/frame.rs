//! Chooses the frame by who looks: agents get the workspace shell, everybody else the portal.

use leptos::prelude::*;

use super::{agent::AgentShell, go::Go, portal::Portal};
use crate::{paths, session::use_session};

/// The frame; pages appear in its outlet.
#[component]
pub(crate) fn Frame() -> impl IntoView {
    let session = use_session();
    let agent = Memo::new(move |_| session.is_agent());
    let locked = Memo::new(move |_| session.must_change_password());
    move || match (locked.get(), agent.get()) {
        (true, _) => view! { <Go to=paths::PASSWORD/> }.into_any(),
        (false, true) => view! { <AgentShell/> }.into_any(),
        (false, false) => view! { <Portal/> }.into_any(),
    }
}
