//! The customers' frame: a top bar with the two places, and the page below.

use leptos::prelude::*;

use super::{
    account_menu::AccountMenu,
    bell::Bell,
    strip::ConnectionStrip,
    switches::{LangSwitch, ThemeSwitch},
};
use crate::{
    components::{
        button::LinkButton,
        icon::Icon,
        logo::Brand,
        menu::{Menu, MenuLink},
    },
    paths,
    reactive::{derived, dynamic},
    router::use_router,
    session::use_session,
    text::use_text,
};

/// The frame; its pages bring their own `<main id="main">`.
#[component]
pub(crate) fn Portal(page: ViewFn) -> impl IntoView {
    let t = use_text();
    view! {
        <a class="skip" href="#main" rel="external">{t.skip}</a>
        <div class="portal">
            <ConnectionStrip/>
            <TopBar/>
            {move || page.run()}
        </div>
    }
    .into_any()
}

#[component]
fn TopBar() -> impl IntoView {
    let t = use_text();
    let session = use_session();
    let router = use_router();
    let link = move |href: &'static str, word: &'static str| {
        let current = move || (router.path() == href).then_some("page");
        view! { <a href=href aria-current=current>{word}</a> }
    };
    let brand = derived(move || {
        if session.user().is_some() {
            paths::ROOT
        } else {
            paths::SUBMIT
        }
        .to_owned()
    });
    let end = dynamic(move || match session.user() {
        Some(user) => view! {
            <Bell class="btn btn--ghost btn--icon"/>
            <ThemeSwitch/>
            <AccountMenu user=user with_name=true/>
            <div class="phone-only">
                <Menu
                    label=t.menu
                    class="btn btn--ghost btn--icon"
                    trigger=|| crate::components::icon::icon(Icon::Menu)
                >
                    <MenuLink href=paths::SUBMIT glyph=Icon::Plus>{t.submit_ticket}</MenuLink>
                    <MenuLink href=paths::MY_TICKETS glyph=Icon::Inbox>{t.my_tickets}</MenuLink>
                </Menu>
            </div>
        }
        .into_any(),
        None => view! {
            <LangSwitch/>
            <ThemeSwitch/>
            <LinkButton href=paths::LOGIN>{t.log_in}</LinkButton>
        }
        .into_any(),
    });
    view! {
        <header class="topbar">
            <div>
                <Brand href=brand/>
                <nav class="wide-only" aria-label=t.main_navigation>
                    {link(paths::SUBMIT, t.submit_ticket)}
                    {move || session.user().map(|_| link(paths::MY_TICKETS, t.my_tickets))}
                </nav>
                <div class="topbar-end">{end}</div>
            </div>
        </header>
    }
    .into_any()
}
