//! Does a ticket belong to a list? Asked for live news, which come without knowing any filter. Pure.

use shared::{
    UserId,
    tickets::{AssigneeFilter, Choice, TicketQuery, TicketSummary},
};

use crate::features::tickets::agents::Agent;

/// As far as a summary can tell: what only the server can search does not match.
pub(super) fn matches(
    query: &TicketQuery,
    ticket: &TicketSummary,
    me: Option<UserId>,
    agents: &[Agent],
) -> bool {
    let status = query.status.value().is_none_or(|status| status == ticket.status);
    let priority = query
        .priority
        .value()
        .is_none_or(|priority| priority == ticket.priority);
    let kind = match &query.kind {
        Choice::Any => true,
        Choice::Is(kind) => ticket.kind.as_ref() == Some(kind),
    };
    let assignee = match &query.assignee {
        AssigneeFilter::Any => true,
        AssigneeFilter::Nobody => ticket.assignee.is_none(),
        AssigneeFilter::Me => ticket.assignee_id.is_some() && ticket.assignee_id == me,
        AssigneeFilter::Named(name) => is_named(ticket, name, agents),
    };
    let day = ticket.created_at.date();
    let from = query
        .from
        .as_deref()
        .is_none_or(|from| day >= from.get(..10).unwrap_or(from));
    let to = query
        .to
        .as_deref()
        .is_none_or(|to| day <= to.get(..10).unwrap_or(to));
    let text = query.q.as_deref().is_none_or(|q| mentions(ticket, q.trim()));
    status && priority && kind && assignee && from && to && text
}

fn is_named(ticket: &TicketSummary, name: &str, agents: &[Agent]) -> bool {
    let by_id = name
        .parse()
        .is_ok_and(|id| ticket.assignee_id == Some(UserId(id)));
    let known = agents.iter().find(|agent| agent.name == name);
    by_id
        || known.is_some_and(|agent| ticket.assignee_id == Some(agent.id))
        || ticket.assignee.as_deref() == Some(name)
}

fn mentions(ticket: &TicketSummary, q: &str) -> bool {
    let q = q.to_lowercase();
    let last = ticket
        .last_message
        .as_ref()
        .map_or("", |last| last.content.as_str());
    [
        ticket.ticket_number.as_str(),
        &ticket.title,
        &ticket.customer_name,
        last,
    ]
    .iter()
    .any(|text| text.to_lowercase().contains(&q))
}

#[cfg(test)]
mod tests {
    use shared::{LocalTime, Priority, Status, TicketId};

    use super::*;

    fn ticket() -> TicketSummary {
        let at = LocalTime("2026-11-23 09:12:00".into());
        TicketSummary {
            id: TicketId(1),
            ticket_number: "TK202611230001".into(),
            title: "导出 PDF 失败".into(),
            status: Status::Pending,
            priority: Priority::High,
            kind: Some("技术支持".into()),
            customer_name: "林晓雯".into(),
            assignee: None,
            assignee_id: None,
            created_at: at.clone(),
            updated_at: at,
            unread: 0,
            received: 0,
            last_message: None,
            waiting_since: None,
            version: 1,
        }
    }

    #[test]
    fn every_filter_counts() {
        let fits = |query: TicketQuery| matches(&query, &ticket(), Some(UserId(7)), &[]);
        let any = TicketQuery::default;
        assert!(fits(any()));
        assert!(fits(TicketQuery {
            status: Choice::Is(Status::Pending),
            ..any()
        }));
        assert!(!fits(TicketQuery {
            status: Choice::Is(Status::Closed),
            ..any()
        }));
        assert!(!fits(TicketQuery {
            kind: Choice::Is("售后服务".into()),
            ..any()
        }));
        assert!(fits(TicketQuery {
            assignee: AssigneeFilter::Nobody,
            ..any()
        }));
        assert!(!fits(TicketQuery {
            assignee: AssigneeFilter::Me,
            ..any()
        }));
        assert!(fits(TicketQuery {
            from: Some("2026-11-23".into()),
            to: Some("2026-11-23".into()),
            ..any()
        }));
        assert!(!fits(TicketQuery {
            from: Some("2026-11-24".into()),
            ..any()
        }));
        assert!(fits(TicketQuery {
            q: Some("pdf".into()),
            ..any()
        }));
        assert!(!fits(TicketQuery {
            q: Some("发票".into()),
            ..any()
        }));
    }

    #[test]
    fn an_agent_is_found_by_name_or_id() {
        let mine = TicketSummary {
            assignee: Some("陈默".into()),
            assignee_id: Some(UserId(7)),
            ..ticket()
        };
        let agents = [Agent {
            id: UserId(7),
            name: "陈默".into(),
            me: true,
        }];
        for name in ["陈默", "7"] {
            let query = TicketQuery {
                assignee: AssigneeFilter::Named(name.into()),
                ..TicketQuery::default()
            };
            assert!(matches(&query, &mine, Some(UserId(7)), &agents), "{name}");
        }
    }
}
