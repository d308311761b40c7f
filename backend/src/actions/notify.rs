//! Who is notified of a change. The rows are written in the change's own transaction; mails and the bell are made of them.

use shared::{
    TicketId, UserId,
    messages::SenderType,
    notifications::{MailState, NotificationKind},
};

use super::{Tx, changes::By};
use crate::{
    db::{
        self, messages::MessageRow, notifications::InsertNotification, outbox::MailRow, tickets::TicketRow,
    },
    error::Result,
};

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

/// Stores what was noted during a transaction, all at once.
pub(super) fn store(tx: &mut Tx<'_>, notices: &[Notice]) -> Result<()> {
    if notices.is_empty() {
        return Ok(());
    }
    let agents = if notices.iter().any(|notice| notice.to == Recipients::Agents) {
        db::users::list_agents(tx.conn)?
    } else {
        Vec::new()
    };
    let hold = tx.env.config.mail.hold;
    let mut rows = Vec::with_capacity(notices.len());
    for notice in notices {
        let (users, seq) = match notice.to {
            Recipients::Customer(account) => (vec![account.unwrap_or(UserId(0))], notice.customer_seq),
            Recipients::Agent(agent) => (vec![agent], notice.staff_seq),
            Recipients::Agents => (agents.clone(), notice.staff_seq),
        };
        let is_author = |user: &UserId| user.0 != 0 && *user == notice.by;
        let due = match notice.kind {
            NotificationKind::Created | NotificationKind::Assigned => tx.now,
            NotificationKind::Message | NotificationKind::Status => tx.now + hold,
        };
        rows.extend(
            users
                .into_iter()
                .filter(|user| !is_author(user))
                .map(|user_id| InsertNotification {
                    ticket_id: notice.ticket,
                    staff_seq: notice.staff_seq,
                    user_id,
                    actor_id: notice.by,
                    seq,
                    kind: notice.kind,
                    created_at: tx.now,
                    mail: MailState::Waiting,
                    mail_due_at: due,
                    mail_since: tx.now,
                }),
        );
    }
    db::notifications::insert_all(tx.conn, &rows)?;
    Ok(())
}
