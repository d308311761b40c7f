//! The `notices` table: what somebody is to be notified of, one row for each change however many are told.

use chrono::NaiveDateTime;
use diesel::{dsl::count, prelude::*};
use shared::{TicketId, UserId, notifications::NotificationKind};

use super::{connection::DbConnection, schema::notices, statements::insert_all};

/// Something that others are to be notified of. It lies in the order of its due moment, so that storing one more touches
/// a single place.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = notices, treat_none_as_default_value = false)]
pub struct Notice {
    /// When its mails may go out.
    pub due_at: NaiveDateTime,
    pub ticket_id: TicketId,
    /// The number of the message that it is about, in the agents' numbering; 0 for the ticket itself.
    pub staff_seq: i64,
    /// The same in the customers' numbering.
    pub customer_seq: i64,
    pub kind: NotificationKind,
    /// The account that did it, which is not told; 0 for a customer without one.
    pub actor_id: UserId,
    /// The customer who is told, 0 for one without an account; none if it is no news to him.
    pub customer_id: Option<UserId>,
    /// The agent who is told, 0 for all of them; none if it is no news to them.
    pub agent_id: Option<UserId>,
    pub created_at: NaiveDateTime,
}

pub fn insert_all(conn: &mut DbConnection, rows: &[Notice]) -> QueryResult<()> {
    insert_all!(conn, notices::table, rows)
}

/// When the first mails may go out.
pub fn find_due(conn: &mut DbConnection, now: NaiveDateTime) -> QueryResult<Option<NaiveDateTime>> {
    notices::table
        .filter(notices::due_at.le(now))
        .order(notices::due_at.asc())
        .select(notices::due_at)
        .first(conn)
        .optional()
}

/// Those whose mails may go out, the first first.
pub fn list_due(conn: &mut DbConnection, now: NaiveDateTime, limit: i64) -> QueryResult<Vec<Notice>> {
    notices::table
        .filter(notices::due_at.le(now))
        .order(in_order())
        .limit(limit)
        .select(Notice::as_select())
        .load(conn)
}

/// Those of a ticket, oldest first.
pub fn list_of(conn: &mut DbConnection, ticket: TicketId) -> QueryResult<Vec<Notice>> {
    notices::table
        .filter(notices::ticket_id.eq(ticket))
        .order(notices::staff_seq.asc())
        .select(Notice::as_select())
        .load(conn)
}

/// Those whose mails are due first, whether they are yet or not.
pub fn list(conn: &mut DbConnection, limit: i64) -> QueryResult<Vec<Notice>> {
    notices::table
        .order(in_order())
        .limit(limit)
        .select(Notice::as_select())
        .load(conn)
}

fn in_order() -> (
    diesel::dsl::Asc<notices::due_at>,
    diesel::dsl::Asc<notices::ticket_id>,
    diesel::dsl::Asc<notices::staff_seq>,
) {
    (
        notices::due_at.asc(),
        notices::ticket_id.asc(),
        notices::staff_seq.asc(),
    )
}

/// How many single people they tell, and how many of them tell all agents.
pub fn count_told(conn: &mut DbConnection) -> QueryResult<(i64, i64)> {
    let (customers, agents): (i64, i64) = notices::table
        .select((count(notices::customer_id), count(notices::agent_id)))
        .first(conn)?;
    let all: i64 = notices::table
        .filter(notices::agent_id.eq(UserId(0)))
        .count()
        .get_result(conn)?;
    Ok((customers + agents - all, all))
}

/// How many there are.
pub fn count_all(conn: &mut DbConnection) -> QueryResult<i64> {
    notices::table.count().get_result(conn)
}

/// Takes one out; false if somebody else was quicker.
pub fn take(conn: &mut DbConnection, notice: &Notice) -> QueryResult<bool> {
    diesel::delete(notices::table.find((notice.due_at, notice.ticket_id, notice.staff_seq)))
        .execute(conn)
        .map(|rows| rows == 1)
}
