//! The `notifications` table as changes write it and as its people read it: who is told of what.

use chrono::NaiveDateTime;
use diesel::{
    dsl::{count_star, exists, not},
    prelude::*,
};
use shared::{
    NotificationId, TicketId, UserId,
    notifications::{MAX_COUNTED, MailState, NotificationKind},
};

use super::{
    connection::DbConnection,
    schema::{messages, notifications, ticket_reads, tickets},
    statements::insert_all,
};

/// A notification to store. Ticket, change and recipient together are unique.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = notifications, treat_none_as_default_value = false)]
pub struct InsertNotification {
    pub ticket_id: TicketId,
    /// The number of the message that it is about, in the agents' numbering; 0 for the ticket itself.
    pub staff_seq: i64,
    /// The account that is told; 0 for a customer without one.
    pub user_id: UserId,
    /// The account that did it; 0 for a customer without one.
    pub actor_id: UserId,
    /// The number of that message in the recipient's numbering.
    pub seq: i64,
    pub kind: NotificationKind,
    pub created_at: NaiveDateTime,
    pub read_at: Option<NaiveDateTime>,
    pub mail: MailState,
    /// When its mail may go out.
    pub mail_due_at: NaiveDateTime,
    /// Since when it is tried.
    pub mail_since: NaiveDateTime,
}

pub fn insert_all(conn: &mut DbConnection, rows: &[InsertNotification]) -> QueryResult<()> {
    insert_all!(conn, notifications::table, rows)
}

/// Who has been told of a change already.
pub fn list_told(conn: &mut DbConnection, ticket: TicketId, staff_seq: i64) -> QueryResult<Vec<UserId>> {
    notifications::table
        .filter(notifications::ticket_id.eq(ticket))
        .filter(notifications::staff_seq.eq(staff_seq))
        .select(notifications::user_id)
        .load(conn)
}

/// An account, a second in which it read something at the bell that it has not seen in its ticket, and how much.
pub type BellRead = (UserId, NaiveDateTime, i64);

/// What these accounts have read at the bell since then.
pub fn list_read_since(
    conn: &mut DbConnection,
    users: &[UserId],
    since: NaiveDateTime,
) -> QueryResult<Vec<BellRead>> {
    let read_at = notifications::read_at.assume_not_null();
    let seen = ticket_reads::table
        .filter(ticket_reads::ticket_id.eq(notifications::ticket_id))
        .filter(ticket_reads::user_id.eq(notifications::user_id))
        .filter(ticket_reads::seq.ge(notifications::seq));
    notifications::table
        .filter(notifications::user_id.eq_any(users))
        .filter(notifications::read_at.ge(since))
        .filter(not(exists(seen)))
        .group_by((notifications::user_id, notifications::read_at))
        .select((notifications::user_id, read_at, count_star()))
        .load(conn)
}

/// A notification with what it is about.
#[derive(Debug, Clone, Queryable)]
pub struct NotificationRow {
    pub id: NotificationId,
    pub kind: NotificationKind,
    pub ticket_id: TicketId,
    pub created_at: NaiveDateTime,
    pub read_at: Option<NaiveDateTime>,
    /// The number of what it is about in the account's numbering, and how far the account has read the ticket.
    pub seq: i64,
    pub mark: Option<i64>,
    pub ticket_number: String,
    pub title: String,
    pub customer_name: String,
    /// Who said what; none where the ticket itself is the news.
    pub said: Option<(String, String)>,
}

impl NotificationRow {
    /// Has it not been seen, neither at the bell nor in the ticket?
    pub fn is_unread(&self) -> bool {
        self.read_at.is_none() && self.mark.is_none_or(|mark| mark < self.seq)
    }
}

/// Where a notification stands among its account's: by the moment of the change, then by its number.
pub type Place = (NaiveDateTime, i64, NotificationId);

/// The place of one of an account's.
pub fn find_place(conn: &mut DbConnection, user: UserId, id: NotificationId) -> QueryResult<Option<Place>> {
    notifications::table
        .find(id)
        .filter(notifications::user_id.eq(user))
        .select((
            notifications::created_at,
            notifications::staff_seq,
            notifications::id,
        ))
        .first(conn)
        .optional()
}

/// What an account was told, newest first, after that place. Of an account that is not `staff`, only its own tickets.
pub fn list(
    conn: &mut DbConnection,
    (user, staff): (UserId, bool),
    after: Option<Place>,
    limit: i64,
) -> QueryResult<Vec<NotificationRow>> {
    let mut query = notifications::table
        .inner_join(tickets::table.on(tickets::id.eq(notifications::ticket_id)))
        .left_join(
            messages::table.on(messages::ticket_id
                .eq(notifications::ticket_id)
                .and(messages::staff_seq.eq(notifications::staff_seq))),
        )
        .left_join(
            ticket_reads::table.on(ticket_reads::ticket_id
                .eq(notifications::ticket_id)
                .and(ticket_reads::user_id.eq(notifications::user_id))),
        )
        .filter(notifications::user_id.eq(user))
        .order((
            notifications::created_at.desc(),
            notifications::staff_seq.desc(),
            notifications::id.desc(),
        ))
        .limit(limit)
        .select((
            notifications::id,
            notifications::kind,
            notifications::ticket_id,
            notifications::created_at,
            notifications::read_at,
            notifications::seq,
            ticket_reads::seq.nullable(),
            tickets::ticket_number,
            tickets::title,
            tickets::customer_name,
            (messages::sender_name, messages::content).nullable(),
        ))
        .into_boxed();
    if !staff {
        query = query.filter(tickets::customer_id.eq(user));
    }
    if let Some((moment, seq, id)) = after {
        let same_change = notifications::staff_seq.eq(seq).and(notifications::id.lt(id));
        let same_moment = notifications::staff_seq.lt(seq).or(same_change);
        query = query.filter(
            notifications::created_at
                .lt(moment)
                .or(notifications::created_at.eq(moment).and(same_moment)),
        );
    }
    query.load(conn)
}

/// How many of them the account has not read, up to a limit. Where a mark moved while the notification was being made,
/// only the mark tells.
pub fn count_unread(conn: &mut DbConnection, (user, staff): (UserId, bool)) -> QueryResult<i64> {
    let seen = ticket_reads::table
        .filter(ticket_reads::ticket_id.eq(notifications::ticket_id))
        .filter(ticket_reads::user_id.eq(notifications::user_id))
        .filter(ticket_reads::seq.ge(notifications::seq));
    let unread = notifications::table
        .filter(notifications::user_id.eq(user))
        .filter(notifications::read_at.is_null())
        .filter(not(exists(seen)))
        .limit(MAX_COUNTED)
        .select(notifications::id);
    let unread: Vec<NotificationId> = if staff {
        unread.load(conn)?
    } else {
        let own = tickets::table.on(tickets::id.eq(notifications::ticket_id));
        unread
            .inner_join(own)
            .filter(tickets::customer_id.eq(user))
            .load(conn)?
    };
    Ok(i64::try_from(unread.len()).unwrap_or(MAX_COUNTED))
}

/// Whatever an account was told of a ticket up to that number of its numbering is read.
pub fn read_to(
    conn: &mut DbConnection,
    user: UserId,
    ticket: TicketId,
    seq: i64,
    now: NaiveDateTime,
) -> QueryResult<usize> {
    let seen = notifications::table
        .filter(notifications::ticket_id.eq(ticket))
        .filter(notifications::user_id.eq(user))
        .filter(notifications::seq.le(seq))
        .filter(notifications::read_at.is_null());
    diesel::update(seen)
        .set(notifications::read_at.eq(now))
        .execute(conn)
}

/// Marks some of an account's as read, or all.
pub fn read(
    conn: &mut DbConnection,
    user: UserId,
    some: Option<&[NotificationId]>,
    now: NaiveDateTime,
) -> QueryResult<usize> {
    let own = notifications::table
        .filter(notifications::user_id.eq(user))
        .filter(notifications::read_at.is_null());
    match some {
        Some(ids) => diesel::update(own.filter(notifications::id.eq_any(ids)))
            .set(notifications::read_at.eq(now))
            .execute(conn),
        None => diesel::update(own)
            .set(notifications::read_at.eq(now))
            .execute(conn),
    }
}
