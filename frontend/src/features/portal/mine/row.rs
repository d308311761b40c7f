//! One of one's own tickets.

use leptos::prelude::*;
use shared::{TicketId, messages::SenderType, tickets::TicketSummary};

use crate::{
    components::{
        mark::{MarkLook, StatusMark},
        time::Moment,
    },
    paths,
    reactive::Memo,
    text::{fill, use_text},
    time::Style,
};

/// Status, title, last words, time and number.
pub(super) fn row(id: TicketId, ticket: Memo<Option<TicketSummary>>) -> AnyView {
    let t = use_text();
    let title = ticket.with_untracked(|ticket| ticket.as_ref().map(|t| t.title.clone()).unwrap_or_default());
    let number = ticket.with_untracked(|ticket| {
        ticket
            .as_ref()
            .map(|t| t.ticket_number.clone())
            .unwrap_or_default()
    });
    let part = move |of: fn(&TicketSummary) -> AnyView| move || ticket.with(|ticket| ticket.as_ref().map(of));
    let title_id = format!("mine-{id}");
    let titled = title_id.clone();
    view! {
        <li>
            <a
                href=paths::ticket(id)
                aria-labelledby=titled
                data-unread=move || ticket.with(|t| t.as_ref().is_some_and(|t| t.unread > 0)).then_some("")
            >
                {part(|ticket| view! { <StatusMark status=ticket.status look=MarkLook::Pill/> }.into_any())}
                <h2>
                    <span class="truncate" id=title_id>{title}</span>
                    {part(unread)}
                </h2>
                <span class="when">
                    {part(|ticket| view! { <Moment at=ticket.updated_at.clone() style=Style::Long/> }.into_any())}
                </span>
                <p class="truncate">{part(last_words)}</p>
                <span class="no" aria-label=fill(t.tickets.number, &[("number", &number)])>{number.clone()}</span>
            </a>
        </li>
    }
    .into_any()
}

fn unread(ticket: &TicketSummary) -> AnyView {
    let n = i64::from(ticket.unread);
    (n > 0)
        .then(|| view! { <span class="badge" aria-label=use_text().tickets.mine.unread.of(n)>{n}</span> })
        .into_any()
}

fn last_words(ticket: &TicketSummary) -> AnyView {
    let t = use_text();
    let Some(last) = &ticket.last_message else {
        return view! { {t.tickets.mine.nothing_said} }.into_any();
    };
    let who = match (last.sender_type, &ticket.assignee) {
        (SenderType::Customer, _) => t.tickets.mine.me.to_owned(),
        (SenderType::Admin, Some(name)) => name.clone(),
        (SenderType::Admin, None) => t.agent.to_owned(),
    };
    view! {
        <b>{fill(t.tickets.mine.says, &[("name", &who)])}</b>
        {last.content.clone()}
    }
    .into_any()
}
