//! Telling again, from the database alone, what another server has committed.

use chrono::{NaiveDateTime, TimeDelta};
use shared::{
    AttachmentId, Permission, TicketId, UserId,
    live::{Person, ServerEvent},
    messages::SenderType,
    tickets::TicketKey,
};

use super::{
    Tx,
    changes::{tell_lists, tell_staff_lists},
    live::as_event,
    reads, wire,
};
use crate::{
    db::{self, messages::Part, notifications::BellRead, tickets::TicketRow},
    domain::events::{Audience, Envelope},
    error::Result,
};

/// How many events of one room are told again at once; who missed more catches up by himself.
const STEP: i64 = 200;
/// A change older than this was told everywhere, whichever clock it has; what was told is remembered twice as long.
const LATELY: TimeDelta = TimeDelta::minutes(1);

/// Where a ticket stands: its last number in both numberings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stand {
    pub staff: i64,
    pub customer: i64,
}

impl Stand {
    fn of(ticket: &TicketRow) -> Self {
        Self {
            staff: ticket.staff_seq,
            customer: ticket.customer_seq,
        }
    }
}

/// A ticket's news.
#[derive(Debug)]
pub struct Retold {
    pub id: TicketId,
    pub stand: Stand,
    pub events: Vec<Envelope>,
}

/// What happened to a ticket: in its room after the number `room` (none: nobody is there), in lists since `list`.
pub fn ticket(
    tx: &mut Tx<'_>,
    id: TicketId,
    room: Option<i64>,
    list: Option<Stand>,
) -> Result<Option<Retold>> {
    let Some(ticket) = db::tickets::find(tx.conn, &TicketKey::Id(id))? else {
        return Ok(None);
    };
    let stand = Stand::of(&ticket);
    if let Some(told) = room.filter(|told| *told < ticket.staff_seq) {
        tell_room(tx, &ticket, told)?;
    }
    let as_event = if ticket.staff_seq == 0 {
        ServerEvent::TicketCreated
    } else {
        ServerEvent::TicketUpdated
    };
    match list {
        Some(told) if told == stand => {}
        // Only notes: nothing that customers may learn of.
        Some(told) if told.customer == stand.customer => tell_staff_lists(tx, &ticket, as_event),
        // What customers see changed so long ago that it was told, and that is forgotten.
        None if ticket.updated_at < tx.now - LATELY => tell_staff_lists(tx, &ticket, as_event),
        Some(_) | None => tell_lists(tx, &ticket, as_event),
    }
    Ok(Some(Retold {
        id,
        stand,
        events: tx.take_events(),
    }))
}

fn tell_room(tx: &mut Tx<'_>, ticket: &TicketRow, told: i64) -> Result<()> {
    let rows = db::messages::list(tx.conn, ticket.id, true, Part::After(told), STEP)?;
    for message in wire::messages(tx, &rows, true)? {
        let customer = rows
            .iter()
            .find(|row| row.id == message.id)
            .and_then(|row| row.customer_seq)
            .map(|seq| as_event(message.clone().numbered(seq), ticket.assignee_id));
        tx.emit(Envelope {
            audience: Audience::Room(ticket.id),
            staff: Some(as_event(message, ticket.assignee_id)),
            customer,
        });
    }
    Ok(())
}

/// How far an account (0: the ticket's guest) has read a ticket.
pub fn read(tx: &mut Tx<'_>, id: TicketId, user: UserId) -> Result<Vec<Envelope>> {
    let ticket = db::tickets::find(tx.conn, &TicketKey::Id(id))?;
    let staff = match user {
        UserId(0) => Some(false),
        user => db::users::find(tx.conn, user)?.map(|user| user.role.may(Permission::SeeAllTickets)),
    };
    if let (Some(ticket), Some(staff)) = (ticket, staff)
        && let Some(mark) = db::reads::list(tx.conn, user, &[id])?.pop()
    {
        reads::tell(tx, &ticket, &mark, staff)?;
    }
    Ok(tx.take_events())
}

/// Whose marks have moved since, and to where.
pub fn marks_since(tx: &mut Tx<'_>, since: NaiveDateTime) -> Result<Vec<(TicketId, UserId, i64)>> {
    Ok(db::reads::list_since(tx.conn, since)?)
}

/// Which of these tickets have got files of their own since.
pub fn files_since(
    tx: &mut Tx<'_>,
    rooms: &[TicketId],
    since: NaiveDateTime,
) -> Result<Vec<(AttachmentId, TicketId)>> {
    let mut files = Vec::new();
    for some in rooms.chunks(500) {
        files.extend(db::attachments::list_of_tickets_since(tx.conn, some, since)?);
    }
    Ok(files)
}

/// Who of these accounts has read what at the bell since.
pub fn bells_since(tx: &mut Tx<'_>, users: &[UserId], since: NaiveDateTime) -> Result<Vec<BellRead>> {
    let mut read = Vec::new();
    for some in users.chunks(500) {
        read.extend(db::notifications::list_read_since(tx.conn, some, since)?);
    }
    Ok(read)
}

/// That account (0: the ticket's guest) as somebody who has the ticket open, if it may.
pub fn person(tx: &mut Tx<'_>, id: TicketId, user: UserId, hidden: bool) -> Result<Option<Person>> {
    let Some(ticket) = db::tickets::find(tx.conn, &TicketKey::Id(id))? else {
        return Ok(None);
    };
    let (name, staff) = match user {
        UserId(0) => (ticket.customer_name, false),
        user => match db::users::find(tx.conn, user)? {
            Some(user) if user.is_active => {
                let staff = user.role.may(Permission::SeeAllTickets);
                if !staff && ticket.customer_id != Some(user.id) {
                    return Ok(None);
                }
                (user.display_name().to_owned(), staff)
            }
            Some(_) | None => return Ok(None),
        },
    };
    Ok(Some(Person {
        user_id: user,
        name,
        sender_type: if staff {
            SenderType::Admin
        } else {
            SenderType::Customer
        },
        hidden,
    }))
}

/// Where these tickets stand, and those that have changed since.
pub fn stands(tx: &mut Tx<'_>, rooms: &[TicketId], since: NaiveDateTime) -> Result<Vec<(TicketId, Stand)>> {
    let mut rows = db::tickets::seqs_since(tx.conn, since)?;
    for some in rooms.chunks(500) {
        rows.extend(db::tickets::seqs(tx.conn, some)?);
    }
    Ok(rows
        .into_iter()
        .map(|(id, staff, customer)| (id, Stand { staff, customer }))
        .collect())
}
