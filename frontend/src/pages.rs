//! Which page an address names, and the component that draws it.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    dom,
    features::{
        account::{AgentLoginPage, LoginPage, MailChoicesPage, PasswordPage, SetUpPage, UnsubscribePage},
        not_found::NotFoundPage,
        portal::{MinePage, SubmitPage},
        tickets::{ListPage, TicketPage},
    },
    later::{Later, LaterPage},
    layout::{
        frame::Frame,
        guard::{AgentsOnly, CustomersOnly},
    },
    paths,
    reactive::{Memo, dynamic, memo, on_change},
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
    MailChoices,
    Unsubscribe,
    Submit,
    Mine,
    Ticket,
    List,
    Users,
    Mail,
    MailTemplates,
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
            paths::MAIL_CHOICES => Self::MailChoices,
            paths::UNSUBSCRIBE => Self::Unsubscribe,
            paths::SUBMIT => Self::Submit,
            paths::MY_TICKETS => Self::Mine,
            paths::ADMIN_TICKETS => Self::List,
            paths::ADMIN_USERS => Self::Users,
            paths::ADMIN_MAIL => Self::Mail,
            paths::ADMIN_MAIL_TEMPLATES => Self::MailTemplates,
            paths::ADMIN_STATISTICS => Self::Statistics,
            path if paths::ticket_in(path).is_some() => Self::Ticket,
            _ => Self::Nowhere,
        }
    }

    /// Does it stand inside the frame of portal or workspace?
    const fn is_framed(self) -> bool {
        match self {
            Self::Home
            | Self::Login
            | Self::AgentLogin
            | Self::Password
            | Self::SetUp
            | Self::MailChoices
            | Self::Unsubscribe
            | Self::Nowhere => false,
            Self::Submit
            | Self::Mine
            | Self::Ticket
            | Self::List
            | Self::Users
            | Self::Mail
            | Self::MailTemplates
            | Self::Statistics => true,
        }
    }

    fn draw(self) -> AnyView {
        match self {
            Self::Home => view! { <Home/> }.into_any(),
            Self::Login => view! { <LoginPage/> }.into_any(),
            Self::AgentLogin => view! { <AgentLoginPage/> }.into_any(),
            Self::Password => view! { <PasswordPage/> }.into_any(),
            Self::MailChoices => view! { <MailChoicesPage/> }.into_any(),
            Self::Unsubscribe => view! { <UnsubscribePage/> }.into_any(),
            Self::SetUp => view! { <SetUpPage/> }.into_any(),
            Self::Submit => view! { <SubmitPage/> }.into_any(),
            Self::Mine => view! { <CustomersOnly><MinePage/></CustomersOnly> }.into_any(),
            Self::Ticket => view! { <TicketPage/> }.into_any(),
            Self::List => view! { <AgentsOnly><ListPage/></AgentsOnly> }.into_any(),
            Self::Users => later(LaterPage::Users),
            Self::Mail => later(LaterPage::Mail),
            Self::MailTemplates => later(LaterPage::MailTemplates),
            Self::Statistics => later(LaterPage::Statistics),
            Self::Nowhere => view! { <NotFoundPage/> }.into_any(),
        }
    }
}

/// One of the agents' rarer pages.
fn later(page: LaterPage) -> AnyView {
    view! { <AgentsOnly><Later page=page/></AgentsOnly> }.into_any()
}

/// After a step to another page the focus must not be lost with the link that was followed: it goes to the new
/// page's beginning, unless the page has put it somewhere itself.
fn move_focus(page: Memo<Page>) {
    on_change(
        move || page.track(),
        || {
            spawn_local(async {
                dom::sleep(0).await;
                let nowhere = document()
                    .active_element()
                    .is_none_or(|active| active.tag_name() == "BODY");
                if let Some(main) = dom::by_id("main").filter(|_| nowhere) {
                    let _ = main.set_attribute("tabindex", "-1");
                    dom::focus(&main);
                }
            });
        },
    );
}

/// The page of the address. The frame stays while pages inside it change.
#[component]
pub(crate) fn Pages() -> impl IntoView {
    let router = use_router();
    let page = memo(move || Page::at(&router.path()));
    move_focus(page);
    let framed = memo(move || page.get().is_framed());
    let inside = ViewFn::from(move || page.get().draw());
    dynamic(move || {
        if framed.get() {
            view! { <Frame page=inside.clone()/> }.into_any()
        } else {
            let inside = inside.clone();
            dynamic(move || inside.run())
        }
    })
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
