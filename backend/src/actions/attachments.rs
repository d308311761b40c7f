//! Noting uploads, and finding the file that an address means.

use shared::{
    AttachmentId, ErrorCode, TicketId,
    attachments::{Attachment, SafeFileName},
    check::limit,
    error::FieldError,
    live::{AttachmentNews, ServerEvent},
    tickets::TicketKey,
};

use super::{Tx, access};
use crate::{
    db::{self, attachments::InsertAttachment},
    domain::{
        actor::Actor,
        events::{Audience, Envelope},
        tokens,
    },
    error::{Error, Result, is_duplicate},
};

/// A file that lies in the store already and wants its row.
#[derive(Debug, Clone)]
pub struct Upload {
    pub ticket: TicketKey,
    pub name: SafeFileName,
    pub stored_name: String,
    pub size: i64,
    pub mime: &'static str,
    /// Waits in a composer until a message takes it.
    pub draft: bool,
    pub client_id: Option<String>,
}

/// What became of an upload.
#[derive(Debug)]
pub struct Noted {
    pub attachment: Attachment,
    /// The row is an earlier one of the same client key: the new bytes are not needed.
    pub repeat: bool,
}

/// May the actor upload to this ticket at all? Asked before the bytes are read.
pub fn may_upload(tx: &mut Tx<'_>, actor: &Actor, ticket: &TicketKey) -> Result<()> {
    access::known(actor)?;
    access::find(tx, actor, ticket).map(drop)
}

/// Notes an upload.
pub fn insert(tx: &mut Tx<'_>, actor: &Actor, upload: &Upload) -> Result<Noted> {
    let ticket = access::find(tx, actor, &upload.ticket)?;
    let client_key = match &upload.client_id {
        Some(key) if key.chars().count() > limit::CLIENT_KEY => {
            return Err(Error::field(
                "client_id",
                FieldError::TooLong {
                    max: limit::CLIENT_KEY,
                },
            ));
        }
        Some(key) => Some(tokens::scoped_key(
            &format!("upload {} {:?} {}", ticket.id, actor.side(), actor.id()),
            key,
        )),
        None => None,
    };
    let zone = tx.zone();
    if let Some(key) = &client_key
        && let Some(stored) = db::attachments::find_by_client_key(tx.conn, key)?
    {
        return Ok(Noted {
            attachment: stored.to_wire(zone),
            repeat: true,
        });
    }
    let row = InsertAttachment {
        ticket_id: ticket.id,
        stored_name: upload.stored_name.clone(),
        name: upload.name.as_str().to_owned(),
        size: upload.size,
        mime: upload.mime.to_owned(),
        uploader_id: actor.id(),
        uploader_type: actor.side(),
        draft: upload.draft,
        client_key,
        created_at: tx.now,
    };
    let id = match db::attachments::insert(tx.conn, &row) {
        Ok(id) => id,
        Err(error) if is_duplicate(&error) => return Err(Error::retry()),
        Err(error) => return Err(error.into()),
    };
    if !upload.draft {
        tx.emit(changed(ticket.id, id));
    }
    let stored = db::attachments::find(tx.conn, id)?.ok_or(ErrorCode::FileNotFound)?;
    Ok(Noted {
        attachment: stored.to_wire(zone),
        repeat: false,
    })
}

/// Whoever looks at the ticket learns that its own files are others now.
pub fn changed(ticket_id: TicketId, attachment_id: AttachmentId) -> Envelope {
    let event = Some(ServerEvent::AttachmentsChanged(AttachmentNews {
        ticket_id,
        attachment_id,
    }));
    Envelope {
        audience: Audience::Room(ticket_id),
        staff: event.clone(),
        customer: event,
    }
}

/// A file to serve.
#[derive(Debug)]
pub struct Served {
    pub stored_name: String,
    pub name: String,
    pub mime: String,
}

/// The file behind a stored name, if the actor may see its ticket (and, for notes, is staff).
pub fn find(tx: &mut Tx<'_>, actor: &Actor, stored_name: &str) -> Result<Served> {
    access::known(actor)?;
    let hidden = |error: Error| {
        if error.code() == ErrorCode::TicketNotFound {
            ErrorCode::FileNotFound.into()
        } else {
            error
        }
    };
    if let Some(file) = db::attachments::find_by_stored_name(tx.conn, stored_name)? {
        access::find_by_id(tx, actor, file.ticket_id).map_err(hidden)?;
        let own = (file.uploader_type, file.uploader_id) == (actor.side(), actor.id());
        let of_note = match file.message_id {
            Some(message) => db::messages::find(tx.conn, message)?.is_some_and(|message| message.internal),
            None => file.draft && !own,
        };
        if of_note && !actor.is_staff() {
            return Err(ErrorCode::FileNotFound.into());
        }
        return Ok(Served {
            stored_name: file.stored_name,
            name: file.name,
            mime: file.mime,
        });
    }
    // A file of the old system: known only from the message that points to it.
    let urls = [
        format!("/uploads/{stored_name}"),
        format!("/case/uploads/{stored_name}"),
    ];
    let ticket = db::messages::find_ticket_by_url(tx.conn, &urls)?.ok_or(ErrorCode::FileNotFound)?;
    access::find_by_id(tx, actor, ticket).map_err(hidden)?;
    let mime = old_mime(stored_name);
    Ok(Served {
        stored_name: stored_name.to_owned(),
        name: stored_name.to_owned(),
        mime: mime.to_owned(),
    })
}

/// The old system kept no content type: only what is harmless by its ending is shown as itself.
fn old_mime(name: &str) -> &'static str {
    match name
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_lowercase())
        .as_deref()
    {
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("png") => "image/png",
        Some("gif") => "image/gif",
        Some("pdf") => "application/pdf",
        Some("txt") => "text/plain",
        Some(_) | None => "application/octet-stream",
    }
}
