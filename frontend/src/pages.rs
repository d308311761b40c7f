//! Which page an address names, and the component that draws it.

use leptos::prelude::*;

use crate::{
    features::{
        account::{AgentLoginPage, LoginPage, PasswordPage, SetUpPage},
        not_found::NotFoundPage,
        portal::{MinePage, SubmitPage},
        statistics::StatisticsPage,
        tickets::{ListPage, TicketPage},
        users::UsersPage,
    },
    layout::{
        frame::Frame,
        guard::{AgentsOnly, CustomersOnly},
    },
    paths,
    router::{Go, use_router},
    session::{Who, use_session},
};

/// A page. Two tickets are one page with another ticket in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Page {
    Home,
    Login,
    AgentLogin,
    Password,
    SetUp,
    Submit,
    Mine,
    Ticket,
    List,
    Users,
    Statistics,
    Nowhere,
}

impl Page {
    fn at(path: &str) -> Self {
        match path.strip_suffix('/').unwrap_or(path) {
            "/case" | "" => Self::Home,
            paths::LOGIN => Self::Login,
            paths::ADMIN_LOGIN => Self::AgentLogin,
            paths::PASSWORD => Self::Password,
            paths::SETUP => Self::SetUp,
            paths::SUBMIT => Self::Submit,
            paths::MY_TICKETS => Self::Mine,
            paths::ADMIN_TICKETS => Self::List,
            paths::ADMIN_USERS => Self::Users,
            paths::ADMIN_STATISTICS => Self::Statistics,
            path if paths::ticket_in(path).is_some() => Self::Ticket,
            _ => Self::Nowhere,
        }
    }

    /// Does it stand inside the frame of portal or workspace?
    const fn is_framed(self) -> bool {
        match self {
            Self::Home | Self::Login | Self::AgentLogin | Self::Password | Self::SetUp | Self::Nowhere => {
                false
            }
            Self::Submit | Self::Mine | Self::Ticket | Self::List | Self::Users | Self::Statistics => true,
        }
    }

    fn draw(self) -> AnyView {
        match self {
            Self::Home => view! { <Home/> }.into_any(),
            Self::Login => view! { <LoginPage/> }.into_any(),
            Self::AgentLogin => view! { <AgentLoginPage/> }.into_any(),
            Self::Password => view! { <PasswordPage/> }.into_any(),
            Self::SetUp => view! { <SetUpPage/> }.into_any(),
            Self::Submit => view! { <SubmitPage/> }.into_any(),
            Self::Mine => view! { <CustomersOnly><MinePage/></CustomersOnly> }.into_any(),
            Self::Ticket => view! { <TicketPage/> }.into_any(),
            Self::List => view! { <AgentsOnly><ListPage/></AgentsOnly> }.into_any(),
            Self::Users => view! { <AgentsOnly><UsersPage/></AgentsOnly> }.into_any(),
            Self::Statistics => view! { <AgentsOnly><StatisticsPage/></AgentsOnly> }.into_any(),
            Self::Nowhere => view! { <NotFoundPage/> }.into_any(),
        }
    }
}

/// The page of the address. The frame stays while pages inside it change.
#[component]
pub(crate) fn Pages() -> impl IntoView {
    let router = use_router();
    let page = Memo::new(move |_| Page::at(&router.path()));
    let framed = Memo::new(move |_| page.get().is_framed());
    let inside = ViewFn::from(move || page.get().draw());
    move || {
        if framed.get() {
            view! { <Frame page=inside.clone()/> }.into_any()
        } else {
            let inside = inside.clone();
            (move || inside.run()).into_any()
        }
    }
}

/// `/case/` sends everybody where they belong.
#[component]
fn Home() -> impl IntoView {
    let session = use_session();
    let to = match untrack(|| session.who()) {
        Who::Guest(ticket) => paths::ticket(ticket),
        Who::User(_) | Who::Visitor => untrack(|| session.home()).to_owned(),
    };
    view! { <Go to=to/> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_pages() {
        for (path, page) in [
            ("/case/", Page::Home),
            ("/case/admin/login", Page::AgentLogin),
            ("/case/admin/login/", Page::AgentLogin),
            ("/case/ticket/12", Page::Ticket),
            ("/case/ticket/TK202602060001", Page::Ticket),
            ("/case/ticket/", Page::Nowhere),
            ("/case/ticket/1/2", Page::Nowhere),
            ("/case/admin", Page::Nowhere),
        ] {
            assert_eq!(Page::at(path), page, "{path}");
        }
    }
}
