//! Rows become wire types here, as one side may see them.

use std::collections::HashMap;

use shared::{
    LocalTime, MessageId, Status,
    attachments::Attachment,
    messages::{Change, Message, SenderType},
    tickets::{LastMessage, Ticket, TicketSummary},
};

use super::Tx;
use crate::{
    db::{
        self,
        messages::MessageRow,
        tickets::{TicketListRow, TicketRow},
    },
    domain::zone::Zone,
    error::Result,
};

/// The longest preview of a message, in characters.
const PREVIEW: usize = 120;

/// A message's beginning on one line.
pub(super) fn preview(content: &str) -> String {
    content
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(PREVIEW)
        .collect()
}

/// Messages as one side sees them, with their files and changes; those it must not see are left out.
pub(super) fn messages(tx: &mut Tx<'_>, rows: &[MessageRow], staff: bool) -> Result<Vec<Message>> {
    let zone = tx.zone();
    let plain: Vec<MessageId> = rows
        .iter()
        .filter(|row| !row.is_system)
        .map(|row| row.id)
        .collect();
    let system: Vec<MessageId> = rows
        .iter()
        .filter(|row| row.is_system)
        .map(|row| row.id)
        .collect();
    let mut files = files_of(tx, &plain)?;
    let mut changes: HashMap<MessageId, Change> = HashMap::new();
    if !system.is_empty() {
        for event in db::events::list_of_messages(tx.conn, &system)? {
            if let Some(message) = event.message_id {
                changes.insert(message, event.to_change());
            }
        }
    }
    let shown = |row: &MessageRow| {
        let seq = row.seq_for(staff)?;
        Some(row.to_wire(
            seq,
            files.remove(&row.id).unwrap_or_default(),
            changes.remove(&row.id),
            zone,
        ))
    };
    Ok(rows.iter().filter_map(shown).collect())
}

fn files_of(tx: &mut Tx<'_>, messages: &[MessageId]) -> Result<HashMap<MessageId, Vec<Attachment>>> {
    let mut files: HashMap<MessageId, Vec<Attachment>> = HashMap::new();
    if messages.is_empty() {
        return Ok(files);
    }
    let zone = tx.zone();
    for file in db::attachments::list_of_messages(tx.conn, messages)? {
        if let Some(message) = file.message_id {
            files.entry(message).or_default().push(file.to_wire(zone));
        }
    }
    Ok(files)
}

/// A ticket in full as one side sees it.
pub(super) fn ticket(
    row: TicketRow,
    attachments: Vec<Attachment>,
    staff: bool,
    unread: i32,
    zone: Zone,
) -> Ticket {
    let seq = if staff { row.staff_seq } else { row.customer_seq };
    Ticket {
        id: row.id,
        ticket_number: row.ticket_number,
        customer_name: row.customer_name,
        customer_email: row.customer_email,
        customer_phone: row.customer_phone,
        guest: row.customer_id.is_none(),
        title: row.title,
        description: row.description,
        kind: row.kind,
        priority: row.priority,
        status: row.status,
        assignee: row.assignee.filter(|name| !name.is_empty()),
        assignee_id: row.assignee_id,
        created_at: zone.show(row.created_at),
        updated_at: zone.show(row.updated_at),
        resolved_at: row.resolved_at.map(|at| zone.show(at)),
        closed_at: row.closed_at.map(|at| zone.show(at)),
        resolution: row.resolution,
        attachments,
        seq,
        unread,
        version: seq,
    }
}

/// A ticket in a list as one side sees it.
pub(super) fn summary(row: &TicketListRow, staff: bool, unread: i32, zone: Zone) -> TicketSummary {
    TicketSummary {
        id: row.id,
        ticket_number: row.ticket_number.clone(),
        title: row.title.clone(),
        status: row.status,
        priority: row.priority,
        kind: row.kind.clone(),
        customer_name: row.customer_name.clone(),
        assignee: row.assignee.clone().filter(|name| !name.is_empty()),
        assignee_id: row.assignee_id,
        created_at: zone.show(row.created_at),
        updated_at: zone.show(row.updated_at),
        unread,
        received: if staff {
            row.customer_messages
        } else {
            row.staff_messages
        },
        last_message: last_message(row, zone),
        waiting_since: waiting_since(row, zone),
        version: if staff { row.staff_seq } else { row.customer_seq },
    }
}

fn last_message(row: &TicketListRow, zone: Zone) -> Option<LastMessage> {
    let sender_type = row.last_message_from?;
    Some(LastMessage {
        sender_type,
        content: preview(row.last_message.as_deref()?),
        created_at: zone.show(row.last_message_at?),
    })
}

/// An open ticket waits for us since the customer's last word, or since its creation if nobody answered yet.
fn waiting_since(row: &TicketListRow, zone: Zone) -> Option<LocalTime> {
    let since = match (row.status, row.last_message_from, row.last_message_at) {
        (Status::Resolved | Status::Closed, _, _) | (_, Some(SenderType::Admin), _) => return None,
        (_, Some(SenderType::Customer), Some(at)) => at,
        (_, _, _) => row.created_at,
    };
    Some(zone.show(since))
}

/// A full row holds all that a list shows.
impl From<&TicketRow> for TicketListRow {
    fn from(row: &TicketRow) -> Self {
        Self {
            id: row.id,
            ticket_number: row.ticket_number.clone(),
            customer_name: row.customer_name.clone(),
            title: row.title.clone(),
            kind: row.kind.clone(),
            priority: row.priority,
            status: row.status,
            assignee: row.assignee.clone(),
            created_at: row.created_at,
            updated_at: row.updated_at,
            assignee_id: row.assignee_id,
            staff_seq: row.staff_seq,
            customer_seq: row.customer_seq,
            customer_messages: row.customer_messages,
            staff_messages: row.staff_messages,
            last_message: row.last_message.clone(),
            last_message_from: row.last_message_from,
            last_message_at: row.last_message_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_is_one_short_line() {
        assert_eq!(preview(" 第一行\n\n第二行 "), "第一行 第二行");
        assert_eq!(preview(&"字".repeat(500)).chars().count(), PREVIEW);
    }
}
