//! The `attachments` table: what was uploaded; the bytes lie in the file store.

use chrono::NaiveDateTime;
use diesel::{dsl::count_star, prelude::*};
use shared::{
    AttachmentId, MessageId, TicketId, UserId, attachments::Attachment, endpoint::FILES_PATH,
    messages::SenderType,
};

use super::{
    connection::DbConnection,
    schema::attachments,
    statements::{Kept, padded},
};
use crate::domain::zone::Zone;

/// An uploaded file.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = attachments)]
pub struct AttachmentRow {
    pub id: AttachmentId,
    pub ticket_id: TicketId,
    pub message_id: Option<MessageId>,
    pub stored_name: String,
    pub name: String,
    pub size: i64,
    pub mime: String,
    pub uploader_id: UserId,
    pub uploader_type: SenderType,
    pub draft: bool,
    pub client_key: Option<String>,
    pub created_at: NaiveDateTime,
}

impl AttachmentRow {
    /// The address that serves it.
    pub fn url(&self) -> String {
        format!("{FILES_PATH}{}", self.stored_name)
    }

    /// The file as the wire shows it.
    pub fn to_wire(&self, zone: Zone) -> Attachment {
        Attachment {
            id: self.id,
            name: self.name.clone(),
            size: self.size,
            mime: self.mime.clone(),
            url: self.url(),
            created_at: zone.show(self.created_at),
        }
    }
}

/// A file to note.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = attachments, treat_none_as_default_value = false)]
pub struct InsertAttachment {
    pub ticket_id: TicketId,
    pub stored_name: String,
    pub name: String,
    pub size: i64,
    pub mime: String,
    pub uploader_id: UserId,
    pub uploader_type: SenderType,
    pub draft: bool,
    pub client_key: Option<String>,
    pub created_at: NaiveDateTime,
}

pub fn insert(conn: &mut DbConnection, attachment: &InsertAttachment) -> QueryResult<AttachmentId> {
    diesel::insert_into(attachments::table)
        .values(attachment)
        .execute(conn)?;
    conn.inserted_id().map(AttachmentId)
}

pub fn find(conn: &mut DbConnection, id: AttachmentId) -> QueryResult<Option<AttachmentRow>> {
    attachments::table
        .find(id)
        .select(AttachmentRow::as_select())
        .first(conn)
        .optional()
}

pub fn find_by_stored_name(conn: &mut DbConnection, name: &str) -> QueryResult<Option<AttachmentRow>> {
    // Our names are ASCII, and so is MySQL's column: it refuses to compare with anything else.
    if !name.is_ascii() {
        return Ok(None);
    }
    attachments::table
        .filter(attachments::stored_name.eq(name))
        .select(AttachmentRow::as_select())
        .first(conn)
        .optional()
}

pub fn find_by_client_key(conn: &mut DbConnection, key: &str) -> QueryResult<Option<AttachmentRow>> {
    attachments::table
        .filter(attachments::client_key.eq(key))
        .select(AttachmentRow::as_select())
        .first(conn)
        .optional()
}

/// Files that came with the ticket itself: of no message, and not waiting in somebody's composer.
pub fn list_of_ticket(conn: &mut DbConnection, ticket: TicketId) -> QueryResult<Vec<AttachmentRow>> {
    attachments::table
        .filter(attachments::ticket_id.eq(ticket))
        .filter(attachments::message_id.is_null())
        .filter(attachments::draft.eq(false))
        .order(attachments::id.asc())
        .select(AttachmentRow::as_select())
        .load(conn)
}

/// How many such files these tickets have; nothing of those that have none.
pub fn count_of_tickets(conn: &mut DbConnection, tickets: &[TicketId]) -> QueryResult<Vec<(TicketId, i64)>> {
    let files = attachments::table
        .filter(attachments::ticket_id.eq_any(padded(tickets)))
        .filter(attachments::message_id.is_null())
        .filter(attachments::draft.eq(false))
        .group_by(attachments::ticket_id)
        .select((attachments::ticket_id, count_star()));
    Kept(files).load(conn)
}

/// The same files of these tickets that have come since then.
pub fn list_of_tickets_since(
    conn: &mut DbConnection,
    tickets: &[TicketId],
    since: NaiveDateTime,
) -> QueryResult<Vec<(AttachmentId, TicketId)>> {
    attachments::table
        .filter(attachments::ticket_id.eq_any(tickets))
        .filter(attachments::message_id.is_null())
        .filter(attachments::draft.eq(false))
        .filter(attachments::created_at.ge(since))
        .select((attachments::id, attachments::ticket_id))
        .load(conn)
}

pub fn list_of_messages(conn: &mut DbConnection, messages: &[MessageId]) -> QueryResult<Vec<AttachmentRow>> {
    let files = attachments::table
        .filter(attachments::message_id.eq_any(padded(messages)))
        .order(attachments::id.asc())
        .select(AttachmentRow::as_select());
    Kept(files).load(conn)
}

/// Gives a file to a message, unless another has it.
pub fn link(conn: &mut DbConnection, id: AttachmentId, message: MessageId) -> QueryResult<bool> {
    diesel::update(
        attachments::table
            .find(id)
            .filter(attachments::message_id.is_null()),
    )
    .set((attachments::message_id.eq(message), attachments::draft.eq(false)))
    .execute(conn)
    .map(|rows| rows == 1)
}

/// Which of these stored names are known.
pub fn known_names(conn: &mut DbConnection, names: &[String]) -> QueryResult<Vec<String>> {
    attachments::table
        .filter(attachments::stored_name.eq_any(names))
        .select(attachments::stored_name)
        .load(conn)
}
