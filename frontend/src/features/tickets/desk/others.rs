//! What else this customer has asked.

use leptos::prelude::*;
use shared::{
    TicketId,
    tickets::{Choice, ListTickets, Sort, TicketQuery, TicketSummary},
};

use super::{actions::Desk, panel::Section};
use crate::{
    components::{
        mark::{MarkLook, StatusMark},
        time::Moment,
    },
    fetch::load,
    paths,
    query::href,
    reactive::{dynamic, memo},
    text::use_text,
};

/// How many other tickets of the customer are shown.
const OTHERS: u32 = 6;

/// What else this customer has asked, found by the e-mail address.
#[component]
pub(super) fn Others(desk: Desk) -> impl IntoView {
    let t = use_text();
    let email = desk.conversation.part(|ticket| ticket.customer_email.clone());
    let own = desk.conversation.id;
    let query = move || TicketQuery {
        q: Some(email.get()).filter(|email| !email.is_empty()),
        sort: Choice::Is(Sort::Newest),
        ..TicketQuery::default()
    };
    let loaded = load(ListTickets, move || {
        (
            (),
            TicketQuery {
                per_page: Some(OTHERS),
                ..query()
            },
        )
    });
    let others = memo(move || {
        loaded.data().with(|page| {
            let all = page.as_ref().map_or(&[][..], |page| &page.tickets);
            all.iter()
                .filter(|ticket| ticket.id != own)
                .cloned()
                .collect::<Vec<_>>()
        })
    });
    let total = move || {
        loaded
            .data()
            .with(|page| page.as_ref().map_or(0, |page| page.total))
    };
    dynamic(move || {
        let tickets = others.get();
        if tickets.is_empty() {
            return ().into_any();
        }
        let shown = tickets
            .into_iter()
            .map(other)
            .map(IntoAny::into_any)
            .collect::<Vec<_>>();
        let all = (untrack(total) > i64::from(OTHERS)).then(|| {
            view! { <a href=href(paths::ADMIN_TICKETS, &untrack(query))><span class="muted">{t.tickets.desk.all_of_customer}</span></a> }
        });
        view! {
            <Section title=t.tickets.desk.other_tickets>
                <div class="mini">{shown} {all}</div>
            </Section>
        }
        .into_any()
    })
}

fn other(ticket: TicketSummary) -> impl IntoView {
    let TicketSummary {
        id,
        status,
        title,
        created_at,
        ..
    } = ticket;
    view! {
        <a href=paths::ticket(TicketId(id.0))>
            <StatusMark status=status look=MarkLook::Mark/>
            <span class="truncate">{title}</span>
            <Moment at=created_at/>
        </a>
    }
}
