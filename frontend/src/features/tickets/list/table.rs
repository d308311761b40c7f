//! The rows: a table where there is room, list rows on phones. A row changes in place and never moves.

use leptos::prelude::*;
use shared::{
    Status, TicketId, UserId,
    messages::SenderType,
    tickets::{TicketQuery, TicketSummary},
};

use super::{
    matching::matches,
    selection::{Selection, Share, link_id},
};
use crate::{
    components::{
        avatar::Person,
        icon::{Icon, icon},
        mark::{PriorityMark, StatusMark},
        time::Moment,
    },
    features::tickets::{agents::Agent, draft, found::Search, keeper},
    paths,
    reactive::{Memo, each, handler, memo},
    session::use_session,
    text::{fill, use_text},
    time::{Style, duration, use_clock},
};

/// A wait longer than this is a warning, and longer than that is late; in seconds.
const LONG: i64 = 2 * 3600;
const LATE: i64 = 4 * 3600;

/// The table.
#[component]
pub(super) fn Table(search: Search, selection: Selection, agents: Memo<Vec<Agent>>) -> impl IntoView {
    let t = use_text();
    let share = memo(move || selection.share());
    let me = untrack(|| use_session().user()).map(|user| user.id);
    let rows = each(search.keys(), move |key| {
        let (id, ticket) = search.ticket(key);
        let fits = memo(move || fits(search, ticket, agents, me));
        row(id, ticket, fits, selection)
    });
    view! {
        <table class="table tickets">
            <caption class="sr-only">{t.tickets.list.caption}</caption>
            <thead>
                <tr>
                    <th scope="col" class="cell-check">
                        <label class="check">
                            <input
                                type="checkbox"
                                aria-label=t.tickets.list.select_page
                                prop:checked=move || share.get() == Share::All
                                prop:indeterminate=move || share.get() == Share::Some
                                on:change=handler(move |_| selection.toggle_all())
                            />
                        </label>
                    </th>
                    <th scope="col">{t.status_word}</th>
                    <th scope="col">{t.tickets_place}</th>
                    <th scope="col">{t.customer}</th>
                    <th scope="col">{t.priority_word}</th>
                    <th scope="col">{t.assignee_word}</th>
                    <th scope="col">{t.tickets.list.waiting}</th>
                    <th scope="col" class="end">{t.tickets.list.updated}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn fits(
    search: Search,
    ticket: Memo<Option<TicketSummary>>,
    agents: Memo<Vec<Agent>>,
    me: Option<UserId>,
) -> bool {
    // The server found it by a text that may not be in the summary.
    let asked = search.query.with(|query| TicketQuery {
        q: None,
        ..query.clone()
    });
    ticket.with(|ticket| {
        ticket
            .as_ref()
            .is_none_or(|ticket| agents.with(|agents| matches(&asked, ticket, me, agents)))
    })
}

fn row(id: TicketId, ticket: Memo<Option<TicketSummary>>, fits: Memo<bool>, selection: Selection) -> AnyView {
    let t = use_text();
    let title = ticket.with_untracked(|ticket| ticket.as_ref().map(|t| t.title.clone()).unwrap_or_default());
    let drafted = keeper(&untrack(|| use_session().who())).is_some_and(|keeper| draft::is_any(&keeper, id));
    let part = move |of: fn(&TicketSummary) -> AnyView| move || ticket.with(|ticket| ticket.as_ref().map(of));
    view! {
        <tr
            data-id=id.to_string()
            data-unread=move || ticket.with(|t| t.as_ref().is_some_and(|t| t.unread > 0)).then_some("")
            data-gone=move || (!fits.get()).then_some("")
            aria-selected=move || selection.has(id).to_string()
        >
            <td class="cell-check">
                <label class="check">
                    <input
                        type="checkbox"
                        aria-label=fill(t.tickets.list.select, &[("title", &title)])
                        prop:checked=move || selection.has(id)
                        on:change=handler(move |_| selection.toggle(id))
                    />
                </label>
            </td>
            <td class="cell-status">{part(|ticket| view! { <StatusMark status=ticket.status/> }.into_any())}</td>
            <td class="cell-title">
                <span class="cell-line">
                    <a class="truncate" id=link_id(id) href=paths::ticket(id)>{title}</a>
                    {part(unread)}
                    {drafted.then(|| view! { <span class="chip chip--warn">{t.tickets.list.draft}</span> })}
                </span>
                <small class="truncate">{part(below_title)}</small>
            </td>
            <td class="cell-customer">
                <span class="truncate">{part(|ticket| ticket.customer_name.clone().into_any())}</span>
            </td>
            <td class="cell-priority">
                {part(|ticket| view! { <PriorityMark priority=ticket.priority/> }.into_any())}
            </td>
            <td class="cell-assignee">{part(assignee)}</td>
            <td class="cell-waiting">{part(waiting)}</td>
            <td class="cell-updated end muted">
                {part(|ticket| view! { <Moment at=ticket.updated_at.clone() style=Style::Long/> }.into_any())}
            </td>
        </tr>
    }
    .into_any()
}

fn unread(ticket: &TicketSummary) -> AnyView {
    let n = i64::from(ticket.unread);
    (n > 0)
        .then(|| view! { <span class="badge" aria-label=use_text().tickets.list.unread.of(n)>{n}</span> })
        .into_any()
}

/// Number and type, and the last words where there are any.
fn below_title(ticket: &TicketSummary) -> AnyView {
    let t = use_text();
    let kind = ticket.kind.as_deref().map(|kind| format!(" · {}", t.kind(kind)));
    let last = ticket.last_message.as_ref().map(|last| {
        let ours = (last.sender_type == SenderType::Admin).then(|| {
            view! { {icon(Icon::Reply)} <span class="sr-only">{t.tickets.list.we_said}</span> }
        });
        view! { " · " {ours} {last.content.clone()} }
    });
    view! { {ticket.ticket_number.clone()} {kind} <span class="wide-only">{last}</span> }.into_any()
}

fn assignee(ticket: &TicketSummary) -> AnyView {
    match &ticket.assignee {
        Some(name) => view! { <Person name=name.clone()/> }.into_any(),
        None => view! { <span class="muted">{use_text().unassigned}</span> }.into_any(),
    }
}

/// How long the customer has been waiting; a long wait stands out.
fn waiting(ticket: &TicketSummary) -> AnyView {
    let t = use_text();
    let clock = use_clock();
    let Some(since) = ticket.waiting_since.clone() else {
        let open = matches!(ticket.status, Status::Pending | Status::Processing);
        return open
            .then(|| view! { <span class="muted">{t.tickets.list.for_customer}</span> })
            .into_any();
    };
    let shown = move || {
        let seconds = clock.since(&since);
        let words = duration(t, seconds);
        match seconds {
            ..LONG => view! { <span class="muted">{words}</span> }.into_any(),
            LONG..LATE => {
                view! { <span class="chip chip--warn">{icon(Icon::Clock)} {words}</span> }.into_any()
            }
            _ => view! { <span class="chip chip--danger">{icon(Icon::Clock)} {words}</span> }.into_any(),
        }
    };
    shown.into_any()
}
