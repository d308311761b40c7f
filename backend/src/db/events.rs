//! The `ticket_events` table: the append-only history of every ticket.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::{
    MessageId, TicketId, UserId,
    messages::{Change, ChangeKind},
};

use super::{
    connection::DbConnection,
    schema::ticket_events,
    statements::{Kept, padded},
};

/// One change: who, when, what, from, to.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = ticket_events)]
pub struct EventRow {
    pub id: i32,
    pub ticket_id: TicketId,
    /// The system message that shows it; none for the ticket's creation.
    pub message_id: Option<MessageId>,
    pub kind: ChangeKind,
    pub actor_id: Option<UserId>,
    pub actor_name: String,
    pub from_value: Option<String>,
    pub to_value: Option<String>,
    pub created_at: NaiveDateTime,
}

impl EventRow {
    /// The change as its system message carries it.
    pub fn to_change(&self) -> Change {
        Change {
            kind: self.kind,
            from: self.from_value.clone(),
            to: self.to_value.clone(),
        }
    }
}

/// A change to note.
#[derive(Debug, Insertable)]
#[diesel(table_name = ticket_events, treat_none_as_default_value = false)]
pub struct InsertEvent<'a> {
    pub ticket_id: TicketId,
    pub message_id: Option<MessageId>,
    pub kind: ChangeKind,
    pub actor_id: Option<UserId>,
    pub actor_name: &'a str,
    pub from_value: Option<&'a str>,
    pub to_value: Option<&'a str>,
    pub created_at: NaiveDateTime,
}

pub fn insert(conn: &mut DbConnection, event: &InsertEvent<'_>) -> QueryResult<usize> {
    diesel::insert_into(ticket_events::table)
        .values(event)
        .execute(conn)
}

/// The changes behind these system messages.
pub fn list_of_messages(conn: &mut DbConnection, messages: &[MessageId]) -> QueryResult<Vec<EventRow>> {
    let events = ticket_events::table
        .filter(ticket_events::message_id.eq_any(padded(messages)))
        .select(EventRow::as_select());
    Kept(events).load(conn)
}

/// The whole history of a ticket, oldest first.
pub fn list(conn: &mut DbConnection, ticket: TicketId) -> QueryResult<Vec<EventRow>> {
    ticket_events::table
        .filter(ticket_events::ticket_id.eq(ticket))
        .order(ticket_events::id.asc())
        .select(EventRow::as_select())
        .load(conn)
}
