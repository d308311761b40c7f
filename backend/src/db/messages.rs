//! The `messages` table.

use chrono::NaiveDateTime;
use diesel::{dsl::max, prelude::*};
use shared::{
    MessageId, TicketId, UserId,
    attachments::Attachment,
    messages::{Change, Message, SenderType},
};

use super::{
    connection::{Backend, DbConnection},
    schema::messages,
    statements::Kept,
};
use crate::domain::zone::Zone;

/// A message as it is stored, with both numberings.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = messages)]
pub struct MessageRow {
    pub id: MessageId,
    pub ticket_id: TicketId,
    pub sender_id: UserId,
    pub sender_name: String,
    pub sender_type: SenderType,
    pub content: String,
    pub attachment_url: Option<String>,
    pub is_system: bool,
    pub created_at: NaiveDateTime,
    pub staff_seq: i64,
    /// None for an internal note.
    pub customer_seq: Option<i64>,
    pub internal: bool,
    pub client_id: Option<String>,
}

impl MessageRow {
    /// Its number in the numbering of one side; `None` where that side must not see it.
    pub fn seq_for(&self, staff: bool) -> Option<i64> {
        if staff {
            Some(self.staff_seq)
        } else {
            self.customer_seq
        }
    }

    /// The message as one side sees it, under that side's number.
    pub fn to_wire(
        &self,
        seq: i64,
        attachments: Vec<Attachment>,
        change: Option<Change>,
        zone: Zone,
    ) -> Message {
        Message {
            id: self.id,
            ticket_id: self.ticket_id,
            seq,
            sender_id: self.sender_id,
            sender_name: self.sender_name.clone(),
            sender_type: self.sender_type,
            content: self.content.clone(),
            is_system: self.is_system,
            internal: self.internal,
            attachment_url: self.attachment_url.clone(),
            attachments,
            client_id: self.client_id.clone(),
            change,
            created_at: zone.show(self.created_at),
        }
    }
}

/// A message to store.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = messages, treat_none_as_default_value = false)]
pub struct InsertMessage {
    pub ticket_id: TicketId,
    pub sender_id: UserId,
    pub sender_name: String,
    pub sender_type: SenderType,
    pub content: String,
    pub attachment_url: Option<String>,
    pub is_system: bool,
    pub created_at: NaiveDateTime,
    pub staff_seq: i64,
    pub customer_seq: Option<i64>,
    pub internal: bool,
    pub client_id: Option<String>,
}

impl InsertMessage {
    /// The row it became.
    pub fn into_row(self, id: MessageId) -> MessageRow {
        MessageRow {
            id,
            ticket_id: self.ticket_id,
            sender_id: self.sender_id,
            sender_name: self.sender_name,
            sender_type: self.sender_type,
            content: self.content,
            attachment_url: self.attachment_url,
            is_system: self.is_system,
            created_at: self.created_at,
            staff_seq: self.staff_seq,
            customer_seq: self.customer_seq,
            internal: self.internal,
            client_id: self.client_id,
        }
    }
}

pub fn insert(conn: &mut DbConnection, message: &InsertMessage) -> QueryResult<MessageId> {
    diesel::insert_into(messages::table)
        .values(message)
        .execute(conn)?;
    conn.inserted_id().map(MessageId)
}

/// Stores several of locked tickets, on MySQL in one statement; their ids in the same order.
pub fn insert_all(conn: &mut DbConnection, rows: &[InsertMessage]) -> QueryResult<Vec<MessageId>> {
    match conn {
        #[cfg(feature = "mysql")]
        DbConnection::Mysql(mysql) if rows.len() > 1 => {
            super::statements::insert_rows!(mysql, messages::table, rows)?;
            let tickets: Vec<TicketId> = rows.iter().map(|row| row.ticket_id).collect();
            // The first of them. The others follow in order, but not always in steps of one: Galera's differ.
            let first = diesel::dsl::sql::<diesel::sql_types::Integer>("LAST_INSERT_ID()");
            let ids = messages::table
                .filter(messages::id.ge(first))
                .filter(messages::ticket_id.eq_any(super::statements::padded(&tickets)))
                .order(messages::id.asc())
                .select(messages::id);
            Kept(ids).load(conn)
        }
        _ => rows.iter().map(|row| insert(conn, row)).collect(),
    }
}

pub fn find(conn: &mut DbConnection, id: MessageId) -> QueryResult<Option<MessageRow>> {
    messages::table
        .find(id)
        .select(MessageRow::as_select())
        .first(conn)
        .optional()
}

/// The message that this sender stored under this key.
pub fn find_by_client_id(
    conn: &mut DbConnection,
    ticket: TicketId,
    sender: (SenderType, UserId),
    client_id: &str,
) -> QueryResult<Option<MessageRow>> {
    messages::table
        .filter(messages::ticket_id.eq(ticket))
        .filter(messages::sender_type.eq(sender.0))
        .filter(messages::sender_id.eq(sender.1))
        .filter(messages::client_id.eq(client_id))
        .select(MessageRow::as_select())
        .first(conn)
        .optional()
}

/// The last number of the other numbering at or before a number of one side's.
pub fn seq_across(conn: &mut DbConnection, ticket: TicketId, from_staff: bool, seq: i64) -> QueryResult<i64> {
    let of_ticket = messages::table.filter(messages::ticket_id.eq(ticket));
    let found: Option<i64> = if from_staff {
        of_ticket
            .filter(messages::staff_seq.le(seq))
            .select(max(messages::customer_seq))
            .first(conn)?
    } else {
        of_ticket
            .filter(messages::customer_seq.le(seq))
            .select(max(messages::staff_seq))
            .first(conn)?
    };
    Ok(found.unwrap_or(0))
}

/// Which part of a ticket's messages, in the numbering of one side.
#[derive(Debug, Clone, Copy)]
pub enum Part {
    /// Those with a greater number, from the oldest on.
    After(i64),
    /// The last ones with a smaller number.
    Before(i64),
}

/// Up to `limit` messages of that part, in order of sequence.
pub fn list(
    conn: &mut DbConnection,
    ticket: TicketId,
    staff: bool,
    part: Part,
    limit: i64,
) -> QueryResult<Vec<MessageRow>> {
    let mut query: messages::BoxedQuery<'_, Backend> = messages::table
        .filter(messages::ticket_id.eq(ticket))
        .limit(limit)
        .into_boxed();
    query = match (staff, part) {
        (true, Part::After(seq)) => query
            .filter(messages::staff_seq.gt(seq))
            .order(messages::staff_seq.asc()),
        (true, Part::Before(seq)) => query
            .filter(messages::staff_seq.lt(seq))
            .order(messages::staff_seq.desc()),
        (false, Part::After(seq)) => query
            .filter(messages::customer_seq.gt(seq))
            .order(messages::customer_seq.asc()),
        (false, Part::Before(seq)) => query
            .filter(messages::customer_seq.lt(seq))
            .order(messages::customer_seq.desc()),
    };
    let mut rows: Vec<MessageRow> = Kept(query.select(MessageRow::as_select())).load(conn)?;
    if matches!(part, Part::Before(_)) {
        rows.reverse();
    }
    Ok(rows)
}

/// The messages with these numbers of the agents', in order.
pub fn list_numbered(
    conn: &mut DbConnection,
    ticket: TicketId,
    staff_seqs: &[i64],
) -> QueryResult<Vec<MessageRow>> {
    messages::table
        .filter(messages::ticket_id.eq(ticket))
        .filter(messages::staff_seq.eq_any(staff_seqs))
        .order(messages::staff_seq.asc())
        .select(MessageRow::as_select())
        .load(conn)
}

/// How many messages a side has said up to a number of the reader's numbering.
pub fn count_said(
    conn: &mut DbConnection,
    ticket: TicketId,
    by: SenderType,
    staff: bool,
    seq: i64,
) -> QueryResult<i64> {
    let mut query: messages::BoxedQuery<'_, Backend> = messages::table
        .filter(messages::ticket_id.eq(ticket))
        .filter(messages::sender_type.eq(by))
        .filter(messages::is_system.eq(false))
        .filter(messages::internal.eq(false))
        .into_boxed();
    query = if staff {
        query.filter(messages::staff_seq.le(seq))
    } else {
        query.filter(messages::customer_seq.le(seq))
    };
    Kept(query.count()).get_result(conn)
}

/// The ticket of a file that an old message points to (the old system kept no other record of files).
pub fn find_ticket_by_url(conn: &mut DbConnection, urls: &[String]) -> QueryResult<Option<TicketId>> {
    messages::table
        .filter(messages::attachment_url.eq_any(urls))
        .filter(messages::internal.eq(false))
        .select(messages::ticket_id)
        .first(conn)
        .optional()
}
