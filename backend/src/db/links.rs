//! The `link_tokens` table: one-time set-up links and guest links, by the hash of a token.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::{TicketId, UserId};

use super::{connection::DbConnection, schema::link_tokens, statements::Locking};

/// A link for choosing a first password.
pub const SET_UP: &str = "setup";
/// A link that opens one ticket without an account.
pub const GUEST: &str = "guest";

/// A link.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = link_tokens, treat_none_as_default_value = false)]
pub struct LinkRow {
    pub token_hash: String,
    pub purpose: String,
    pub user_id: Option<UserId>,
    pub ticket_id: Option<TicketId>,
    pub created_at: NaiveDateTime,
    pub expires_at: NaiveDateTime,
    pub used_at: Option<NaiveDateTime>,
}

pub fn insert(conn: &mut DbConnection, link: &LinkRow) -> QueryResult<usize> {
    diesel::insert_into(link_tokens::table).values(link).execute(conn)
}

/// The link if it may still be used.
pub fn find_valid(
    conn: &mut DbConnection,
    token_hash: &str,
    purpose: &str,
    now: NaiveDateTime,
) -> QueryResult<Option<LinkRow>> {
    link_tokens::table
        .find(token_hash)
        .filter(link_tokens::purpose.eq(purpose))
        .filter(link_tokens::used_at.is_null())
        .filter(link_tokens::expires_at.gt(now))
        .select(LinkRow::as_select())
        .first(conn)
        .optional()
}

/// [`find_valid`], and it stays as it is until the transaction ends. Must be the transaction's first read.
pub fn lock_valid(
    conn: &mut DbConnection,
    token_hash: &str,
    purpose: &str,
    now: NaiveDateTime,
) -> QueryResult<Option<LinkRow>> {
    let found = link_tokens::table
        .find(token_hash)
        .filter(link_tokens::purpose.eq(purpose))
        .filter(link_tokens::used_at.is_null())
        .filter(link_tokens::expires_at.gt(now))
        .select(LinkRow::as_select());
    Locking(found).get_result(conn).optional()
}

/// Uses a one-time link up; of several at once exactly one succeeds.
pub fn use_up(conn: &mut DbConnection, token_hash: &str, now: NaiveDateTime) -> QueryResult<bool> {
    diesel::update(
        link_tokens::table
            .find(token_hash)
            .filter(link_tokens::used_at.is_null()),
    )
    .set(link_tokens::used_at.eq(now))
    .execute(conn)
    .map(|rows| rows == 1)
}

/// Ends all links to a ticket. What has been used up stays: [`count_used_of_ticket`] counts it.
pub fn use_up_of_ticket(conn: &mut DbConnection, ticket: TicketId, now: NaiveDateTime) -> QueryResult<usize> {
    diesel::update(
        link_tokens::table
            .filter(link_tokens::ticket_id.eq(ticket))
            .filter(link_tokens::used_at.is_null()),
    )
    .set(link_tokens::used_at.eq(now))
    .execute(conn)
}

/// How many links to a ticket have ended before their time.
pub fn count_used_of_ticket(conn: &mut DbConnection, ticket: TicketId) -> QueryResult<i64> {
    link_tokens::table
        .filter(link_tokens::ticket_id.eq(ticket))
        .filter(link_tokens::used_at.is_not_null())
        .count()
        .get_result(conn)
}

/// Moves a link's end, so that it lives on while it is used.
pub fn extend(conn: &mut DbConnection, token_hash: &str, until: NaiveDateTime) -> QueryResult<usize> {
    let unused = link_tokens::table
        .find(token_hash)
        .filter(link_tokens::used_at.is_null());
    diesel::update(unused)
        .set(link_tokens::expires_at.eq(until))
        .execute(conn)
}

/// Ends an account's unused links of one purpose.
pub fn delete_of_user(conn: &mut DbConnection, user: UserId, purpose: &str) -> QueryResult<usize> {
    diesel::delete(
        link_tokens::table
            .filter(link_tokens::user_id.eq(user))
            .filter(link_tokens::purpose.eq(purpose)),
    )
    .execute(conn)
}
