//! One action on many tickets; each ticket is its own transaction, so that a bad one never spoils the rest.

use shared::{
    Permission, TicketId,
    check::limit,
    error::FieldError,
    tickets::{Assignment, Batch, BatchAction, Closing, StatusChange, TicketKey},
};

use super::{Tx, tickets};
use crate::{
    domain::actor::Actor,
    error::{Error, Result},
};

/// Checks a batch as a whole and says which tickets it means, each once, in the order asked.
pub fn plan(actor: &Actor, batch: &Batch) -> Result<Vec<TicketId>> {
    actor.with(Permission::ManageTickets)?;
    if batch.ids.is_empty() {
        return Err(Error::field("ids", FieldError::Required));
    }
    if batch.ids.len() > limit::BATCH {
        return Err(Error::field("ids", FieldError::TooLong { max: limit::BATCH }));
    }
    if let BatchAction::Close { resolution } = &batch.action
        && resolution.trim().is_empty()
    {
        return Err(Error::field("resolution", FieldError::Required));
    }
    let mut seen = std::collections::HashSet::new();
    Ok(batch.ids.iter().copied().filter(|id| seen.insert(*id)).collect())
}

/// The batch's action on one ticket.
pub fn apply(tx: &mut Tx<'_>, actor: &Actor, id: TicketId, action: &BatchAction) -> Result<()> {
    let key = TicketKey::Id(id);
    match action {
        BatchAction::Status { status } => {
            let change = StatusChange {
                status: Some(*status),
                resolution: None,
            };
            tickets::set_status(tx, actor, &key, &change)
        }
        BatchAction::Assign { assignee } => tickets::assign(
            tx,
            actor,
            &key,
            &Assignment {
                assignee: Some(assignee.clone()),
            },
        ),
        BatchAction::Close { resolution } => tickets::close(
            tx,
            actor,
            &key,
            &Closing {
                resolution: Some(resolution.clone()),
            },
        ),
        BatchAction::Priority { priority } => tickets::set_priority(tx, actor, &key, *priority),
    }
    .map(drop)
}
