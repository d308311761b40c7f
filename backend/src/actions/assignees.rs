//! Finding the agent that a request names.

use shared::{ErrorCode, Role, UserId, tickets::AssigneeRef};

use super::Tx;
use crate::{db, error::Result};

/// The active agent of that name, user name or id: unknown is 422, ambiguous 409.
pub fn find(tx: &mut Tx<'_>, named: &AssigneeRef) -> Result<(UserId, String)> {
    let by_id = |tx: &mut Tx<'_>, id| -> Result<_> {
        Ok(db::users::find(tx.conn, id)?.filter(|user| user.role == Role::Admin && user.is_active))
    };
    let found = match named {
        AssigneeRef::Id(id) => by_id(tx, *id)?.into_iter().collect(),
        AssigneeRef::Name(name) => {
            let agents = db::users::find_agents(tx.conn, name.trim())?;
            match name.trim().parse() {
                Ok(id) if agents.is_empty() => by_id(tx, id)?.into_iter().collect(),
                Ok(_) | Err(_) => agents,
            }
        }
    };
    match found.as_slice() {
        [agent] => Ok((agent.id, agent.display_name().to_owned())),
        [] => Err(ErrorCode::UnknownAssignee.into()),
        [..] => Err(ErrorCode::AmbiguousAssignee.into()),
    }
}
