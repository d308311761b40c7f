//! The `notifications` table as operators look through it: mails with ticket and recipient.

use chrono::NaiveDateTime;
use diesel::{dsl::case_when, prelude::*, sql_types::Integer};
use shared::{NotificationId, Role, notifications::MailState};

use super::{
    connection::{Backend, DbConnection},
    outbox::MailRow,
    schema::{notifications, tickets, users},
};

/// A mail with what an operator needs to know it by.
#[derive(Debug, Clone)]
pub struct MailListRow {
    pub mail: MailRow,
    pub ticket_number: String,
    /// Where it went.
    address: Option<String>,
    customer: (String, String),
    account: Option<(Role, String, Option<String>, Option<String>)>,
}

impl MailListRow {
    /// Name and address: where it went; until then an agent's own, a customer's as the ticket has it.
    pub fn recipient(&self) -> (String, String) {
        let (customer, ticket_email) = self.customer.clone();
        let (name, email) = match &self.account {
            Some((role, username, full_name, email)) => {
                let name = full_name.as_ref().filter(|name| !name.trim().is_empty());
                let own = email.clone().unwrap_or_default();
                let email = if *role == Role::Admin { own } else { ticket_email };
                (name.unwrap_or(username).clone(), email)
            }
            None => (customer, ticket_email),
        };
        let went = self.address.clone().filter(|_| self.mail.mail == MailState::Sent);
        (name, went.unwrap_or(email))
    }
}

type Columns = (
    MailRow,
    Option<String>,
    String,
    String,
    String,
    Option<(Role, String, Option<String>, Option<String>)>,
);

fn from_columns((mail, address, ticket_number, name, email, account): Columns) -> MailListRow {
    MailListRow {
        mail,
        address,
        ticket_number,
        customer: (name, email),
        account,
    }
}

macro_rules! joined {
    () => {
        notifications::table
            .inner_join(tickets::table.on(tickets::id.eq(notifications::ticket_id)))
            .left_join(users::table.on(users::id.eq(notifications::user_id)))
            .select((
                MailRow::as_select(),
                notifications::mail_address,
                tickets::ticket_number,
                tickets::customer_name,
                tickets::customer_email,
                (users::role, users::username, users::full_name, users::email).nullable(),
            ))
    };
}

fn in_state(state: Option<MailState>) -> notifications::BoxedQuery<'static, Backend> {
    let mails = notifications::table.into_boxed();
    match state {
        Some(state) => mails.filter(notifications::mail.eq(state)),
        None => mails.filter(notifications::mail.ne(MailState::Joined)),
    }
}

pub fn count(conn: &mut DbConnection, state: Option<MailState>) -> QueryResult<i64> {
    in_state(state).count().get_result(conn)
}

/// Mails, newest first.
pub fn list(
    conn: &mut DbConnection,
    state: Option<MailState>,
    limit: i64,
    offset: i64,
) -> QueryResult<Vec<MailListRow>> {
    let ids: Vec<NotificationId> = in_state(state)
        .order(notifications::id.desc())
        .limit(limit)
        .offset(offset)
        .select(notifications::id)
        .load(conn)?;
    let rows: Vec<Columns> = joined!()
        .filter(notifications::id.eq_any(ids))
        .order(notifications::id.desc())
        .load(conn)?;
    Ok(rows.into_iter().map(from_columns).collect())
}

pub fn find(conn: &mut DbConnection, id: NotificationId) -> QueryResult<Option<MailListRow>> {
    let row: Option<Columns> = joined!()
        .filter(notifications::id.eq(id))
        .first(conn)
        .optional()?;
    Ok(row.map(from_columns))
}

/// Makes a mail due at that time, if it is in one of these states; false if not. Three days begin anew.
pub fn retry(
    conn: &mut DbConnection,
    id: NotificationId,
    states: &[MailState],
    at: NaiveDateTime,
) -> QueryResult<bool> {
    let tried = notifications::mail_attempts.gt(0);
    // One that was tried may have arrived: it must stay as it is. The pauses between tries begin anew.
    let attempts = case_when(tried, 1.into_sql::<Integer>()).otherwise(0);
    // One that is due already keeps its place before those that became due later.
    let is_due = notifications::mail
        .eq(MailState::Waiting)
        .and(notifications::mail_due_at.lt(at));
    let due = case_when(is_due, notifications::mail_due_at).otherwise(at);
    let mail = notifications::table
        .find(id)
        .filter(notifications::mail.eq_any(states));
    diesel::update(mail)
        .set((
            // Before the state: MySQL takes these one after the other.
            notifications::mail_due_at.eq(due),
            notifications::mail.eq(MailState::Waiting),
            notifications::mail_since.eq(at),
            notifications::mail_attempts.eq(attempts),
        ))
        .execute(conn)
        .map(|rows| rows == 1)
}

/// All mails that have failed, oldest first.
pub fn list_failed(conn: &mut DbConnection) -> QueryResult<Vec<NotificationId>> {
    notifications::table
        .filter(notifications::mail.eq(MailState::Failed))
        .order(notifications::id.asc())
        .select(notifications::id)
        .load(conn)
}

/// Gives up a mail that waits or failed; false if it is neither.
pub fn cancel(conn: &mut DbConnection, id: NotificationId, words: &str) -> QueryResult<bool> {
    let open = notifications::table
        .find(id)
        .filter(notifications::mail.eq_any([MailState::Waiting, MailState::Failed]));
    diesel::update(open)
        .set((
            notifications::mail.eq(MailState::Cancelled),
            notifications::mail_answer.eq(words),
        ))
        .execute(conn)
        .map(|rows| rows == 1)
}

/// Gives up those of these mails that have failed; how many.
pub fn cancel_failed(conn: &mut DbConnection, ids: &[NotificationId], words: &str) -> QueryResult<usize> {
    let failed = notifications::table
        .filter(notifications::id.eq_any(ids))
        .filter(notifications::mail.eq(MailState::Failed));
    diesel::update(failed)
        .set((
            notifications::mail.eq(MailState::Cancelled),
            notifications::mail_answer.eq(words),
        ))
        .execute(conn)
}
