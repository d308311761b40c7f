//! The `sessions` table: who is logged in, by the hash of a token.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::{TicketId, UserId};

use super::{
    connection::DbConnection,
    schema::{sessions, users},
    users::UserRow,
};

/// A session: an account's, or a guest's of one ticket.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
pub struct SessionRow {
    pub token_hash: String,
    pub user_id: Option<UserId>,
    pub ticket_id: Option<TicketId>,
    pub created_at: NaiveDateTime,
    pub last_seen_at: NaiveDateTime,
    pub expires_at: NaiveDateTime,
    pub user_agent: String,
}

/// The session and, for an account's, the account.
pub fn find(conn: &mut DbConnection, token_hash: &str) -> QueryResult<Option<(SessionRow, Option<UserRow>)>> {
    let session: Option<SessionRow> = sessions::table
        .find(token_hash)
        .select(SessionRow::as_select())
        .first(conn)
        .optional()?;
    let Some(session) = session else { return Ok(None) };
    let user = match session.user_id {
        Some(id) => users::table
            .find(id)
            .select(UserRow::as_select())
            .first(conn)
            .optional()?,
        None => None,
    };
    Ok(Some((session, user)))
}

pub fn insert(conn: &mut DbConnection, session: &SessionRow) -> QueryResult<usize> {
    diesel::insert_into(sessions::table).values(session).execute(conn)
}

/// Notes that the session is in use.
pub fn touch(conn: &mut DbConnection, token_hash: &str, now: NaiveDateTime) -> QueryResult<usize> {
    diesel::update(sessions::table.find(token_hash))
        .set(sessions::last_seen_at.eq(now))
        .execute(conn)
}

pub fn delete(conn: &mut DbConnection, token_hash: &str) -> QueryResult<usize> {
    diesel::delete(sessions::table.find(token_hash)).execute(conn)
}

/// Ends an account's sessions, all but one if that is given.
pub fn delete_of_user(conn: &mut DbConnection, user: UserId, keep: Option<&str>) -> QueryResult<usize> {
    diesel::delete(
        sessions::table
            .filter(sessions::user_id.eq(user))
            .filter(sessions::token_hash.ne(keep.unwrap_or_default())),
    )
    .execute(conn)
}

/// The guests' sessions of a ticket, by the hash of their tokens.
pub fn list_of_guests(conn: &mut DbConnection, ticket: TicketId) -> QueryResult<Vec<String>> {
    sessions::table
        .filter(sessions::user_id.is_null())
        .filter(sessions::ticket_id.eq(ticket))
        .select(sessions::token_hash)
        .load(conn)
}

pub fn delete_expired(conn: &mut DbConnection, now: NaiveDateTime) -> QueryResult<usize> {
    diesel::delete(sessions::table.filter(sessions::expires_at.lt(now))).execute(conn)
}
