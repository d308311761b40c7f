//! Who is notified of a change. The rows are written in the change's own transaction; mails and the bell are made of them.

use std::collections::HashMap;

use shared::{
    TicketId, UserId,
    messages::SenderType,
    notifications::{MailState, NotificationKind},
};

use super::{Tx, changes::By};
use crate::{
    db::{
        self, agent_notices::AgentNotice, messages::MessageRow, notifications::InsertNotification,
        outbox::MailRow, tickets::TicketRow,
    },
    error::Result,
};

/// So many are spread in one transaction.
const AT_ONCE: i64 = 100;

/// Something that others are to be notified of.
#[derive(Debug, Clone)]
pub struct Notice {
    ticket: TicketId,
    kind: NotificationKind,
    staff_seq: i64,
    customer_seq: i64,
    /// Who did it: nobody is told what he did himself.
    by: UserId,
    to: Recipients,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Recipients {
    /// Whoever the ticket belongs to, with an account or without.
    Customer(Option<UserId>),
    Agent(UserId),
    /// All agents.
    Agents,
}

/// A ticket came into being: the agents are told.
pub fn created(tx: &mut Tx<'_>, ticket: &TicketRow, by: UserId) {
    tx.notify(Notice {
        ticket: ticket.id,
        kind: NotificationKind::Created,
        staff_seq: 0,
        customer_seq: 0,
        by,
        to: Recipients::Agents,
    });
}

/// Something was said: the others on the ticket are told. Of a note nobody is.
pub fn said(tx: &mut Tx<'_>, ticket: &TicketRow, message: &MessageRow) {
    let Some(customer_seq) = message.customer_seq else {
        return;
    };
    let agents = match (ticket.assignee_id, message.sender_type) {
        (Some(agent), _) => Some(Recipients::Agent(agent)),
        (None, SenderType::Customer) => Some(Recipients::Agents),
        (None, SenderType::Admin) => None,
    };
    let customer = match message.sender_type {
        SenderType::Admin => Some(Recipients::Customer(ticket.customer_id)),
        SenderType::Customer => None,
    };
    for to in agents.into_iter().chain(customer) {
        tx.notify(Notice {
            ticket: ticket.id,
            kind: NotificationKind::Message,
            staff_seq: message.staff_seq,
            customer_seq,
            by: message.sender_id,
            to,
        });
    }
}

/// The ticket moved along the status machine: its customer is told, unless it was himself.
pub fn moved(tx: &mut Tx<'_>, ticket: &TicketRow, message: &MessageRow, by: &By) {
    if by.side == SenderType::Admin {
        change(
            tx,
            NotificationKind::Status,
            message,
            by,
            Recipients::Customer(ticket.customer_id),
        );
    }
}

/// The ticket was given to an agent, or to nobody: the agent is told.
pub fn assigned(tx: &mut Tx<'_>, ticket: &TicketRow, message: &MessageRow, by: &By) {
    if let Some(agent) = ticket.assignee_id {
        change(
            tx,
            NotificationKind::Assigned,
            message,
            by,
            Recipients::Agent(agent),
        );
    }
}

/// Whoever was to hear of a message is not here any more: the agents who were not told yet are.
pub(super) fn instead_of_absent(tx: &mut Tx<'_>, row: &MailRow) -> Result<()> {
    let told = db::notifications::list_told(tx.conn, row.ticket_id, row.staff_seq)?;
    let agents = db::users::list_agents(tx.conn)?.into_iter();
    let rows: Vec<InsertNotification> = agents
        .filter(|agent| *agent != row.actor_id && !told.contains(agent))
        .map(|user_id| InsertNotification {
            ticket_id: row.ticket_id,
            staff_seq: row.staff_seq,
            user_id,
            actor_id: row.actor_id,
            seq: row.staff_seq,
            kind: row.kind,
            created_at: tx.now,
            read_at: None,
            mail: MailState::Waiting,
            mail_due_at: tx.now,
            mail_since: tx.now,
        })
        .collect();
    db::notifications::insert_all(tx.conn, &rows)?;
    Ok(())
}

fn change(tx: &mut Tx<'_>, kind: NotificationKind, message: &MessageRow, by: &By, to: Recipients) {
    tx.notify(Notice {
        ticket: message.ticket_id,
        kind,
        staff_seq: message.staff_seq,
        customer_seq: message.customer_seq.unwrap_or_default(),
        by: by.id,
        to,
    });
}

/// Stores what was noted during a transaction, all at once: a row for each recipient, but one for all agents together.
pub(super) fn store(tx: &mut Tx<'_>, notices: &[Notice]) -> Result<()> {
    let hold = tx.env.config.mail.hold;
    let mut to_one = Vec::new();
    let mut to_agents = Vec::new();
    for notice in notices {
        let due = match notice.kind {
            NotificationKind::Created | NotificationKind::Assigned => tx.now,
            NotificationKind::Message | NotificationKind::Status => tx.now + hold,
        };
        let (user_id, seq) = match notice.to {
            Recipients::Customer(account) => (account.unwrap_or(UserId(0)), notice.customer_seq),
            Recipients::Agent(agent) => (agent, notice.staff_seq),
            Recipients::Agents => {
                to_agents.push(AgentNotice {
                    ticket_id: notice.ticket,
                    staff_seq: notice.staff_seq,
                    actor_id: notice.by,
                    kind: notice.kind,
                    created_at: tx.now,
                    due_at: due,
                });
                continue;
            }
        };
        if user_id.0 == 0 || user_id != notice.by {
            to_one.push(InsertNotification {
                ticket_id: notice.ticket,
                staff_seq: notice.staff_seq,
                user_id,
                actor_id: notice.by,
                seq,
                kind: notice.kind,
                created_at: tx.now,
                read_at: None,
                mail: MailState::Waiting,
                mail_due_at: due,
                mail_since: tx.now,
            });
        }
    }
    db::notifications::insert_all(tx.conn, &to_one)?;
    db::agent_notices::insert_all(tx.conn, &to_agents)?;
    Ok(())
}

/// Is there something that not every agent has as his own yet?
pub fn is_spread(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(db::agent_notices::list(tx.conn, 1)?.is_empty())
}

/// Makes of what all agents are to be told a notification of each, the oldest first; false if more is left.
///
/// Whoever changes a ticket does not pay for the number of agents: this is done when somebody looks, or when the mails
/// are the next to go.
pub fn spread(tx: &mut Tx<'_>) -> Result<bool> {
    let notices = db::agent_notices::list(tx.conn, AT_ONCE)?;
    let all = (notices.len() as i64) < AT_ONCE;
    spread_these(tx, &notices)?;
    Ok(all)
}

/// The same for those whose mails may go out by now.
pub(super) fn spread_due(tx: &mut Tx<'_>) -> Result<()> {
    let notices = db::agent_notices::list_due(tx.conn, tx.now, AT_ONCE)?;
    spread_these(tx, &notices)
}

/// The same for one ticket; true if there was something.
pub(super) fn spread_of(tx: &mut Tx<'_>, ticket: TicketId) -> Result<bool> {
    let notices = db::agent_notices::list_of(tx.conn, ticket)?;
    spread_these(tx, &notices)?;
    Ok(!notices.is_empty())
}

fn spread_these(tx: &mut Tx<'_>, notices: &[AgentNotice]) -> Result<()> {
    let mut taken = Vec::with_capacity(notices.len());
    for notice in notices {
        if db::agent_notices::take(tx.conn, notice)? {
            taken.push(notice);
        }
    }
    if taken.is_empty() {
        return Ok(());
    }
    let agents = db::users::list_agents(tx.conn)?;
    let tickets: Vec<TicketId> = taken.iter().map(|notice| notice.ticket_id).collect();
    let marks: HashMap<(TicketId, UserId), i64> = db::reads::list_all(tx.conn, &tickets)?
        .into_iter()
        .map(|mark| ((mark.ticket_id, mark.user_id), mark.seq))
        .collect();
    let mut rows = Vec::with_capacity(taken.len() * agents.len());
    for notice in taken {
        for agent in agents.iter().filter(|agent| **agent != notice.actor_id) {
            let mark = marks.get(&(notice.ticket_id, *agent));
            let seen = mark.is_some_and(|seq| *seq >= notice.staff_seq);
            rows.push(InsertNotification {
                ticket_id: notice.ticket_id,
                staff_seq: notice.staff_seq,
                user_id: *agent,
                actor_id: notice.actor_id,
                seq: notice.staff_seq,
                kind: notice.kind,
                created_at: notice.created_at,
                read_at: seen.then_some(tx.now),
                mail: MailState::Waiting,
                mail_due_at: notice.due_at,
                mail_since: notice.created_at,
            });
        }
    }
    db::notifications::insert_all(tx.conn, &rows)?;
    Ok(())
}
