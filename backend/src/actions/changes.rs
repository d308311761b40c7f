//! Changes of a locked ticket: number, history row, system message and event, all in one place.

use shared::{
    Priority, Status, UserId,
    live::{ServerEvent, TicketChange, TicketNews},
    messages::{Change, ChangeKind, SenderType},
};

use super::{Tx, notify, wire};
use crate::{
    db::{
        self,
        events::InsertEvent,
        messages::{InsertMessage, MessageRow},
        ticket_changes::{Append, TicketChangeset},
        tickets::TicketRow,
    },
    domain::{
        actor::Actor,
        events::{Audience, Envelope},
    },
    error::{Error, Result},
};

/// Who made a change, as history and messages name him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    pub id: UserId,
    pub name: String,
    pub side: SenderType,
}

impl By {
    /// The actor's name; a guest is called what his ticket calls him.
    pub fn of(actor: &Actor, ticket: &TicketRow) -> Self {
        let name = actor
            .account()
            .map_or_else(|| ticket.customer_name.clone(), |account| account.name.clone());
        Self {
            id: actor.id(),
            name,
            side: actor.side(),
        }
    }

    fn account(&self) -> Option<UserId> {
        (self.id.0 != 0).then_some(self.id)
    }
}

/// Moves the ticket along the status machine.
pub fn set_status(
    tx: &mut Tx<'_>,
    ticket: &mut TicketRow,
    to: Status,
    by: &By,
    resolution: Option<&str>,
) -> Result<()> {
    let from = ticket.status;
    if !from.can_become(to) {
        return Err(Error::transition(from.next()));
    }
    let mut changes = TicketChangeset {
        status: Some(to),
        ..Default::default()
    };
    match to {
        Status::Pending | Status::Processing => {
            changes.resolved_at = Some(None);
            changes.closed_at = Some(None);
            changes.resolution = Some(None);
        }
        Status::Resolved => changes.resolved_at = Some(Some(tx.now)),
        Status::Closed => changes.closed_at = Some(Some(tx.now)),
    }
    let mut text = format!("状态由「{from}」变为「{to}」");
    if let Some(resolution) = resolution {
        changes.resolution = Some(Some(resolution.to_owned()));
        text.push_str(&format!("\n处理结果：{resolution}"));
    }
    let change = Change {
        kind: ChangeKind::Status,
        from: Some(from.to_string()),
        to: Some(to.to_string()),
    };
    record(tx, ticket, by, change, text, changes)
}

/// Sets the priority; the same one again changes nothing.
pub fn set_priority(tx: &mut Tx<'_>, ticket: &mut TicketRow, to: Priority, by: &By) -> Result<()> {
    let from = ticket.priority;
    if from == to {
        return Ok(());
    }
    let changes = TicketChangeset {
        priority: Some(to),
        ..Default::default()
    };
    let change = Change {
        kind: ChangeKind::Priority,
        from: Some(from.to_string()),
        to: Some(to.to_string()),
    };
    record(
        tx,
        ticket,
        by,
        change,
        format!("优先级由「{from}」变为「{to}」"),
        changes,
    )
}

/// Gives the ticket to an agent or to nobody; the same again changes nothing.
pub fn set_assignee(
    tx: &mut Tx<'_>,
    ticket: &mut TicketRow,
    to: Option<(UserId, String)>,
    by: &By,
) -> Result<()> {
    let from = ticket.assignee.clone().filter(|name| !name.is_empty());
    let (to_id, to_name) = to.map_or((None, None), |(id, name)| (Some(id), Some(name)));
    if ticket.assignee_id == to_id && from == to_name {
        return Ok(());
    }
    let text = match (&from, &to_name) {
        (None, Some(to)) => format!("工单指派给 {to}"),
        (Some(from), Some(to)) => format!("工单由 {from} 转给 {to}"),
        (Some(from), None) => format!("取消指派，原处理人 {from}"),
        (None, None) => return Ok(()),
    };
    let changes = TicketChangeset {
        assignee: Some(to_name.clone()),
        assignee_id: Some(to_id),
        ..Default::default()
    };
    let change = Change {
        kind: ChangeKind::Assignee,
        from,
        to: to_name,
    };
    record(tx, ticket, by, change, text, changes)
}

fn record(
    tx: &mut Tx<'_>,
    ticket: &mut TicketRow,
    by: &By,
    change: Change,
    text: String,
    changes: TicketChangeset,
) -> Result<()> {
    let message = append(
        tx,
        ticket,
        Append {
            changes,
            ..Append::default()
        },
        |seq| InsertMessage {
            ticket_id: seq.ticket_id,
            sender_id: by.id,
            sender_name: by.name.clone(),
            sender_type: by.side,
            content: text,
            attachment_url: None,
            is_system: true,
            created_at: seq.now,
            staff_seq: seq.staff,
            customer_seq: seq.customer,
            internal: false,
            client_id: None,
        },
    )?;
    let event = InsertEvent {
        ticket_id: ticket.id,
        message_id: Some(message.id),
        kind: change.kind,
        actor_id: by.account(),
        actor_name: &by.name,
        from_value: change.from.as_deref(),
        to_value: change.to.as_deref(),
        created_at: tx.now,
    };
    db::events::insert(tx.conn, &event)?;
    match change.kind {
        ChangeKind::Status => notify::moved(tx, ticket, &message, by),
        ChangeKind::Assignee => notify::assigned(tx, ticket, &message, by),
        ChangeKind::Created | ChangeKind::Priority => {}
    }
    let told = |seq: i64| {
        let news = TicketChange {
            ticket_id: ticket.id,
            seq,
            from: change.from.clone(),
            to: change.to.clone(),
            by: by.name.clone(),
            assignee_id: ticket.assignee_id.filter(|_| change.kind == ChangeKind::Assignee),
            message: message.to_wire(seq, Vec::new(), Some(change.clone()), tx.env.zone()),
        };
        match change.kind {
            ChangeKind::Status | ChangeKind::Created => ServerEvent::StatusChanged(news),
            ChangeKind::Assignee => ServerEvent::Assigned(news),
            ChangeKind::Priority => ServerEvent::PriorityChanged(news),
        }
    };
    let envelope = Envelope {
        audience: Audience::Room(ticket.id),
        staff: Some(told(message.staff_seq)),
        customer: message.customer_seq.map(told),
    };
    tx.emit(envelope);
    Ok(())
}

/// The numbers that the next message of a ticket gets.
#[derive(Debug, Clone, Copy)]
pub struct Numbered {
    pub ticket_id: shared::TicketId,
    pub staff: i64,
    pub customer: Option<i64>,
    pub now: chrono::NaiveDateTime,
}

/// Takes the next numbers of a locked ticket, applies its changes, and stores the message made for them.
pub fn append(
    tx: &mut Tx<'_>,
    ticket: &mut TicketRow,
    mut append: Append,
    message: impl FnOnce(Numbered) -> InsertMessage,
) -> Result<MessageRow> {
    let numbers = advance(tx, ticket, &mut append);
    db::ticket_changes::append(tx.conn, ticket.id, &append)?;
    let message = message(numbers);
    let id = db::messages::insert(tx.conn, &message)?;
    Ok(message.into_row(id))
}

/// Takes the next numbers of a locked ticket and applies its changes, both in memory only: the ticket is then to be
/// stored, and its message.
pub fn advance(tx: &Tx<'_>, ticket: &mut TicketRow, append: &mut Append) -> Numbered {
    // A note must not show in anything that customers see. MySQL would move the column if it were left out.
    append.changes.updated_at = Some(if append.staff_only {
        ticket.updated_at
    } else {
        tx.now
    });
    // The row has been locked since it was read, so nobody else takes these.
    append.apply(ticket);
    Numbered {
        ticket_id: ticket.id,
        staff: ticket.staff_seq,
        customer: (!append.staff_only).then_some(ticket.customer_seq),
        now: tx.now,
    }
}

/// Tells the lists what a ticket looks like now. Once per action, after its last change.
pub fn tell_lists(tx: &mut Tx<'_>, ticket: &TicketRow, as_event: fn(TicketNews) -> ServerEvent) {
    tell(tx, ticket, as_event, false);
}

/// The same for what customers must not learn of.
pub fn tell_staff_lists(tx: &mut Tx<'_>, ticket: &TicketRow, as_event: fn(TicketNews) -> ServerEvent) {
    tell(tx, ticket, as_event, true);
}

fn tell(tx: &mut Tx<'_>, ticket: &TicketRow, as_event: fn(TicketNews) -> ServerEvent, staff_only: bool) {
    let row = ticket.into();
    let news = |staff| {
        as_event(TicketNews {
            ticket: wire::summary(&row, staff, 0, tx.env.zone()),
        })
    };
    let envelope = Envelope {
        audience: Audience::Lists {
            owner: ticket.customer_id,
        },
        staff: Some(news(true)),
        customer: (!staff_only).then(|| news(false)),
    };
    tx.emit(envelope);
}
