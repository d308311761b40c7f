//! One ticket at its own address: opens it for whoever looks, or says why it does not open.

use std::{future::poll_fn, pin::pin, task::Poll};

use leptos::{prelude::*, task::spawn_local};
use shared::{
    ErrorCode,
    endpoint::{Nothing, PathArg},
    messages::{ListMessages, MessageList, MessageQuery, SenderType},
    tickets::{GetTicket, Ticket, TicketKey},
};

use super::{
    cache,
    conversation::{Conversation, STEP, Viewer},
    customer::CustomerTicket,
    desk::AgentTicket,
};
use crate::reactive::{RwSignal, StoredValue, dynamic, memo};
use crate::{
    api::{Api, ApiError, use_api},
    components::{
        button::{LinkButton, Look},
        empty::{Art, Empty, ErrorState},
        skeleton::SkeletonRows,
    },
    dom, paths,
    router::{Go, use_router},
    session::{Who, open_guest_link, use_session},
    text::use_text,
};

/// What the page knows.
#[derive(Clone)]
#[expect(
    clippy::large_enum_variant,
    reason = "one for each page, and a conversation is cheap to copy"
)]
enum Page {
    Waiting,
    Failed(ApiError),
    Open(Conversation),
}

/// The page. Another ticket in the address, or another person, opens it anew.
#[component]
pub(crate) fn TicketPage() -> impl IntoView {
    let router = use_router();
    let session = use_session();
    let api = use_api();
    let key = memo(move || paths::ticket_in(&router.path()).and_then(TicketKey::parse));
    // A guest link is exchanged before anything is asked for.
    let exchange = RwSignal::new(None::<Result<(), ApiError>>);
    let redeem = Callback::new(move |()| {
        exchange.set(None);
        spawn_local(async move {
            let opened = open_guest_link(api).await.map(drop);
            exchange.try_set(Some(opened));
        });
    });
    redeem.run(());
    let who = memo(move || (exchange.with(Option::is_some)).then(|| session.who()));
    dynamic(move || {
        let Some(who) = who.get() else {
            return view! { <Waiting/> }.into_any();
        };
        if let Some(Err(error)) = exchange.get_untracked()
            && who == Who::Visitor
        {
            return match error {
                ApiError::Network => view! { <Failed error=error on_retry=redeem/> }.into_any(),
                error => view! { <Missing error=error/> }.into_any(),
            };
        }
        if who == Who::Visitor && session.was_guest() {
            return view! { <DeadLink/> }.into_any();
        }
        if who == Who::Visitor && session.has_expired() {
            let back = paths::login_then(paths::LOGIN, &router.full());
            return view! { <Go to=back/> }.into_any();
        }
        match key.get() {
            Some(key) => view! { <Opened ticket=key viewer=Viewer::of(&who)/> }.into_any(),
            None => view! { <Gone/> }.into_any(),
        }
    })
}

#[component]
fn Opened(ticket: TicketKey, viewer: Viewer) -> impl IntoView {
    let t = use_text();
    let api = use_api();
    let side = viewer.side;
    let page = RwSignal::new(Page::Waiting);
    // What belongs to the conversation lives as long as this view, whenever the answer comes.
    let owner = StoredValue::new(Owner::current());
    let start = move |open: &dyn Fn() -> Conversation| {
        if let Some(Some(owner)) = owner.try_get_value() {
            let conversation = owner.with(open);
            page.try_set(Page::Open(conversation));
        }
    };
    let asked = StoredValue::new((ticket.clone(), viewer.clone()));
    let ask = Callback::new(move |()| {
        page.set(Page::Waiting);
        let (ticket, viewer) = asked.get_value();
        spawn_local(async move {
            match fetch(api, ticket).await {
                Ok((ticket, list)) => {
                    start(&|| Conversation::open(viewer.clone(), ticket.clone(), list.clone()));
                }
                Err(error) => drop(page.try_set(Page::Failed(error))),
            }
        });
    });
    match cache::get(&viewer.keeper, &ticket) {
        Some(kept) => start(&|| Conversation::reopen(viewer.clone(), kept.clone())),
        None => ask.run(()),
    }
    let title = memo(move || {
        page.with(|page| match page {
            Page::Open(conversation) => conversation.thread().with(|thread| thread.ticket.title.clone()),
            Page::Waiting | Page::Failed(_) => t.tickets_place.to_owned(),
        })
    });
    dom::use_title(move || title.get());
    dynamic(move || match page.get() {
        Page::Waiting => view! { <Waiting/> }.into_any(),
        Page::Failed(error) if is_missing(&error) => view! { <Missing error=error/> }.into_any(),
        Page::Failed(error) => view! { <Failed error=error on_retry=ask/> }.into_any(),
        Page::Open(conversation) => match side {
            SenderType::Admin => view! { <AgentTicket conversation=conversation/> }.into_any(),
            SenderType::Customer => view! { <CustomerTicket conversation=conversation/> }.into_any(),
        },
    })
}

async fn fetch(api: Api, key: TicketKey) -> Result<(Ticket, MessageList), ApiError> {
    let query = MessageQuery {
        limit: Some(STEP),
        ..MessageQuery::default()
    };
    let ticket = api.call(GetTicket, key.clone(), Nothing {});
    let (ticket, list) = both(ticket, api.call(ListMessages, key, query)).await;
    Ok((ticket?.ticket, list?))
}

/// Waits for two things that happen at the same time.
async fn both<A, B>(a: impl Future<Output = A>, b: impl Future<Output = B>) -> (A, B) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let mut done = (None, None);
    poll_fn(|cx| {
        if done.0.is_none()
            && let Poll::Ready(value) = a.as_mut().poll(cx)
        {
            done.0 = Some(value);
        }
        if done.1.is_none()
            && let Poll::Ready(value) = b.as_mut().poll(cx)
        {
            done.1 = Some(value);
        }
        match (done.0.take(), done.1.take()) {
            (Some(a), Some(b)) => Poll::Ready((a, b)),
            partly => {
                done = partly;
                Poll::Pending
            }
        }
    })
    .await
}

fn is_missing(error: &ApiError) -> bool {
    matches!(
        error.code(),
        Some(
            ErrorCode::TicketNotFound
                | ErrorCode::NotFound
                | ErrorCode::Unauthenticated
                | ErrorCode::Forbidden
        )
    )
}

/// Agents' pages fill the shell's `<main>`, customers' pages bring their own.
#[component]
fn Frame(children: Children) -> impl IntoView {
    if untrack(|| use_session().is_agent()) {
        view! { <div class="ticket-frame">{children()}</div> }.into_any()
    } else {
        view! { <main class="page" id="main">{children()}</main> }.into_any()
    }
}

#[component]
fn Failed(error: ApiError, on_retry: Callback<()>) -> impl IntoView {
    let t = use_text();
    view! {
        <Frame>
            <ErrorState title=t.tickets.page.failed error=error on_retry=on_retry/>
        </Frame>
    }
    .into_any()
}

#[component]
fn Waiting() -> impl IntoView {
    view! {
        <Frame>
            <SkeletonRows rows=5/>
        </Frame>
    }
    .into_any()
}

/// It is not there for this person; with the next step for each kind of person.
#[component]
fn Missing(error: ApiError) -> impl IntoView {
    match error.code() {
        Some(ErrorCode::LinkInvalid) => view! { <DeadLink/> }.into_any(),
        _ => view! { <Gone/> }.into_any(),
    }
}

/// The link is not good any more, or was taken back while the ticket was open.
#[component]
fn DeadLink() -> impl IntoView {
    let t = use_text();
    view! { <NotHere title=t.tickets.page.dead_link text=t.tickets.page.dead_link_text/> }
}

#[component]
fn Gone() -> impl IntoView {
    let t = use_text();
    view! { <NotHere title=t.tickets.page.missing text=t.tickets.page.missing_text/> }
}

#[component]
fn NotHere(title: &'static str, text: &'static str) -> impl IntoView {
    let t = use_text();
    let session = use_session();
    let here = use_router().full();
    let next = match untrack(|| session.who()) {
        Who::User(_) => view! {
            <LinkButton href=untrack(|| session.home()) look=Look::Primary>{t.tickets.page.back_to_list}</LinkButton>
        }
        .into_any(),
        Who::Guest(ticket) => view! {
            <LinkButton href=paths::ticket(ticket) look=Look::Primary>{t.tickets.page.guests_ticket}</LinkButton>
            <LinkButton href=paths::login_then(paths::LOGIN, &here)>{t.log_in}</LinkButton>
        }
        .into_any(),
        Who::Visitor => view! {
            <LinkButton href=paths::login_then(paths::LOGIN, &here) look=Look::Primary>{t.log_in}</LinkButton>
            <LinkButton href=paths::SUBMIT>{t.submit_ticket}</LinkButton>
        }
        .into_any(),
    };
    view! {
        <Frame>
            <Empty art=Art::Search title=title text=text page=true>
                {next}
            </Empty>
        </Frame>
    }
    .into_any()
}
