//! The agents' ticket list, and the ticket page that customers and agents share.

mod agents;
mod cache;
mod composer;
mod conversation;
mod customer;
mod desk;
mod draft;
pub(crate) mod files;
mod guard;
mod list;
mod log;
pub(crate) mod outbox;
mod page;
pub(crate) mod range;

use leptos::prelude::*;
use leptos_router::{MatchNestedRoutes, any_nested_route::IntoAnyNestedRoute, components::Route, path};

use crate::{layout::guard::AgentsOnly, session::Who};
use list::ListPage;
use page::TicketPage;

/// The pages of this feature. The frame around them is chosen by the session (`layout::frame`).
#[component(transparent)]
pub(crate) fn TicketRoutes() -> impl MatchNestedRoutes + Clone {
    view! {
        <Route path=path!("admin/tickets") view=|| view! { <AgentsOnly><ListPage/></AgentsOnly> }/>
        <Route path=path!("ticket/:id") view=TicketPage/>
    }
    .into_inner()
    .into_any_nested_route()
}

/// Under whose name drafts and unsent messages are kept in this browser; nobody keeps none.
fn keeper(who: &Who) -> Option<String> {
    match who {
        Who::Visitor => None,
        Who::Guest(ticket) => Some(format!("g{ticket}")),
        Who::User(user) => Some(format!("u{}", user.id)),
    }
}
