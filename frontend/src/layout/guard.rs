//! Guards around pages: the wrong person is sent to the right door and comes back afterwards.

use leptos::prelude::*;
use shared::Role;

use crate::{
    components::{
        button::{LinkButton, Look},
        empty::{Art, Empty},
    },
    paths,
    reactive::{dynamic, memo},
    router::{Go, use_router},
    session::use_session,
    text::{fill, use_text},
};

/// Who may see what is inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    Welcome,
    LogIn,
    OtherRole,
}

/// For agents only.
#[component]
pub(crate) fn AgentsOnly(children: ChildrenFn) -> impl IntoView {
    guarded(Role::Admin, children)
}

/// For signed-in customers only; an agent is sent to the workspace.
#[component]
pub(crate) fn CustomersOnly(children: ChildrenFn) -> impl IntoView {
    guarded(Role::Customer, children)
}

fn guarded(role: Role, children: ChildrenFn) -> impl IntoView {
    let session = use_session();
    let router = use_router();
    let pass = memo(move || match session.role() {
        None => Pass::LogIn,
        Some(own) if own == role => Pass::Welcome,
        Some(_) => Pass::OtherRole,
    });
    let login = match role {
        Role::Admin => paths::ADMIN_LOGIN,
        Role::Customer => paths::LOGIN,
    };
    dynamic(move || match pass.get() {
        Pass::Welcome => children().into_any(),
        Pass::LogIn => view! { <Go to=paths::login_then(login, &router.full())/> }.into_any(),
        Pass::OtherRole if role == Role::Customer => view! { <Go to=paths::ADMIN_TICKETS/> }.into_any(),
        Pass::OtherRole => view! { <AgentsDoor/> }.into_any(),
    })
}

/// A customer at an agents' page.
#[component]
fn AgentsDoor() -> impl IntoView {
    let t = use_text();
    let session = use_session();
    let name = untrack(|| session.user())
        .map(|user| user.display_name().to_owned())
        .unwrap_or_default();
    view! {
        <main id="main">
            <Empty art=Art::Alert title=t.agents_only text=fill(t.agents_only_text, &[("name", &name)]) page=true>
                <LinkButton href=paths::MY_TICKETS look=Look::Primary>{t.my_tickets}</LinkButton>
                <LinkButton href=paths::ADMIN_LOGIN>{t.agent_login}</LinkButton>
            </Empty>
        </main>
    }
}
