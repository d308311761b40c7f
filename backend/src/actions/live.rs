//! Entering a room and catching up: what a connection needs from the database.

use shared::{
    Permission, TicketId,
    live::{Joined, ServerEvent, TicketChange},
    messages::{ChangeKind, Message},
};

use super::{Tx, access, wire};
use crate::{
    db::{self, messages::Part},
    domain::actor::Actor,
    error::Result,
};

/// How many events one step of catching up reads.
const STEP: i64 = 500;

/// What happened in a room after a number, in order; `more` says whether this is not yet all.
#[derive(Debug)]
pub struct Replay {
    pub events: Vec<ServerEvent>,
    pub more: bool,
}

/// May the actor enter, and where does the ticket stand for him?
pub fn join(tx: &mut Tx<'_>, actor: &Actor, ticket: TicketId) -> Result<Joined> {
    access::known(actor)?;
    let ticket = access::find_by_id(tx, actor, ticket)?;
    let seq = if actor.is_staff() {
        ticket.staff_seq
    } else {
        ticket.customer_seq
    };
    Ok(Joined {
        message: format!("已加入工单 #{}", ticket.id),
        ticket_id: ticket.id,
        seq,
    })
}

/// The room's durable events after `since`, in the actor's numbering.
pub fn replay(tx: &mut Tx<'_>, actor: &Actor, ticket: TicketId, since: i64) -> Result<Replay> {
    let ticket = access::find_by_id(tx, actor, ticket)?;
    let staff = actor.may(Permission::SeeAllTickets);
    let rows = db::messages::list(tx.conn, ticket.id, staff, Part::After(since), STEP)?;
    let more = rows.len() as i64 == STEP;
    let messages = wire::messages(tx, &rows, staff)?;
    let assignee = ticket.assignee_id;
    let events = messages
        .into_iter()
        .map(|message| as_event(message, assignee))
        .collect();
    Ok(Replay { events, more })
}

/// The event that a stored message once was.
fn as_event(message: Message, assignee: Option<shared::UserId>) -> ServerEvent {
    let Some(change) = message.change.clone() else {
        return ServerEvent::NewMessage(message);
    };
    let news = TicketChange {
        ticket_id: message.ticket_id,
        seq: message.seq,
        from: change.from,
        to: change.to.clone(),
        by: message.sender_name.clone(),
        // Only the latest assignment's id is known; an earlier one is overtaken by it in the same replay.
        assignee_id: assignee.filter(|_| change.kind == ChangeKind::Assignee && change.to.is_some()),
        message,
    };
    match change.kind {
        ChangeKind::Status | ChangeKind::Created => ServerEvent::StatusChanged(news),
        ChangeKind::Assignee => ServerEvent::Assigned(news),
        ChangeKind::Priority => ServerEvent::PriorityChanged(news),
    }
}
