//! Sessions: making, finding and ending them; guest links and set-up links.

use chrono::{NaiveDateTime, TimeDelta};
use shared::{ErrorCode, Permission, Role, Secret, TicketId, UserId, tickets::TicketKey};

use super::{Tx, access, tickets::GUEST_LINK_DAYS};
use crate::{
    db::{
        self,
        links::{self, LinkRow},
        sessions::SessionRow,
        users::{UserChangeset, UserRow},
    },
    domain::{
        actor::{Account, Actor},
        tokens,
    },
    error::Result,
};

/// A use is noted at most this often.
const TOUCH_SECONDS: i64 = 60;

/// How long it is kept that a session ended.
const TOLD: TimeDelta = TimeDelta::hours(1);

/// How long a session lives.
#[derive(Debug, Clone, Copy)]
struct Lifetime {
    idle: TimeDelta,
    absolute: TimeDelta,
}

fn lifetime(role: Option<Role>) -> Lifetime {
    match role {
        Some(Role::Admin) => Lifetime {
            idle: TimeDelta::hours(2),
            absolute: TimeDelta::hours(24),
        },
        Some(Role::Customer) => Lifetime {
            idle: TimeDelta::days(7),
            absolute: TimeDelta::days(30),
        },
        None => Lifetime {
            idle: TimeDelta::hours(24),
            absolute: TimeDelta::hours(24),
        },
    }
}

/// A session to be handed to the client.
#[derive(Debug)]
pub struct NewSession {
    pub token: Secret,
    /// Seconds until its absolute end.
    pub max_age: i64,
}

/// Opens a session for an account.
pub fn open(tx: &mut Tx<'_>, user: &UserRow, user_agent: &str) -> Result<NewSession> {
    insert(tx, Some(user), None, user_agent)
}

/// Opens a guest's session for one ticket.
pub fn open_guest(tx: &mut Tx<'_>, ticket: TicketId, user_agent: &str) -> Result<NewSession> {
    insert(tx, None, Some(ticket), user_agent)
}

fn insert(
    tx: &mut Tx<'_>,
    user: Option<&UserRow>,
    ticket_id: Option<TicketId>,
    user_agent: &str,
) -> Result<NewSession> {
    let token = tx.env.chance.token();
    let absolute = lifetime(user.map(|user| user.role)).absolute;
    let row = SessionRow {
        token_hash: tokens::hash(token.expose()),
        user_id: user.map(|user| user.id),
        ticket_id,
        created_at: tx.now,
        last_seen_at: tx.now,
        expires_at: tx.now + absolute,
        user_agent: user_agent.chars().filter(|c| !c.is_control()).take(255).collect(),
    };
    db::sessions::insert(tx.conn, &row)?;
    Ok(NewSession {
        token,
        max_age: absolute.num_seconds(),
    })
}

/// Whom a session stands for.
#[derive(Debug, Clone)]
pub struct Known {
    pub actor: Actor,
    /// Its use should be noted.
    pub touch: bool,
}

/// Whom the token's hash stands for now; nobody if it ran out, was ended, or its account was deactivated.
pub fn identify(tx: &mut Tx<'_>, token_hash: &str) -> Result<Known> {
    let nobody = Known {
        actor: Actor::Nobody,
        touch: false,
    };
    let Some((session, user)) = db::sessions::find(tx.conn, token_hash)? else {
        return Ok(nobody);
    };
    let idle = lifetime(user.as_ref().map(|user| user.role)).idle;
    if session.expires_at <= tx.now || session.last_seen_at + idle <= tx.now {
        return Ok(nobody);
    }
    let actor = match (user, session.user_id, session.ticket_id) {
        (Some(user), _, _) if user.is_active => Actor::Account(Account {
            id: user.id,
            name: user.display_name().to_owned(),
            username: user.username,
            role: user.role,
            must_change_password: user.must_change_password,
            session: session.token_hash,
        }),
        (None, None, Some(ticket)) => Actor::Guest(ticket),
        (_, _, _) => return Ok(nobody),
    };
    let touch = (tx.now - session.last_seen_at).num_seconds() >= TOUCH_SECONDS;
    Ok(Known { actor, touch })
}

/// Opens a ticket by its guest link, and lets the link live on. An account stays what it is: it must not go on as the
/// ticket's customer once its own session ends.
pub fn open_guest_link(
    tx: &mut Tx<'_>,
    actor: &Actor,
    token: &Secret,
    user_agent: &str,
) -> Result<(TicketId, Option<NewSession>)> {
    let hash = tokens::hash(token.expose());
    let link = links::lock_valid(tx.conn, &hash, links::GUEST, tx.now)?.ok_or(ErrorCode::LinkInvalid)?;
    let ticket = link.ticket_id.ok_or(ErrorCode::LinkInvalid)?;
    links::extend(tx.conn, &hash, tx.now + TimeDelta::days(GUEST_LINK_DAYS))?;
    let session = match actor {
        Actor::Account(_) => None,
        Actor::Nobody | Actor::Guest(_) => Some(open_guest(tx, ticket, user_agent)?),
    };
    Ok((ticket, session))
}

/// Ends every guest link to a ticket and lets nobody stay in who came by one. The next mail to its customer brings a
/// new link.
pub fn revoke_guests(tx: &mut Tx<'_>, actor: &Actor, key: &TicketKey) -> Result<()> {
    actor.with(Permission::ManageTickets)?;
    let ticket = access::lock(tx, actor, key)?;
    // Who is coming in by one is waited for here, and so is among the sessions.
    links::use_up_of_ticket(tx.conn, ticket.id, tx.now)?;
    // One by one, by their keys: without an index MySQL would lock the sessions of everybody.
    for session in db::sessions::list_of_guests(tx.conn, ticket.id)? {
        db::sessions::delete(tx.conn, &session)?;
    }
    tx.revoke(None)
}

/// Makes the one-time link that chooses an account's first password; earlier ones end.
pub fn new_set_up_link(tx: &mut Tx<'_>, user: UserId) -> Result<Secret> {
    links::delete_of_user(tx.conn, user, links::SET_UP)?;
    let token = tx.env.chance.token();
    let link = LinkRow {
        token_hash: tokens::hash(token.expose()),
        purpose: links::SET_UP.into(),
        user_id: Some(user),
        ticket_id: None,
        created_at: tx.now,
        expires_at: tx.now + TimeDelta::hours(24),
        used_at: None,
    };
    links::insert(tx.conn, &link)?;
    Ok(token)
}

/// Is the set-up link still good? Asked before the new password is hashed.
pub fn check_set_up_link(tx: &mut Tx<'_>, token: &Secret) -> Result<()> {
    links::find_valid(tx.conn, &tokens::hash(token.expose()), links::SET_UP, tx.now)?
        .map(drop)
        .ok_or_else(|| ErrorCode::LinkInvalid.into())
}

/// Uses a set-up link up: sets the password and ends the account's sessions.
pub fn set_up(tx: &mut Tx<'_>, token: &Secret, password_hash: &str) -> Result<()> {
    let hash = tokens::hash(token.expose());
    let link = links::find_valid(tx.conn, &hash, links::SET_UP, tx.now)?.ok_or(ErrorCode::LinkInvalid)?;
    let user = link.user_id.ok_or(ErrorCode::LinkInvalid)?;
    if !links::use_up(tx.conn, &hash, tx.now)? {
        return Err(ErrorCode::LinkInvalid.into());
    }
    set_password(tx, user, password_hash, None)
}

/// Sets an account's own choice of password and ends its other sessions.
pub fn set_password(tx: &mut Tx<'_>, user: UserId, password_hash: &str, keep: Option<&str>) -> Result<()> {
    let changes = UserChangeset {
        password: Some(password_hash.to_owned()),
        password_scheme: Some(super::accounts::ARGON2ID.to_owned()),
        must_change_password: Some(false),
        ..Default::default()
    };
    db::users::update(tx.conn, user, &changes)?;
    db::sessions::delete_of_user(tx.conn, user, keep)?;
    tx.revoke(Some(user))
}

/// Notes that a session is in use.
pub fn touch(tx: &mut Tx<'_>, token_hash: &str, now: NaiveDateTime) -> Result<()> {
    db::sessions::touch(tx.conn, token_hash, now)?;
    Ok(())
}

/// Removes sessions that have run out, and what every server has long heard of.
pub fn sweep(tx: &mut Tx<'_>) -> Result<usize> {
    db::revocations::delete_before(tx.conn, tx.now - TOLD)?;
    Ok(db::sessions::delete_expired(tx.conn, tx.now)?)
}

/// Whose sessions ended or changed since then, each under a number of its own.
pub fn revoked(tx: &mut Tx<'_>, since: NaiveDateTime) -> Result<Vec<(i32, Option<UserId>)>> {
    Ok(db::revocations::list_since(tx.conn, since)?)
}

/// Ends a session.
pub fn close(tx: &mut Tx<'_>, token_hash: &str) -> Result<()> {
    let Some((session, _)) = db::sessions::find(tx.conn, token_hash)? else {
        return Ok(());
    };
    db::sessions::delete(tx.conn, token_hash)?;
    tx.revoke(session.user_id)
}
