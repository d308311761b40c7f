//! Entering a room and catching up: what a connection needs from the database.

use shared::{
    Permission, TicketId,
    live::{Joined, ServerEvent, TicketChange},
    messages::{ChangeKind, Message},
};

use super::{Tx, access, changes::By, reads, wire};
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

/// Somebody who has entered a room.
#[derive(Debug)]
pub struct Entered {
    pub joined: Joined,
    /// What he is called there: a guest as his ticket calls him.
    pub name: String,
    /// The ticket's last number in the agents' numbering.
    pub staff_seq: i64,
}

/// May the actor enter, and where does the ticket stand for him?
pub fn join(tx: &mut Tx<'_>, actor: &Actor, ticket: TicketId) -> Result<Entered> {
    access::known(actor)?;
    let ticket = access::find_by_id(tx, actor, ticket)?;
    let staff = actor.is_staff();
    let joined = Joined {
        message: format!("已加入工单 #{}", ticket.id),
        ticket_id: ticket.id,
        seq: if staff {
            ticket.staff_seq
        } else {
            ticket.customer_seq
        },
        read_seq: reads::read_by_others(tx, &ticket, staff)?,
    };
    Ok(Entered {
        joined,
        name: By::of(actor, &ticket).name,
        staff_seq: ticket.staff_seq,
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
pub(super) fn as_event(message: Message, assignee: Option<shared::UserId>) -> ServerEvent {
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
