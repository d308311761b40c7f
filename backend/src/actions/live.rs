//! Entering a room and catching up: what a connection needs from the database.

use std::collections::HashMap;

use shared::{
    Permission, TicketId,
    live::{Joined, ServerEvent, TicketChange},
    messages::{ChangeKind, Message},
};

use super::{Tx, access, reads, wire};
use crate::{
    db::{self, messages::Part, rooms::RoomRow},
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

/// May each of the actors enter, and where does the ticket stand for him?
pub fn join_all(tx: &mut Tx<'_>, asked: &[(Actor, TicketId)]) -> Result<Vec<Result<Entered>>> {
    let rooms = access::find_rooms(tx, asked)?;
    // Where nothing was said there is nothing to have read.
    let spoken = rooms.iter().zip(asked).filter_map(|(room, (actor, _))| {
        let room = room.as_ref().ok().filter(|room| room.staff_seq > 0)?;
        Some((room.id, actor.is_staff()))
    });
    let read = reads::read_by_others(tx, &spoken.collect())?;
    let ids: Vec<TicketId> = rooms
        .iter()
        .filter_map(|room| Some(room.as_ref().ok()?.id))
        .collect();
    let files: HashMap<TicketId, i64> = db::attachments::count_of_tickets(tx.conn, &ids)?
        .into_iter()
        .collect();
    let enter = |(room, (actor, _)): (Result<RoomRow>, &(Actor, TicketId))| {
        let room = room?;
        let staff = actor.is_staff();
        let joined = Joined {
            message: format!("已加入工单 #{}", room.id),
            ticket_id: room.id,
            seq: if staff { room.staff_seq } else { room.customer_seq },
            read_seq: read.get(&(room.id, staff)).copied().unwrap_or(0),
            attachment_count: files.get(&room.id).copied().unwrap_or(0),
        };
        Ok(Entered {
            joined,
            name: actor
                .account()
                .map_or(room.customer_name, |account| account.name.clone()),
            staff_seq: room.staff_seq,
        })
    };
    Ok(rooms.into_iter().zip(asked).map(enter).collect())
}

/// The room's durable events after `since`, in the actor's numbering.
pub fn replay(tx: &mut Tx<'_>, actor: &Actor, ticket: TicketId, since: i64) -> Result<Replay> {
    let staff = actor.may(Permission::SeeAllTickets);
    // The ticket after its messages: it is then no older than they are.
    let rows = db::messages::list(tx.conn, ticket, staff, Part::After(since), STEP)?;
    let ticket = access::find_by_id(tx, actor, ticket)?;
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
