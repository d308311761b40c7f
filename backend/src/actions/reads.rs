//! How far everybody has read: "unread" is what the other side has said since.

use std::collections::{BTreeSet, HashMap};

use shared::{
    Role, TicketId, UserId,
    live::{ReadNews, ServerEvent, UnreadNews},
    messages::SenderType,
};

use super::{Tx, access};
use crate::{
    db::{
        self,
        reads::ReadRow,
        tickets::{TicketListRow, TicketRow},
    },
    domain::{
        actor::Actor,
        events::{Audience, Envelope},
    },
    error::Result,
};

/// Unread messages per ticket, in the order of the rows.
pub(super) fn unread(tx: &mut Tx<'_>, user: UserId, staff: bool, rows: &[TicketListRow]) -> Result<Vec<i32>> {
    let said = |row: &TicketListRow| {
        if staff {
            row.customer_messages
        } else {
            row.staff_messages
        }
    };
    let spoken: Vec<TicketId> = rows
        .iter()
        .filter(|row| said(row) > 0)
        .map(|row| row.id)
        .collect();
    let marks = if spoken.is_empty() {
        Vec::new()
    } else {
        db::reads::list(tx.conn, user, &spoken)?
    };
    let seen = |id| {
        marks
            .iter()
            .find(|mark| mark.ticket_id == id)
            .map_or(0, |mark| mark.seen_messages)
    };
    Ok(rows.iter().map(|row| (said(row) - seen(row.id)).max(0)).collect())
}

/// Notes that the actor has seen everything up to `seq` of his numbering. A ticket's guest has one mark, under 0.
pub fn mark(tx: &mut Tx<'_>, actor: &Actor, ticket: TicketId, seq: i64) -> Result<()> {
    let ticket = access::find_by_id(tx, actor, ticket)?;
    let (reader, staff) = (actor.id(), actor.is_staff());
    let (last, other, total) = if staff {
        (ticket.staff_seq, SenderType::Customer, ticket.customer_messages)
    } else {
        (ticket.customer_seq, SenderType::Admin, ticket.staff_messages)
    };
    let seq = seq.clamp(0, last);
    let seen = if seq == last {
        total
    } else {
        // Messages of the time before adoption are on no counter, hence the difference from the end.
        let all = db::messages::count_said(tx.conn, ticket.id, other, staff, last)?;
        let upto = db::messages::count_said(tx.conn, ticket.id, other, staff, seq)?;
        total - i32::try_from(all - upto).unwrap_or(total)
    };
    let mark = ReadRow {
        ticket_id: ticket.id,
        user_id: reader,
        seq,
        seen_messages: seen.max(0),
        updated_at: tx.now,
    };
    if db::reads::advance(tx.conn, &mark)? {
        db::notifications::read_to(tx.conn, reader, ticket.id, seq, tx.now)?;
        tell(tx, &ticket, &mark, staff)?;
    }
    Ok(())
}

/// The other side learns how far it has been read, in its own numbering; the reader's other tabs what is left.
pub(super) fn tell(tx: &mut Tx<'_>, ticket: &TicketRow, mark: &ReadRow, staff: bool) -> Result<()> {
    let seq = db::messages::seq_across(tx.conn, ticket.id, staff, mark.seq)?;
    let news = Some(ServerEvent::Read(ReadNews {
        ticket_id: ticket.id,
        seq,
    }));
    let (for_staff, for_customer) = if staff { (None, news) } else { (news, None) };
    tx.emit(Envelope {
        audience: Audience::Room(ticket.id),
        staff: for_staff,
        customer: for_customer,
    });
    let received = if staff {
        ticket.customer_messages
    } else {
        ticket.staff_messages
    };
    let unread = Some(ServerEvent::Unread(UnreadNews {
        ticket_id: ticket.id,
        unread: (received - mark.seen_messages).max(0),
        received,
    }));
    tx.emit(Envelope {
        audience: Audience::Account(mark.user_id),
        staff: unread.clone(),
        customer: unread,
    });
    Ok(())
}

/// How far the other side has read each of these rooms, in the reader's own numbering. Each is asked for by a side:
/// whether it is the agents'.
pub(super) fn read_by_others(
    tx: &mut Tx<'_>,
    asked: &BTreeSet<(TicketId, bool)>,
) -> Result<HashMap<(TicketId, bool), i64>> {
    let tickets: Vec<TicketId> = asked.iter().map(|(ticket, _)| *ticket).collect();
    let mut read = HashMap::new();
    if tickets.is_empty() {
        return Ok(read);
    }
    for (ticket, role, seq) in db::reads::furthest(tx.conn, &tickets)? {
        let from_staff = role == Some(Role::Admin);
        let place = (ticket, !from_staff);
        if let (Some(seq @ 1..), true) = (seq, asked.contains(&place)) {
            let seq = db::messages::seq_across(tx.conn, ticket, from_staff, seq)?;
            // A customer with an account and a guest are one side.
            let furthest = read.entry(place).or_insert(seq);
            *furthest = seq.max(*furthest);
        }
    }
    Ok(read)
}
