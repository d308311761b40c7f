//! The agents' frame: rail with the places, side with the queues, and the framed page. On phones the rail is a bar
//! at the bottom and the side a drawer.

use leptos::{ev, prelude::*};
use shared::{Permission, Status, tickets::TicketQuery};

use super::{
    account_menu::AccountMenu,
    bell::Bell,
    mail_trouble::{MailTrouble, provide_mail_trouble},
    queues::{Queue, use_counts},
    strip::ConnectionStrip,
};
use crate::{
    components::{
        icon::{Icon, icon},
        logo::Logo,
        toast::is_free,
    },
    later, number, paths, query,
    reactive::{NodeRef, handler, memo, optional},
    router::use_router,
    session::use_session,
    text::use_text,
};

const SIDE: &str = "side";

/// The frame; pages fill `<main>`.
#[component]
pub(crate) fn AgentShell(page: ViewFn) -> impl IntoView {
    let t = use_text();
    let side = NodeRef::new();
    let keys = window_event_listener(ev::keydown, move |event| {
        if event.key() == "["
            && is_free(&event)
            && is_narrow()
            && let Some(side) = side.get_untracked()
        {
            let _ = side.toggle_popover();
        }
    });
    on_cleanup(move || keys.remove());
    later::expect();
    view! {
        <a class="skip" href="#main" rel="external">{t.skip}</a>
        <div class="shell">
            <ConnectionStrip/>
            <Rail/>
            <Side node=side/>
            <main class="main" id="main" tabindex="-1">
                {move || page.run()}
            </main>
        </div>
    }
    .into_any()
}

/// Is the side a drawer?
fn is_narrow() -> bool {
    window()
        .match_media("(max-width: 1099px)")
        .ok()
        .flatten()
        .is_some_and(|list| list.matches())
}

#[component]
fn Rail() -> impl IntoView {
    let t = use_text();
    let session = use_session();
    let router = use_router();
    let trouble = provide_mail_trouble();
    let here = move |href: &'static str| {
        move || {
            let path = router.path();
            let ticket = href == paths::ADMIN_TICKETS && path.starts_with("/case/ticket/");
            (path.starts_with(href) || ticket).then_some("page")
        }
    };
    let place = move |href: &'static str, glyph: Icon, word: &'static str| {
        view! { <a href=href aria-label=word title=word aria-current=here(href)>{icon(glyph)}</a> }
    };
    view! {
        <nav class="rail" aria-label=t.main_navigation>
            <a class="logo" href=paths::ADMIN_TICKETS aria-label=t.product tabindex="-1">
                <Logo/>
            </a>
            <button type="button" class="rail-queues" popovertarget=SIDE aria-label=t.queues title=t.queues>
                {icon(Icon::Menu)}
            </button>
            {place(paths::ADMIN_TICKETS, Icon::Inbox, t.tickets_place)}
            {move || {
                session
                    .may(Permission::ManageUsers)
                    .then(|| place(paths::ADMIN_USERS, Icon::Users, t.users_place))
            }}
            {move || {
                session
                    .may(Permission::SeeStatistics)
                    .then(|| place(paths::ADMIN_STATISTICS, Icon::Chart, t.statistics_place))
            }}
            {move || {
                session
                    .may(Permission::ManageMail)
                    .then(|| mail_place(trouble, here(paths::ADMIN_MAIL)))
            }}
            <span class="rail-gap"></span>
            <Bell class="rail-bell"/>
            {optional(move || session.user().map(|user| view! { <AccountMenu user=user/> }))}
        </nav>
    }
    .into_any()
}

/// The outbox, with how many of its mails have failed.
fn mail_place(
    trouble: MailTrouble,
    here: impl Fn() -> Option<&'static str> + Send + 'static,
) -> impl IntoView {
    let t = use_text();
    let label = move || match trouble.shown() {
        Some((_, failed)) => format!("{} ({})", t.mail_place, t.mails_failed.of(failed)),
        None => t.mail_place.to_owned(),
    };
    let count = optional(move || {
        let (shown, _) = trouble.shown()?;
        Some(view! { <span class="bell-count" aria-hidden="true">{shown}</span> })
    });
    view! {
        <a href=paths::ADMIN_MAIL aria-label=label title=label aria-current=here>
            {icon(Icon::Mail)}
            {count}
        </a>
    }
}

#[component]
fn Side(node: NodeRef) -> impl IntoView {
    let t = use_text();
    let counts = use_counts();
    let router = use_router();
    let current = memo(move || {
        (router.path() == paths::ADMIN_TICKETS).then(|| query::read::<TicketQuery>(&router.search()))
    });
    // In the drawer, going somewhere closes it.
    let close = move || {
        if let Some(side) = node.get_untracked() {
            let _ = side.hide_popover();
        }
    };
    let link = move |queue: Queue, mark: AnyView, word: &'static str| {
        let here = move || {
            current
                .with(|asked| asked.as_ref().is_some_and(|asked| queue.holds(asked)))
                .then_some("page")
        };
        let count = move || counts.with(|counts| counts.of(queue)).map(number::grouped);
        view! {
            <a class="side-link" href=queue.href() aria-current=here on:click=handler(move |_| close())>
                {mark}
                <span class="truncate">{word}</span>
                <span class="count">{move || count()}</span>
            </a>
        }
    };
    let standing = move |status: Status| {
        let mark = view! { <span class="status" data-s=status.code() aria-hidden="true"></span> }.into_any();
        link(Queue::Standing(status), mark, t.status(status))
    };
    let urgent = view! { <span class="prio" data-p="high" aria-hidden="true"></span> }.into_any();
    view! {
        <aside class="side scroll" id=SIDE popover="auto" aria-label=t.queues node_ref=node>
            <div class="side-head">
                {t.product}
                <a
                    class="btn btn--ghost btn--icon btn--sm"
                    href=paths::SUBMIT
                    aria-label=t.new_ticket
                    title=t.new_ticket
                    on:click=handler(move |_| close())
                >
                    {icon(Icon::Plus)}
                </a>
            </div>
            <nav class="side-group" aria-label=t.queues>
                {link(Queue::Mine, icon(Icon::Inbox).into_any(), t.mine)}
                {link(Queue::Unassigned, icon(Icon::UserPlus).into_any(), t.unassigned)}
                {link(Queue::Urgent, urgent, t.urgent)}
                {link(Queue::All, icon(Icon::List).into_any(), t.all_tickets)}
            </nav>
            <nav class="side-group" aria-labelledby="side-status">
                <h2 id="side-status">{t.status_word}</h2>
                {Status::ALL.iter().copied().map(standing).map(IntoAny::into_any).collect::<Vec<_>>()}
            </nav>
        </aside>
    }
    .into_any()
}
