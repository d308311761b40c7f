//! What an event does to a page of the list: its row changes in place, what would change the order waits. Pure.

use shared::{
    TicketId,
    live::ServerEvent,
    tickets::{Choice, Sort, TicketPage, TicketQuery, TicketSummary},
    view::Applied,
};

/// What came of it.
pub(super) struct Folded {
    pub(super) changed: bool,
    /// The ticket that would stand elsewhere now, or come in.
    pub(super) waits: Option<TicketId>,
}

/// Folds an event in; `fits` tells whether a ticket belongs to the list. What the page knows already does nothing.
pub(super) fn fold(
    page: &mut TicketPage,
    event: &ServerEvent,
    query: &TicketQuery,
    fits: impl FnOnce(&TicketSummary) -> bool,
) -> Folded {
    let changed = page.apply(event) == Applied::Changed;
    let (ServerEvent::TicketCreated(news) | ServerEvent::TicketUpdated(news)) = event else {
        return Folded { changed, waits: None };
    };
    let ticket = &news.ticket;
    let waits = match page.tickets.iter().position(|known| known.id == ticket.id) {
        Some(at) => changed && at > 0 && query.sort == Choice::Is(Sort::Updated),
        None => query.page.unwrap_or(1) <= 1 && fits(ticket),
    };
    Folded {
        changed,
        waits: waits.then_some(ticket.id),
    }
}

#[cfg(test)]
mod tests {
    use shared::{
        LocalTime, Priority, Status,
        live::{TicketNews, UnreadNews},
    };

    use super::*;

    fn ticket(id: i32, version: i64) -> TicketSummary {
        let at = LocalTime("2026-11-23 09:12:00".into());
        TicketSummary {
            id: TicketId(id),
            ticket_number: format!("TK20261123000{id}"),
            title: format!("第 {version} 版"),
            status: Status::Pending,
            priority: Priority::Medium,
            kind: None,
            customer_name: "林晓雯".into(),
            assignee: None,
            assignee_id: None,
            created_at: at.clone(),
            updated_at: at,
            unread: 1,
            received: 1,
            last_message: None,
            waiting_since: None,
            version,
        }
    }

    /// A page of two tickets, the second in this version.
    fn page(version: i64) -> TicketPage {
        TicketPage {
            tickets: vec![ticket(1, 1), ticket(2, version)],
            total: 2,
            page: 1,
            per_page: 20,
        }
    }

    fn updated(id: i32, version: i64) -> ServerEvent {
        ServerEvent::TicketUpdated(TicketNews {
            ticket: ticket(id, version),
        })
    }

    fn by_update() -> TicketQuery {
        TicketQuery {
            sort: Choice::Is(Sort::Updated),
            ..TicketQuery::default()
        }
    }

    #[test]
    fn only_what_is_newer_changes_a_row() {
        for query in [TicketQuery::default(), by_update()] {
            for known in [5, 6] {
                let mut page = page(known);
                let folded = fold(&mut page, &updated(2, 5), &query, |_| true);
                assert_eq!((folded.changed, folded.waits), (false, None));
                assert_eq!(page, self::page(known));
            }
        }
        let mut page = page(4);
        let folded = fold(&mut page, &updated(2, 5), &by_update(), |_| true);
        assert_eq!((folded.changed, folded.waits), (true, Some(TicketId(2))));
        assert_eq!(page.tickets, [ticket(1, 1), ticket(2, 5)]);
    }

    #[test]
    fn a_row_waits_only_where_it_would_move() {
        let folded = |id, query: &TicketQuery| fold(&mut page(1), &updated(id, 2), query, |_| true);
        assert_eq!(folded(2, &TicketQuery::default()).waits, None);
        assert_eq!(folded(2, &by_update()).waits, Some(TicketId(2)));
        assert_eq!(folded(1, &by_update()).waits, None);
    }

    #[test]
    fn a_new_ticket_waits_if_it_belongs_to_the_list() {
        let created = ServerEvent::TicketCreated(TicketNews { ticket: ticket(3, 1) });
        let second = TicketQuery {
            page: Some(2),
            ..TicketQuery::default()
        };
        for (query, fits, waits) in [
            (TicketQuery::default(), true, Some(TicketId(3))),
            (TicketQuery::default(), false, None),
            (second, true, None),
        ] {
            let mut page = page(1);
            let folded = fold(&mut page, &created, &query, |_| fits);
            assert_eq!((folded.changed, folded.waits), (false, waits));
            assert_eq!(page, self::page(1));
        }
    }

    #[test]
    fn what_was_read_elsewhere_moves_nothing() {
        let read = ServerEvent::Unread(UnreadNews {
            ticket_id: TicketId(2),
            unread: 0,
            received: 1,
        });
        let folded = fold(&mut page(1), &read, &by_update(), |_| true);
        assert_eq!((folded.changed, folded.waits), (true, None));
    }
}
