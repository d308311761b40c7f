//! Getting in: log-in at both doors, a new password, the one-time set-up link.

mod entry;
mod login;
mod password;
mod setup;

use leptos::prelude::*;
use leptos_router::{MatchNestedRoutes, any_nested_route::IntoAnyNestedRoute, components::Route, path};

use login::{Door, LoginPage};
use password::PasswordPage;
use setup::SetUpPage;

/// The pages of this feature; they stand outside the frames.
#[component(transparent)]
pub(crate) fn AccountRoutes() -> impl MatchNestedRoutes + Clone {
    view! {
        <Route path=path!("login") view=|| view! { <LoginPage door=Door::Customer/> }/>
        <Route path=path!("admin/login") view=|| view! { <LoginPage door=Door::Agent/> }/>
        <Route path=path!("password") view=PasswordPage/>
        <Route path=path!("setup") view=SetUpPage/>
    }
    .into_inner()
    .into_any_nested_route()
}
