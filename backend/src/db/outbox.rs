//! The `notifications` table as mails are made of it: what is due, who is at it, what became of it.

use chrono::NaiveDateTime;
use diesel::{
    dsl::{exists, max, not},
    prelude::*,
};
use shared::{
    NotificationId, TicketId, UserId,
    notifications::{MailState, NotificationKind},
};

use super::{
    connection::{Backend, DbConnection},
    schema::notifications,
    statements::{Kept, Locking, update},
};

diesel::alias!(const EARLIER: Alias<Earlier> = notifications as earlier);

/// A notification with what is known of its mail.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = notifications)]
pub struct MailRow {
    pub id: NotificationId,
    pub ticket_id: TicketId,
    pub staff_seq: i64,
    pub user_id: UserId,
    pub actor_id: UserId,
    pub seq: i64,
    pub kind: NotificationKind,
    pub created_at: NaiveDateTime,
    pub read_at: Option<NaiveDateTime>,
    pub mail: MailState,
    /// When it is tried next; when it went out, once it has.
    pub mail_due_at: NaiveDateTime,
    /// Since when it is tried.
    pub mail_since: NaiveDateTime,
    /// How often it was tried in vain.
    pub mail_attempts: i32,
    pub mail_answer: Option<String>,
}

impl MailRow {
    /// When it went out.
    pub fn sent_at(&self) -> Option<NaiveDateTime> {
        (self.mail == MailState::Sent).then_some(self.mail_due_at)
    }
}

/// Who is at a mail, and since when it would be free for others.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    pub by: &'a str,
    pub now: NaiveDateTime,
    /// A claim from before this is that of a server which has died.
    pub lapsed: NaiveDateTime,
}

/// What people wait for. The agents' mails about new tickets have a share of their own: a rush of them holds up no answer.
const URGENT: [NotificationKind; 3] = [
    NotificationKind::Message,
    NotificationKind::Status,
    NotificationKind::Assigned,
];

/// The mail that should go next: one that a server left behind, then what people wait for, or first a new ticket if it is
/// the turn of those. One recipient's mails of one ticket go in order: none while an earlier one is under way.
pub fn find_due(
    conn: &mut DbConnection,
    now: NaiveDateTime,
    lapsed: NaiveDateTime,
    new_tickets_first: bool,
) -> QueryResult<Option<MailRow>> {
    let left_behind = notifications::table
        .filter(notifications::mail.eq(MailState::Sending))
        .filter(notifications::mail_claimed_at.lt(lapsed))
        .into_boxed();
    if let Some(row) = first_free(conn, left_behind, now)? {
        return Ok(Some(row));
    }
    if new_tickets_first && let Some(row) = first_free(conn, waiting(NotificationKind::Created, now), now)? {
        return Ok(Some(row));
    }
    // Kind by kind: an index has them in order.
    let mut next: Option<MailRow> = None;
    for kind in URGENT {
        let row = first_free(conn, waiting(kind, now), now)?;
        next = next
            .into_iter()
            .chain(row)
            .min_by_key(|row| (row.mail_due_at, row.id));
    }
    match next {
        Some(row) => Ok(Some(find_new_ticket(conn, &row)?.unwrap_or(row))),
        None => first_free(conn, waiting(NotificationKind::Created, now), now),
    }
}

fn waiting(kind: NotificationKind, now: NaiveDateTime) -> notifications::BoxedQuery<'static, Backend> {
    notifications::table
        .filter(notifications::mail.eq(MailState::Waiting))
        .filter(notifications::kind.eq(kind))
        .filter(notifications::mail_due_at.le(now))
        .into_boxed()
}

/// The first of these that no earlier one of its ticket and recipient holds up. One about the new ticket itself that is
/// due does not: it goes right before.
fn first_free(
    conn: &mut DbConnection,
    query: notifications::BoxedQuery<'_, Backend>,
    now: NaiveDateTime,
) -> QueryResult<Option<MailRow>> {
    let holds_up = EARLIER
        .field(notifications::kind)
        .ne(NotificationKind::Created)
        .or(EARLIER.field(notifications::mail).eq(MailState::Sending))
        .or(EARLIER.field(notifications::mail_due_at).gt(now));
    let unfinished = EARLIER
        .filter(
            EARLIER
                .field(notifications::ticket_id)
                .eq(notifications::ticket_id),
        )
        .filter(EARLIER.field(notifications::user_id).eq(notifications::user_id))
        .filter(
            EARLIER
                .field(notifications::staff_seq)
                .lt(notifications::staff_seq),
        )
        .filter(
            EARLIER
                .field(notifications::mail)
                .eq_any([MailState::Waiting, MailState::Sending]),
        )
        .filter(holds_up);
    let first = query
        .filter(not(exists(unfinished)))
        .order((notifications::mail_due_at.asc(), notifications::id.asc()))
        .limit(1)
        .select(MailRow::as_select());
    Kept(first).get_result(conn).optional()
}

/// The mail about the new ticket that its recipient should have before this one.
fn find_new_ticket(conn: &mut DbConnection, row: &MailRow) -> QueryResult<Option<MailRow>> {
    notifications::table
        .filter(notifications::ticket_id.eq(row.ticket_id))
        .filter(notifications::user_id.eq(row.user_id))
        .filter(notifications::staff_seq.lt(row.staff_seq))
        .filter(notifications::kind.eq(NotificationKind::Created))
        .filter(notifications::mail.eq(MailState::Waiting))
        .select(MailRow::as_select())
        .first(conn)
        .optional()
}

/// Takes a mail that was found due; false if another server was quicker. One that a server left behind may have been
/// sent: that was a try.
pub fn claim(conn: &mut DbConnection, row: &mut MailRow, claim: Claim<'_>) -> QueryResult<bool> {
    if row.mail == MailState::Sending {
        row.mail_attempts += 1;
    }
    let changes = (
        notifications::mail.eq(MailState::Sending),
        notifications::mail_claim.eq(claim.by),
        notifications::mail_claimed_at.eq(claim.now),
    );
    // Until now nobody has tried.
    let first = row.mail == MailState::Waiting && row.mail_attempts == 0 && row.mail_answer.is_none();
    let since = if first { claim.now } else { row.mail_since };
    let changes = (
        changes,
        notifications::mail_since.eq(since),
        notifications::mail_attempts.eq(row.mail_attempts),
    );
    let mail = notifications::table
        .find(row.id)
        .filter(notifications::mail.eq(row.mail));
    let taken = if row.mail == MailState::Waiting {
        update(mail, changes).execute(conn)?
    } else {
        let lapsed = mail.filter(notifications::mail_claimed_at.lt(claim.lapsed));
        update(lapsed, changes).execute(conn)?
    };
    Ok(taken == 1)
}

/// What else waits for the same recipient on the same ticket is told in this mail too, and so is what those were to tell;
/// up to the first that may have arrived: that one stays as it is, and in its place.
pub fn join_followers(
    conn: &mut DbConnection,
    lead: &MailRow,
    kinds: &[NotificationKind],
) -> QueryResult<usize> {
    let later = notifications::table
        .filter(notifications::ticket_id.eq(lead.ticket_id))
        .filter(notifications::user_id.eq(lead.user_id))
        .filter(notifications::staff_seq.gt(lead.staff_seq))
        .filter(notifications::mail.eq_any([MailState::Waiting, MailState::Sending]))
        .filter(notifications::kind.eq_any(kinds))
        .order(notifications::staff_seq.asc())
        .select((
            notifications::id,
            notifications::mail,
            notifications::mail_attempts,
        ));
    // Locked: an operator may be giving one up.
    let later: Vec<(NotificationId, MailState, i32)> = Kept(Locking(later)).load(conn)?;
    let untried = later
        .into_iter()
        .take_while(|(_, state, attempts)| *state == MailState::Waiting && *attempts == 0);
    let followers: Vec<NotificationId> = untried.map(|(id, ..)| id).collect();
    if followers.is_empty() {
        return Ok(0);
    }
    let theirs = notifications::table
        .filter(notifications::ticket_id.eq(lead.ticket_id))
        .filter(notifications::mail_lead_id.eq_any(&followers));
    diesel::update(theirs)
        .set(notifications::mail_lead_id.eq(lead.id))
        .execute(conn)?;
    diesel::update(notifications::table.filter(notifications::id.eq_any(&followers)))
        .set((
            notifications::mail.eq(MailState::Joined),
            notifications::mail_lead_id.eq(lead.id),
        ))
        .execute(conn)
}

/// Begins the time anew in which nobody else takes a claimed mail; false if it is no longer this server's.
pub fn renew(conn: &mut DbConnection, id: NotificationId, by: &str, now: NaiveDateTime) -> QueryResult<bool> {
    let own = notifications::table
        .find(id)
        .filter(notifications::mail.eq(MailState::Sending))
        .filter(notifications::mail_claim.eq(by));
    update(own, notifications::mail_claimed_at.eq(now))
        .execute(conn)
        .map(|rows| rows == 1)
}

/// Lets what was to be told in this mail wait for one of its own.
pub fn part_followers(conn: &mut DbConnection, lead: &MailRow) -> QueryResult<usize> {
    let followers = notifications::table
        .filter(notifications::ticket_id.eq(lead.ticket_id))
        .filter(notifications::mail_lead_id.eq(lead.id));
    let alone: Option<NotificationId> = None;
    diesel::update(followers)
        .set((
            notifications::mail.eq(MailState::Waiting),
            notifications::mail_lead_id.eq(alone),
        ))
        .execute(conn)
}

/// Leaves these out of the mail that was to tell them: it need not.
pub fn leave_out(conn: &mut DbConnection, ids: &[NotificationId], words: &str) -> QueryResult<usize> {
    if ids.is_empty() {
        return Ok(0);
    }
    let alone: Option<NotificationId> = None;
    diesel::update(notifications::table.filter(notifications::id.eq_any(ids)))
        .set((
            notifications::mail.eq(MailState::Cancelled),
            notifications::mail_answer.eq(words),
            notifications::mail_lead_id.eq(alone),
        ))
        .execute(conn)
}

/// Lets whatever waits for an agent wait until then: he has had enough mails.
pub fn postpone(conn: &mut DbConnection, agent: UserId, until: NaiveDateTime) -> QueryResult<usize> {
    let his = notifications::table
        .filter(notifications::user_id.eq(agent))
        .filter(notifications::mail.eq(MailState::Waiting))
        .filter(notifications::mail_due_at.lt(until));
    diesel::update(his)
        .set(notifications::mail_due_at.eq(until))
        .execute(conn)
}

pub fn find(conn: &mut DbConnection, id: NotificationId) -> QueryResult<Option<MailRow>> {
    notifications::table
        .find(id)
        .select(MailRow::as_select())
        .first(conn)
        .optional()
}

/// All of them, oldest first.
pub fn list_all(conn: &mut DbConnection) -> QueryResult<Vec<MailRow>> {
    notifications::table
        .order(notifications::id.asc())
        .select(MailRow::as_select())
        .load(conn)
}

/// The notifications that are told in the mail of this one.
pub fn list_joined(conn: &mut DbConnection, lead: &MailRow) -> QueryResult<Vec<MailRow>> {
    notifications::table
        .filter(notifications::ticket_id.eq(lead.ticket_id))
        .filter(notifications::mail_lead_id.eq(lead.id))
        .order(notifications::staff_seq.asc())
        .select(MailRow::as_select())
        .load(conn)
}

/// What became of a try.
#[derive(Debug, Clone, AsChangeset)]
#[diesel(table_name = notifications, treat_none_as_null = true)]
pub struct Settled {
    pub mail: MailState,
    pub mail_due_at: NaiveDateTime,
    pub mail_attempts: i32,
    pub mail_answer: Option<String>,
    /// Where it went, once it has.
    pub mail_address: Option<String>,
    pub mail_claim: Option<String>,
    pub mail_claimed_at: Option<NaiveDateTime>,
}

/// Notes what became of a mail that is still this server's; false if it no longer is.
pub fn settle(conn: &mut DbConnection, id: NotificationId, by: &str, settled: &Settled) -> QueryResult<bool> {
    let own = notifications::table
        .find(id)
        .filter(notifications::mail.eq(MailState::Sending))
        .filter(notifications::mail_claim.eq(by));
    update(own, settled).execute(conn).map(|rows| rows == 1)
}

/// Gives back whatever is claimed: only where no other server can be at it. Each may have been sent already.
pub fn release_all(conn: &mut DbConnection) -> QueryResult<usize> {
    diesel::update(notifications::table.filter(notifications::mail.eq(MailState::Sending)))
        .set((
            notifications::mail.eq(MailState::Waiting),
            notifications::mail_attempts.eq(notifications::mail_attempts + 1),
        ))
        .execute(conn)
}

/// Not before the first moment, and not after the second: a clock that was set back makes no try later than now count.
pub type Span = (NaiveDateTime, NaiveDateTime);

/// How many mails of each kind were tried in that time, by all servers together, those that are under way included.
pub fn count_tried(
    conn: &mut DbConnection,
    (since, until): Span,
) -> QueryResult<Vec<(NotificationKind, i64)>> {
    notifications::table
        .filter(notifications::mail_claimed_at.gt(since))
        .filter(notifications::mail_claimed_at.le(until))
        .group_by(notifications::kind)
        .select((notifications::kind, diesel::dsl::count_star()))
        .load(conn)
}

/// When mails other than this one went to the address in that time, or may have, oldest first, whoever's it is.
pub fn list_sent_to(
    conn: &mut DbConnection,
    address: &str,
    (since, until): Span,
    but: NotificationId,
) -> QueryResult<Vec<NaiveDateTime>> {
    // The moment of the last try, which an index has in order.
    let moments: Vec<Option<NaiveDateTime>> = notifications::table
        .filter(notifications::mail_claimed_at.gt(since))
        .filter(notifications::mail_claimed_at.le(until))
        .filter(notifications::mail_address.eq(address))
        .filter(notifications::id.ne(but))
        .order(notifications::mail_claimed_at.asc())
        .select(notifications::mail_claimed_at)
        .load(conn)?;
    Ok(moments.into_iter().flatten().collect())
}

/// Notes where a claimed mail is about to go: it counts for that address from now on.
pub fn note_address(conn: &mut DbConnection, id: NotificationId, to: &str) -> QueryResult<usize> {
    update(notifications::table.find(id), notifications::mail_address.eq(to)).execute(conn)
}

/// The latest mail before this one that its recipient got about the ticket.
pub fn find_sent_before(conn: &mut DbConnection, row: &MailRow) -> QueryResult<Option<i64>> {
    notifications::table
        .filter(notifications::ticket_id.eq(row.ticket_id))
        .filter(notifications::user_id.eq(row.user_id))
        .filter(notifications::staff_seq.lt(row.staff_seq))
        .filter(notifications::mail.eq(MailState::Sent))
        .select(max(notifications::staff_seq))
        .first(conn)
}

/// How many mails there are in each state that an operator has to know of.
pub fn count_open(conn: &mut DbConnection) -> QueryResult<Vec<(MailState, i64)>> {
    notifications::table
        .filter(notifications::mail.eq_any([MailState::Waiting, MailState::Sending, MailState::Failed]))
        .group_by(notifications::mail)
        .select((notifications::mail, diesel::dsl::count_star()))
        .load(conn)
}

/// Some of what was settled before that moment. Nothing is locked: all of the table may have to be read for it.
pub fn list_settled(
    conn: &mut DbConnection,
    before: NaiveDateTime,
    limit: i64,
) -> QueryResult<Vec<NotificationId>> {
    notifications::table
        .filter(notifications::created_at.lt(before))
        .filter(not(
            notifications::mail.eq_any([MailState::Waiting, MailState::Sending])
        ))
        .limit(limit)
        .select(notifications::id)
        .load(conn)
}

pub fn delete(conn: &mut DbConnection, ids: &[NotificationId]) -> QueryResult<usize> {
    diesel::delete(notifications::table.filter(notifications::id.eq_any(ids))).execute(conn)
}
