//! The `agent_notices` table: what all agents are to be notified of, one row however many they are.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::{TicketId, UserId, notifications::NotificationKind};

use super::{connection::DbConnection, schema::agent_notices, statements::insert_all};

/// Something that every agent is to be notified of.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = agent_notices, treat_none_as_default_value = false)]
pub struct AgentNotice {
    pub ticket_id: TicketId,
    /// The number of the message that it is about, in the agents' numbering; 0 for the ticket itself.
    pub staff_seq: i64,
    /// The account that did it, which is not told; 0 for a customer without one.
    pub actor_id: UserId,
    pub kind: NotificationKind,
    pub created_at: NaiveDateTime,
    /// When its mails may go out.
    pub due_at: NaiveDateTime,
}

pub fn insert_all(conn: &mut DbConnection, rows: &[AgentNotice]) -> QueryResult<()> {
    insert_all!(conn, agent_notices::table, rows)
}

/// The one whose mails are due first.
pub fn find_due(conn: &mut DbConnection, now: NaiveDateTime) -> QueryResult<Option<AgentNotice>> {
    agent_notices::table
        .filter(agent_notices::due_at.le(now))
        .order(agent_notices::due_at.asc())
        .select(AgentNotice::as_select())
        .first(conn)
        .optional()
}

/// Those whose mails may go out, the first first.
pub fn list_due(conn: &mut DbConnection, now: NaiveDateTime, limit: i64) -> QueryResult<Vec<AgentNotice>> {
    agent_notices::table
        .filter(agent_notices::due_at.le(now))
        .order(agent_notices::due_at.asc())
        .limit(limit)
        .select(AgentNotice::as_select())
        .load(conn)
}

/// Those of a ticket, oldest first.
pub fn list_of(conn: &mut DbConnection, ticket: TicketId) -> QueryResult<Vec<AgentNotice>> {
    agent_notices::table
        .filter(agent_notices::ticket_id.eq(ticket))
        .order(agent_notices::staff_seq.asc())
        .select(AgentNotice::as_select())
        .load(conn)
}

/// Those whose mails are due first, whether they are yet or not.
pub fn list(conn: &mut DbConnection, limit: i64) -> QueryResult<Vec<AgentNotice>> {
    agent_notices::table
        .order(agent_notices::due_at.asc())
        .limit(limit)
        .select(AgentNotice::as_select())
        .load(conn)
}

/// How many there are.
pub fn count(conn: &mut DbConnection) -> QueryResult<i64> {
    agent_notices::table.count().get_result(conn)
}

/// Takes one out; false if somebody else was quicker.
pub fn take(conn: &mut DbConnection, notice: &AgentNotice) -> QueryResult<bool> {
    diesel::delete(agent_notices::table.find((notice.ticket_id, notice.staff_seq)))
        .execute(conn)
        .map(|rows| rows == 1)
}
