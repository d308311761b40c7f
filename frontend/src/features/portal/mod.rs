//! The customers' pages: submitting a ticket, and their own tickets.

mod mine;
mod submit;

use leptos::prelude::*;
use leptos_router::{MatchNestedRoutes, any_nested_route::IntoAnyNestedRoute, components::Route, path};

use crate::layout::guard::CustomersOnly;
use mine::MinePage;
use submit::SubmitPage;

/// The pages of this feature.
#[component(transparent)]
pub(crate) fn PortalRoutes() -> impl MatchNestedRoutes + Clone {
    view! {
        <Route path=path!("submit") view=SubmitPage/>
        <Route path=path!("my-tickets") view=|| view! { <CustomersOnly><MinePage/></CustomersOnly> }/>
    }
    .into_inner()
    .into_any_nested_route()
}
