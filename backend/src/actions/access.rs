//! The only door to a ticket: whoever may not see it learns nothing, not even that it exists.

use shared::{ErrorCode, TicketId, UserId, tickets::TicketKey};

use super::Tx;
use crate::{
    db::{self, rooms::RoomRow, tickets::TicketRow},
    domain::actor::Actor,
    error::Result,
};

/// The ticket, for reading.
pub fn find(tx: &mut Tx<'_>, actor: &Actor, key: &TicketKey) -> Result<TicketRow> {
    visible(actor, db::tickets::find(tx.conn, key)?)
}

/// The ticket, for changing: its row stays locked until the transaction ends. Must be the transaction's first read.
pub fn lock(tx: &mut Tx<'_>, actor: &Actor, key: &TicketKey) -> Result<TicketRow> {
    visible(actor, db::tickets::lock(tx.conn, key)?)
}

/// The tickets among these that nobody else holds, locked, each with whether its actor may see it. Must be the
/// transaction's first read.
pub fn lock_free(tx: &mut Tx<'_>, asked: &[(&Actor, TicketId)]) -> Result<Vec<Option<Result<TicketRow>>>> {
    let ids: Vec<TicketId> = asked.iter().map(|(_, id)| *id).collect();
    let mut free = db::tickets::lock_free(tx.conn, &ids)?;
    let take = |(actor, id): &(&Actor, TicketId)| {
        let place = free.iter().position(|ticket| ticket.id == *id)?;
        Some(visible(actor, Some(free.swap_remove(place))))
    };
    Ok(asked.iter().map(take).collect())
}

fn visible(actor: &Actor, ticket: Option<TicketRow>) -> Result<TicketRow> {
    ticket
        .filter(|ticket| may_see(actor, ticket.id, ticket.customer_id))
        .ok_or_else(|| ErrorCode::TicketNotFound.into())
}

/// Somebody who is neither signed in nor a guest is asked to log in, before any ticket is looked at.
pub fn known(actor: &Actor) -> Result<()> {
    match actor {
        Actor::Nobody => Err(ErrorCode::Unauthenticated.into()),
        Actor::Guest(_) | Actor::Account(_) => Ok(()),
    }
}

fn may_see(actor: &Actor, ticket: TicketId, owner: Option<UserId>) -> bool {
    match actor {
        Actor::Nobody => false,
        Actor::Guest(id) => *id == ticket,
        Actor::Account(account) => actor.is_staff() || owner == Some(account.id),
    }
}

/// The rooms of tickets, each for the actor who asks.
pub fn find_rooms(tx: &mut Tx<'_>, asked: &[(Actor, TicketId)]) -> Result<Vec<Result<RoomRow>>> {
    let ids: Vec<TicketId> = asked.iter().map(|(_, id)| *id).collect();
    let rooms = db::rooms::list(tx.conn, &ids)?;
    let find = |(actor, id): &(Actor, TicketId)| {
        known(actor)?;
        rooms
            .iter()
            .find(|room| room.id == *id && may_see(actor, room.id, room.customer_id))
            .cloned()
            .ok_or_else(|| ErrorCode::TicketNotFound.into())
    };
    Ok(asked.iter().map(find).collect())
}

/// The ticket of a file or a frame, named by its id.
pub fn find_by_id(tx: &mut Tx<'_>, actor: &Actor, id: TicketId) -> Result<TicketRow> {
    find(tx, actor, &TicketKey::Id(id))
}
