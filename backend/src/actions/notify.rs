//! Who is notified of a change. The outbox gets a row in the change's own transaction; notifications, of which mails and
//! the bell are made, become of it later.

use std::collections::HashMap;

use shared::{
    TicketId, UserId,
    messages::SenderType,
    notifications::{MailState, NotificationKind},
};

use super::{Tx, changes::By};
use crate::{
    db::{
        self, messages::MessageRow, notices::Notice, notifications::InsertNotification, outbox::MailRow,
        tickets::TicketRow,
    },
    error::Result,
};

/// So many are spread in one transaction.
const AT_ONCE: i64 = 100;
/// And so many notifications are made of them, unless a single one makes more: others wait for the transaction.
const MADE_AT_ONCE: usize = 1000;
/// Stands for a customer without an account, and among agents for all of them.
const NO_ACCOUNT: UserId = UserId(0);
const ALL: UserId = UserId(0);

/// Who is told of something.
#[derive(Debug, Clone, Copy, Default)]
struct Told {
    customer: Option<UserId>,
    agent: Option<UserId>,
}

/// A ticket came into being: the agents are told.
pub fn created(tx: &mut Tx<'_>, ticket: &TicketRow, by: UserId) {
    let told = Told {
        agent: Some(ALL),
        ..Told::default()
    };
    note(tx, ticket.id, NotificationKind::Created, (0, 0), by, told);
}

/// Something was said: the others on the ticket are told. Of a note nobody is.
pub fn said(tx: &mut Tx<'_>, ticket: &TicketRow, message: &MessageRow) {
    let Some(customer_seq) = message.customer_seq else {
        return;
    };
    let by = message.sender_id;
    let told = match message.sender_type {
        SenderType::Customer => Told {
            customer: None,
            agent: Some(ticket.assignee_id.unwrap_or(ALL)),
        },
        SenderType::Admin => Told {
            customer: Some(customer_of(ticket)),
            agent: ticket.assignee_id,
        },
    };
    let seqs = (message.staff_seq, customer_seq);
    note(tx, ticket.id, NotificationKind::Message, seqs, by, told);
}

/// The ticket moved along the status machine: its customer is told, unless it was himself.
pub fn moved(tx: &mut Tx<'_>, ticket: &TicketRow, message: &MessageRow, by: &By) {
    if by.side == SenderType::Admin {
        let told = Told {
            customer: Some(customer_of(ticket)),
            ..Told::default()
        };
        change(tx, NotificationKind::Status, message, by, told);
    }
}

/// The ticket was given to an agent, or to nobody: the agent is told.
pub fn assigned(tx: &mut Tx<'_>, ticket: &TicketRow, message: &MessageRow, by: &By) {
    let told = Told {
        agent: ticket.assignee_id,
        ..Told::default()
    };
    change(tx, NotificationKind::Assigned, message, by, told);
}

fn customer_of(ticket: &TicketRow) -> UserId {
    ticket.customer_id.unwrap_or(NO_ACCOUNT)
}

fn change(tx: &mut Tx<'_>, kind: NotificationKind, message: &MessageRow, by: &By, told: Told) {
    let seqs = (message.staff_seq, message.customer_seq.unwrap_or_default());
    note(tx, message.ticket_id, kind, seqs, by.id, told);
}

/// Leaves out whoever did it himself. `seqs`: the number of the message in the agents' and the customers' numbering.
fn note(
    tx: &mut Tx<'_>,
    ticket_id: TicketId,
    kind: NotificationKind,
    seqs: (i64, i64),
    by: UserId,
    told: Told,
) {
    let other = |user: &UserId| user.0 == 0 || *user != by;
    let (customer_id, agent_id) = (told.customer.filter(other), told.agent.filter(other));
    if customer_id.is_none() && agent_id.is_none() {
        return;
    }
    let due_at = match kind {
        NotificationKind::Created | NotificationKind::Assigned => tx.now,
        NotificationKind::Message | NotificationKind::Status => tx.now + tx.env.config.mail.hold,
    };
    tx.notify(Notice {
        due_at,
        ticket_id,
        staff_seq: seqs.0,
        customer_seq: seqs.1,
        kind,
        actor_id: by,
        customer_id,
        agent_id,
        created_at: tx.now,
    });
}

/// Is there something that its recipients do not have as their own yet?
pub fn is_spread(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(db::notices::list(tx.conn, 1)?.is_empty())
}

/// Is there something whose mails may go out by now?
pub fn is_any_due(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(db::notices::find_due(tx.conn, tx.now)?.is_some())
}

/// Makes of what people are to be told a notification of each, the oldest first; false if more is left.
///
/// Whoever changes a ticket does not pay for the number of recipients: this is done when somebody looks, and beside
/// everything else once the mails may go out.
pub fn spread(tx: &mut Tx<'_>) -> Result<bool> {
    db::turns::wait(tx.conn, db::turns::OUTBOX)?;
    let notices = db::notices::list(tx.conn, AT_ONCE)?;
    spread_first(tx, &notices)
}

/// The same for those whose mails may go out by now.
pub fn spread_due(tx: &mut Tx<'_>) -> Result<bool> {
    db::turns::wait(tx.conn, db::turns::OUTBOX)?;
    let notices = db::notices::list_due(tx.conn, tx.now, AT_ONCE)?;
    spread_first(tx, &notices)
}

/// The same for one ticket, for whoever has the turn; true if there was something.
pub(super) fn spread_of(tx: &mut Tx<'_>, ticket: TicketId) -> Result<bool> {
    let notices = db::notices::list_of(tx.conn, ticket)?;
    spread_first(tx, &notices)?;
    Ok(!notices.is_empty())
}

/// Spreads as many of them as one transaction should; are they all there were?
fn spread_first(tx: &mut Tx<'_>, notices: &[Notice]) -> Result<bool> {
    if notices.is_empty() {
        return Ok(true);
    }
    let agents = db::users::list_agents(tx.conn)?;
    let mut made = 0;
    let few = notices.iter().position(|notice| {
        let before = made;
        made += told_by(notice, agents.len());
        made > MADE_AT_ONCE && before > 0
    });
    let first = few.and_then(|count| notices.get(..count)).unwrap_or(notices);
    spread_these(tx, first, &agents)?;
    Ok(first.len() < AT_ONCE as usize && first.len() == notices.len())
}

/// How many notifications it becomes at most.
fn told_by(notice: &Notice, agents: usize) -> usize {
    let staff = match notice.agent_id {
        Some(ALL) => agents,
        Some(_) => 1,
        None => 0,
    };
    staff + usize::from(notice.customer_id.is_some())
}

fn spread_these(tx: &mut Tx<'_>, notices: &[Notice], agents: &[UserId]) -> Result<()> {
    let mut taken = Vec::with_capacity(notices.len());
    for notice in notices {
        if db::notices::take(tx.conn, notice)? {
            taken.push(notice);
        }
    }
    let tickets: Vec<TicketId> = taken.iter().map(|notice| notice.ticket_id).collect();
    let marks: HashMap<(TicketId, UserId), i64> = db::reads::list_all(tx.conn, &tickets)?
        .into_iter()
        .map(|mark| ((mark.ticket_id, mark.user_id), mark.seq))
        .collect();
    let mut rows = Vec::with_capacity(taken.len());
    for notice in taken {
        let staff = match &notice.agent_id {
            Some(ALL) => agents,
            Some(agent) => std::slice::from_ref(agent),
            None => &[],
        };
        // Once, even if an agent is the ticket's customer.
        let customer = notice.customer_id.filter(|id| !staff.contains(id));
        let others = staff.iter().filter(|agent| **agent != notice.actor_id);
        let told = others.map(|agent| (*agent, notice.staff_seq));
        // An agent reads in the agents' numbering, his own tickets too.
        let numbered = |id| match agents.contains(&id) {
            true => (id, notice.staff_seq),
            false => (id, notice.customer_seq),
        };
        for (user_id, seq) in told.chain(customer.map(numbered)) {
            let mark = marks.get(&(notice.ticket_id, user_id));
            let seen = mark.is_some_and(|read| *read >= seq);
            rows.push(InsertNotification {
                ticket_id: notice.ticket_id,
                staff_seq: notice.staff_seq,
                user_id,
                actor_id: notice.actor_id,
                seq,
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
