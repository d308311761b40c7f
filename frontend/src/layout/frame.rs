//! Chooses the frame by who looks: agents get the workspace shell, everybody else the portal.

use leptos::prelude::*;

use super::{agent::AgentShell, portal::Portal};
use crate::{
    paths,
    reactive::{dynamic, memo},
    router::Go,
    session::use_session,
};

/// The frame with a page in it.
#[component]
pub(crate) fn Frame(page: ViewFn) -> impl IntoView {
    let session = use_session();
    let agent = memo(move || session.is_agent());
    let locked = memo(move || session.must_change_password());
    dynamic(move || match (locked.get(), agent.get()) {
        (true, _) => view! { <Go to=paths::PASSWORD/> }.into_any(),
        (false, true) => view! { <AgentShell page=page.clone()/> }.into_any(),
        (false, false) => view! { <Portal page=page.clone()/> }.into_any(),
    })
}
