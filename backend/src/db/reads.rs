//! The `ticket_reads` table: how far each account has read each ticket, and under 0 its guest.

use chrono::NaiveDateTime;
use diesel::{dsl::max, prelude::*};
use shared::{Role, TicketId, UserId};

use super::{
    connection::DbConnection,
    schema::{ticket_reads, users},
    statements::{Kept, padded},
};

/// How far an account has read a ticket.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = ticket_reads, treat_none_as_default_value = false)]
pub struct ReadRow {
    pub ticket_id: TicketId,
    pub user_id: UserId,
    pub seq: i64,
    /// How many messages of the other side there were up to `seq`.
    pub seen_messages: i32,
    pub updated_at: NaiveDateTime,
}

/// An account's marks on these tickets.
pub fn list(conn: &mut DbConnection, user: UserId, tickets: &[TicketId]) -> QueryResult<Vec<ReadRow>> {
    let marks = ticket_reads::table
        .filter(ticket_reads::user_id.eq(user))
        .filter(ticket_reads::ticket_id.eq_any(padded(tickets)))
        .select(ReadRow::as_select());
    Kept(marks).load(conn)
}

/// Everybody's marks on these tickets.
pub fn list_all(conn: &mut DbConnection, tickets: &[TicketId]) -> QueryResult<Vec<ReadRow>> {
    let marks = ticket_reads::table
        .filter(ticket_reads::ticket_id.eq_any(padded(tickets)))
        .select(ReadRow::as_select());
    Kept(marks).load(conn)
}

/// The marks that have moved since.
pub fn list_since(
    conn: &mut DbConnection,
    since: NaiveDateTime,
) -> QueryResult<Vec<(TicketId, UserId, i64)>> {
    ticket_reads::table
        .filter(ticket_reads::updated_at.ge(since))
        .select((ticket_reads::ticket_id, ticket_reads::user_id, ticket_reads::seq))
        .load(conn)
}

/// A ticket, a role (a guest has none), and how far anybody of it has read.
pub type Furthest = (TicketId, Option<Role>, Option<i64>);

/// How far anybody of each role has read these tickets, in that role's numbering.
pub fn furthest(conn: &mut DbConnection, tickets: &[TicketId]) -> QueryResult<Vec<Furthest>> {
    let marks = ticket_reads::table
        .left_join(users::table.on(users::id.eq(ticket_reads::user_id)))
        .filter(ticket_reads::ticket_id.eq_any(padded(tickets)))
        .group_by((ticket_reads::ticket_id, users::role))
        .select((
            ticket_reads::ticket_id,
            users::role.nullable(),
            max(ticket_reads::seq),
        ));
    Kept(marks).load(conn)
}

/// Forgets all marks of an account, by their keys: without an index MySQL would lock everybody's.
pub fn delete_of_user(conn: &mut DbConnection, user: UserId) -> QueryResult<()> {
    let tickets: Vec<TicketId> = ticket_reads::table
        .filter(ticket_reads::user_id.eq(user))
        .select(ticket_reads::ticket_id)
        .load(conn)?;
    for ticket in tickets {
        diesel::delete(ticket_reads::table.find((ticket, user))).execute(conn)?;
    }
    Ok(())
}

/// Moves a mark forward, never back.
pub fn advance(conn: &mut DbConnection, mark: &ReadRow) -> QueryResult<bool> {
    let known = ticket_reads::table.find((mark.ticket_id, mark.user_id));
    let moved = diesel::update(known.filter(ticket_reads::seq.lt(mark.seq)))
        .set((
            ticket_reads::seq.eq(mark.seq),
            ticket_reads::seen_messages.eq(mark.seen_messages),
            ticket_reads::updated_at.eq(mark.updated_at),
        ))
        .execute(conn)?;
    if moved > 0 {
        return Ok(true);
    }
    match diesel::insert_into(ticket_reads::table)
        .values(mark)
        .execute(conn)
    {
        Ok(_) => Ok(true),
        Err(error) if crate::error::is_duplicate(&error) => Ok(false),
        Err(error) => Err(error),
    }
}
