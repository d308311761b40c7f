//! Saying something on a ticket, and reading what was said.

use std::borrow::Borrow;

use shared::{
    ErrorCode, Permission, Status, TicketId,
    check::{Check, limit},
    error::FieldError,
    live::ServerEvent,
    messages::{MAX_LIMIT, Message, MessageList, MessageQuery, NewMessage, SenderType},
    tickets::TicketKey,
};

use super::{
    Tx, access, attachments,
    changes::{self, By},
    notify, wire,
};
use crate::{
    db::{
        self,
        attachments::AttachmentRow,
        messages::{InsertMessage, MessageRow, Part},
        ticket_changes::{Append, TicketChangeset},
        tickets::TicketRow,
    },
    domain::{
        actor::Actor,
        events::{Audience, Envelope},
    },
    error::{Error, Result, is_duplicate},
};

/// A part of a ticket's messages.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, key: &TicketKey, query: &MessageQuery) -> Result<MessageList> {
    access::known(actor)?;
    let limit = query.limit.unwrap_or(MAX_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(Error::field("limit", FieldError::Invalid));
    }
    let ticket = access::find(tx, actor, key)?;
    let staff = actor.is_staff();
    let part = match (query.after, query.before) {
        (Some(after), _) => Part::After(after),
        (None, Some(before)) => Part::Before(before),
        (None, None) => Part::Before(i64::MAX),
    };
    let mut rows = db::messages::list(tx.conn, ticket.id, staff, part, i64::from(limit) + 1)?;
    let has_more = rows.len() > limit as usize;
    if has_more {
        match part {
            Part::After(_) => rows.truncate(limit as usize),
            Part::Before(_) => drop(rows.remove(0)),
        }
    }
    Ok(MessageList {
        messages: wire::messages(tx, &rows, staff)?,
        seq: ticket.seq_for(staff),
        has_more,
    })
}

/// Something that somebody wants to say.
#[derive(Debug)]
pub struct Post {
    pub actor: Actor,
    pub ticket: TicketId,
    pub input: NewMessage,
}

/// Says something. Stored once per sender and `client_id`; a repeat answers with the stored message.
pub fn post(tx: &mut Tx<'_>, actor: &Actor, key: &TicketKey, input: &NewMessage) -> Result<Message> {
    admit(actor, input)?;
    let ticket = access::lock(tx, actor, key)?;
    match prepare(tx, actor, ticket, input, Repeats::LookedFor)? {
        Prepared::Stored(message) => Ok(*message),
        Prepared::New(saying) => say_all(tx, vec![*saying], Repeats::LookedFor)?
            .pop()
            .ok_or_else(|| Error::internal(anyhow::anyhow!("nothing was said"))),
    }
}

/// Whether a message that was stored before is looked for first. Only something that is sent again after a lost answer
/// was, and the stored keys are unique anyway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeats {
    LookedFor,
    /// If there is one, nothing is stored, and the answer is [`ErrorCode::ClientKeyReused`].
    NotExpected,
}

/// Says several things at once, each as [`post`] would. None for one that has to be said alone: somebody else holds its
/// ticket, an earlier one of the same ticket among them.
pub fn post_all(
    tx: &mut Tx<'_>,
    posts: &[impl Borrow<Post>],
    repeats: Repeats,
) -> Result<Vec<Option<Result<Message>>>> {
    let asked: Vec<(&Actor, TicketId)> = posts
        .iter()
        .map(|post| (&post.borrow().actor, post.borrow().ticket))
        .collect();
    let locked = access::lock_free(tx, &asked)?;
    let mut outcomes = Vec::with_capacity(posts.len());
    let mut sayings = Vec::with_capacity(posts.len());
    for (post, ticket) in posts.iter().map(Borrow::borrow).zip(locked) {
        let prepared = ticket.map(|ticket| {
            admit(&post.actor, &post.input)?;
            prepare(tx, &post.actor, ticket?, &post.input, repeats)
        });
        outcomes.push(match prepared {
            None => None,
            Some(Ok(Prepared::Stored(message))) => Some(Ok(*message)),
            Some(Ok(Prepared::New(saying))) => {
                sayings.push((outcomes.len(), *saying));
                None
            }
            Some(Err(error)) if error.is_expected() => Some(Err(error)),
            Some(Err(error)) => return Err(error),
        });
    }
    let (places, sayings): (Vec<usize>, Vec<Saying<'_>>) = sayings.into_iter().unzip();
    for (place, message) in places.into_iter().zip(say_all(tx, sayings, repeats)?) {
        if let Some(outcome) = outcomes.get_mut(place) {
            *outcome = Some(Ok(message));
        }
    }
    Ok(outcomes)
}

/// Refuses what can be refused before any ticket is looked at.
pub fn admit(actor: &Actor, input: &NewMessage) -> Result<()> {
    access::known(actor)?;
    validate(input)?;
    if input.internal {
        actor.with(Permission::InternalNotes)?;
    }
    if input.status.is_some() {
        actor.with(Permission::ManageTickets)?;
    }
    Ok(())
}

/// A message that may be stored, with its locked ticket.
struct Saying<'a> {
    ticket: TicketRow,
    by: By,
    staff: bool,
    input: &'a NewMessage,
    files: Vec<AttachmentRow>,
}

enum Prepared<'a> {
    /// A repeat: this came of it the first time.
    Stored(Box<Message>),
    New(Box<Saying<'a>>),
}

/// Reads whatever decides about a message. Nothing is written yet.
fn prepare<'a>(
    tx: &mut Tx<'_>,
    actor: &Actor,
    ticket: TicketRow,
    input: &'a NewMessage,
    repeats: Repeats,
) -> Result<Prepared<'a>> {
    let files = refuse_stale(tx, actor, &ticket, input)
        .and_then(|()| refuse_step(actor, &ticket, input))
        .and_then(|()| files_to_send(tx, actor, &ticket, input));
    // What was stored before may be refused now: others have written since, and its files are taken.
    let is_refused = files.as_ref().is_err_and(Error::is_expected);
    if (is_refused || repeats == Repeats::LookedFor)
        && let Some(stored) = stored_before(tx, actor, &ticket, input)?
    {
        return Ok(Prepared::Stored(Box::new(stored)));
    }
    Ok(Prepared::New(Box::new(Saying {
        files: files?,
        by: By::of(actor, &ticket),
        staff: actor.is_staff(),
        ticket,
        input,
    })))
}

/// Stores them and tells of them.
fn say_all(tx: &mut Tx<'_>, mut sayings: Vec<Saying<'_>>, repeats: Repeats) -> Result<Vec<Message>> {
    let mut rows = Vec::with_capacity(sayings.len());
    for saying in &mut sayings {
        rows.push(saying.take_numbers(tx));
    }
    let tickets: Vec<&TicketRow> = sayings.iter().map(|saying| &saying.ticket).collect();
    db::ticket_changes::store_said(tx.conn, &tickets)?;
    let ids = match db::messages::insert_all(tx.conn, &rows) {
        Err(error) if is_duplicate(&error) && repeats == Repeats::NotExpected => {
            return Err(ErrorCode::ClientKeyReused.into());
        }
        ids => ids?,
    };
    let stored = rows.into_iter().zip(ids).map(|(row, id)| row.into_row(id));
    sayings
        .into_iter()
        .zip(stored)
        .map(|(saying, message)| saying.finish(tx, &message))
        .collect()
}

fn validate(input: &NewMessage) -> Result<()> {
    let mut check = Check::new();
    if input.attachment_ids.is_empty() {
        check.text("content", Some(&input.content), limit::MESSAGE);
    } else {
        check.any_text("content", &input.content, limit::MESSAGE);
    }
    if input.attachment_ids.len() > limit::ATTACHMENTS_PER_MESSAGE {
        check.fail(
            "attachment_ids",
            FieldError::TooLong {
                max: limit::ATTACHMENTS_PER_MESSAGE,
            },
        );
    }
    if input.client_id.is_some() {
        check.line("client_id", input.client_id.as_deref(), limit::CLIENT_KEY);
    }
    check.done().map_err(Error::from)
}

fn stored_before(
    tx: &mut Tx<'_>,
    actor: &Actor,
    ticket: &TicketRow,
    input: &NewMessage,
) -> Result<Option<Message>> {
    let Some(client_id) = input.client_id.as_deref() else {
        return Ok(None);
    };
    let sender = (actor.side(), actor.id());
    let Some(row) = db::messages::find_by_client_id(tx.conn, ticket.id, sender, client_id)? else {
        return Ok(None);
    };
    if row.content != input.content || row.internal != input.internal {
        return Err(ErrorCode::ClientKeyReused.into());
    }
    one_for(tx, &row, actor.is_staff()).map(Some)
}

/// Refuses a message that crosses one from somebody else which its sender has not seen.
fn refuse_stale(tx: &mut Tx<'_>, actor: &Actor, ticket: &TicketRow, input: &NewMessage) -> Result<()> {
    let Some(seen) = input.seen_seq else { return Ok(()) };
    let staff = actor.is_staff();
    if seen >= ticket.seq_for(staff) {
        return Ok(());
    }
    let mut rows = db::messages::list(tx.conn, ticket.id, staff, Part::After(seen), i64::from(MAX_LIMIT))?;
    rows.retain(|row| !row.is_system && (row.sender_type, row.sender_id) != (actor.side(), actor.id()));
    if rows.is_empty() {
        Ok(())
    } else {
        Err(Error::stale(wire::messages(tx, &rows, staff)?))
    }
}

/// Refuses a message with a status that its ticket cannot get.
fn refuse_step(actor: &Actor, ticket: &TicketRow, input: &NewMessage) -> Result<()> {
    let from = moved_by(actor.side(), ticket.status, input.internal).unwrap_or(ticket.status);
    match input.status {
        Some(to) if to != from && !from.can_become(to) => Err(Error::transition(from.next())),
        Some(_) | None => Ok(()),
    }
}

/// The files of a message: the sender's own uploads to this ticket that no message has yet.
fn files_to_send(
    tx: &mut Tx<'_>,
    actor: &Actor,
    ticket: &TicketRow,
    input: &NewMessage,
) -> Result<Vec<AttachmentRow>> {
    let own = |file: &AttachmentRow| {
        file.ticket_id == ticket.id
            && file.message_id.is_none()
            && (file.uploader_type, file.uploader_id) == (actor.side(), actor.id())
    };
    let mut files: Vec<AttachmentRow> = Vec::with_capacity(input.attachment_ids.len());
    for id in &input.attachment_ids {
        match db::attachments::find(tx.conn, *id)? {
            Some(file) if own(&file) && files.iter().all(|other| other.id != file.id) => files.push(file),
            Some(_) | None => return Err(Error::field("attachment_ids", FieldError::Invalid)),
        }
    }
    Ok(files)
}

impl Saying<'_> {
    fn take_numbers(&mut self, tx: &Tx<'_>) -> InsertMessage {
        let Self {
            ticket,
            by,
            input,
            files,
            ..
        } = self;
        let mut entry = Append {
            staff_only: input.internal,
            ..Append::default()
        };
        if !input.internal {
            entry.said_by = Some(by.side);
            entry.changes = TicketChangeset {
                last_message: Some(Some(last_words(input, files))),
                last_message_from: Some(Some(by.side)),
                last_message_at: Some(Some(tx.now)),
                ..Default::default()
            };
            if by.side == SenderType::Admin && ticket.first_reply_seconds.is_none() {
                let seconds = (tx.now - ticket.created_at).num_seconds().max(0);
                entry.changes.first_reply_seconds = Some(Some(seconds));
            }
        }
        let seq = changes::advance(tx, ticket, &mut entry);
        InsertMessage {
            ticket_id: seq.ticket_id,
            sender_id: by.id,
            sender_name: by.name.clone(),
            sender_type: by.side,
            content: input.content.clone(),
            attachment_url: files.first().map(AttachmentRow::url),
            is_system: false,
            created_at: seq.now,
            staff_seq: seq.staff,
            customer_seq: seq.customer,
            internal: input.internal,
            client_id: input.client_id.clone(),
        }
    }

    /// Does what follows from the stored message, and tells of it all; answers it as its sender sees it.
    fn finish(mut self, tx: &mut Tx<'_>, message: &MessageRow) -> Result<Message> {
        for file in &self.files {
            if !db::attachments::link(tx.conn, file.id, message.id)? {
                return Err(Error::field("attachment_ids", FieldError::Invalid));
            }
        }
        // Customers hear nothing of the note that takes a file which they have seen.
        let taken = self.files.iter().find(|file| self.input.internal && !file.draft);
        if let Some(file) = taken {
            tx.emit(attachments::changed(self.ticket.id, file.id));
        }
        let shown = tell_room(tx, message, self.files);
        notify::said(tx, &self.ticket, message);
        let said = moved_by(self.by.side, self.ticket.status, self.input.internal);
        let steps = [said, self.input.status].into_iter().flatten();
        let mut is_public = !self.input.internal;
        for to in steps {
            if to != self.ticket.status {
                changes::set_status(tx, &mut self.ticket, to, &self.by, None)?;
                is_public = true;
            }
        }
        let tell = if is_public {
            changes::tell_lists
        } else {
            changes::tell_staff_lists
        };
        tell(tx, &self.ticket, ServerEvent::TicketUpdated);
        let seq = message.seq_for(self.staff).unwrap_or(shown.seq);
        Ok(Message { seq, ..shown })
    }
}

/// What a list shows of the message; a message of files alone shows their names.
fn last_words(input: &NewMessage, files: &[AttachmentRow]) -> String {
    let words = wire::preview(&input.content);
    if words.is_empty() {
        wire::preview(
            &files
                .iter()
                .map(|file| file.name.as_str())
                .collect::<Vec<_>>()
                .join(" "),
        )
    } else {
        words
    }
}

/// Tells of the message just stored, with its files; answers it as staff see it.
fn tell_room(tx: &mut Tx<'_>, message: &MessageRow, mut files: Vec<AttachmentRow>) -> Message {
    let zone = tx.zone();
    files.sort_by_key(|file| file.id);
    let files = files.iter().map(|file| file.to_wire(zone)).collect();
    let staff = message.to_wire(message.staff_seq, files, None, zone);
    let customer = message.customer_seq.map(|seq| Message { seq, ..staff.clone() });
    tx.emit(Envelope {
        audience: Audience::Room(message.ticket_id),
        staff: Some(ServerEvent::NewMessage(staff.clone())),
        customer: customer.map(ServerEvent::NewMessage),
    });
    staff
}

/// The status that saying something moves a ticket to: an agent's first answer takes it up, a customer's word on a finished
/// one reopens it.
fn moved_by(side: SenderType, status: Status, internal: bool) -> Option<Status> {
    let moves = match side {
        SenderType::Admin => status == Status::Pending && !internal,
        SenderType::Customer => !status.is_open(),
    };
    moves.then_some(Status::Processing)
}

fn one_for(tx: &mut Tx<'_>, row: &MessageRow, staff: bool) -> Result<Message> {
    wire::messages(tx, std::slice::from_ref(row), staff)?
        .pop()
        .ok_or_else(|| Error::internal(anyhow::anyhow!("a message is not visible to its own sender")))
}
