//! What somebody was told, as he looks at it: the bell.

use shared::{
    UserId,
    endpoint::Nothing,
    error::FieldError,
    live::ServerEvent,
    notifications::{MAX_LISTED, Notification, NotificationList, NotificationQuery, ReadRequest, Unread},
};

use super::{Tx, wire};
use crate::{
    db::{self, notifications::NotificationRow},
    domain::{
        actor::Actor,
        events::{Audience, Envelope},
        zone::Zone,
    },
    error::{Error, Result},
};

/// What the account was told, newest first.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, query: &NotificationQuery) -> Result<NotificationList> {
    let account = actor.signed_in()?;
    let owner = (account.id, actor.is_staff());
    let limit = query.limit.unwrap_or(20);
    if limit > MAX_LISTED {
        return Err(Error::field("limit", FieldError::Invalid));
    }
    let mut rows = match query.before {
        None => db::notifications::list(tx.conn, owner, None, i64::from(limit) + 1)?,
        Some(last) => match db::notifications::find_place(tx.conn, account.id, last)? {
            Some(place) => db::notifications::list(tx.conn, owner, Some(place), i64::from(limit) + 1)?,
            // It was forgotten meanwhile, and so was whatever came before it.
            None => Vec::new(),
        },
    };
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let zone = tx.zone();
    Ok(NotificationList {
        notifications: rows.into_iter().map(|row| to_wire(row, zone)).collect(),
        unread: db::notifications::count_unread(tx.conn, owner)?,
        has_more,
    })
}

/// Marks some as read, or all.
pub fn read(tx: &mut Tx<'_>, actor: &Actor, input: &ReadRequest) -> Result<Unread> {
    let account = actor.signed_in()?;
    if input.ids.len() > MAX_LISTED as usize {
        return Err(Error::field("ids", FieldError::Invalid));
    }
    let some = (!input.all).then_some(input.ids.as_slice());
    if db::notifications::read(tx.conn, account.id, some, tx.now)? > 0 {
        tx.emit(read_elsewhere(account.id));
    }
    Ok(Unread {
        unread: db::notifications::count_unread(tx.conn, (account.id, actor.is_staff()))?,
    })
}

/// All of an account's bells learn that something was read at one of them.
pub fn read_elsewhere(account: UserId) -> Envelope {
    let event = Some(ServerEvent::NotificationsRead(Nothing {}));
    Envelope {
        audience: Audience::Account(account),
        staff: event.clone(),
        customer: event,
    }
}

fn to_wire(row: NotificationRow, zone: Zone) -> Notification {
    let unread = row.is_unread();
    let (by, text) = row.said.map_or((row.customer_name, String::new()), |(by, text)| {
        (by, wire::preview(&text))
    });
    Notification {
        id: row.id,
        kind: row.kind,
        ticket_id: row.ticket_id,
        ticket_number: row.ticket_number,
        title: row.title,
        by,
        text,
        created_at: zone.show(row.created_at),
        unread,
    }
}
