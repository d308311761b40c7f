//! The `tickets` table.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::{
    Priority, Status, TicketId, UserId,
    messages::SenderType,
    tickets::{Sort, TicketKey},
};

use super::{
    connection::{Backend, DbConnection},
    schema::{messages, tickets},
    statements::{Fresh, Kept, Locking, LockingFree, padded},
};

/// A ticket as it is stored.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = tickets)]
pub struct TicketRow {
    pub id: TicketId,
    pub ticket_number: String,
    pub customer_name: String,
    pub customer_email: String,
    pub customer_phone: Option<String>,
    pub title: String,
    pub description: String,
    pub kind: Option<String>,
    pub priority: Priority,
    pub status: Status,
    pub assignee: Option<String>,
    pub created_at: NaiveDateTime,
    pub updated_at: NaiveDateTime,
    pub resolved_at: Option<NaiveDateTime>,
    pub closed_at: Option<NaiveDateTime>,
    pub resolution: Option<String>,
    /// The account it belongs to.
    pub customer_id: Option<UserId>,
    pub assignee_id: Option<UserId>,
    pub staff_seq: i64,
    pub customer_seq: i64,
    pub first_reply_seconds: Option<i64>,
    /// How many messages the customer has said.
    pub customer_messages: i32,
    /// How many messages agents have said to the customer.
    pub staff_messages: i32,
    pub last_message: Option<String>,
    pub last_message_from: Option<SenderType>,
    pub last_message_at: Option<NaiveDateTime>,
    /// The language its customer wrote in, as far as is known.
    pub lang: Option<String>,
}

impl TicketRow {
    /// Its last number in the numbering of one side.
    pub const fn seq_for(&self, staff: bool) -> i64 {
        if staff { self.staff_seq } else { self.customer_seq }
    }
}

/// A ticket as a list needs it: everything but the long texts.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = tickets)]
pub struct TicketListRow {
    pub id: TicketId,
    pub ticket_number: String,
    pub customer_name: String,
    pub title: String,
    pub kind: Option<String>,
    pub priority: Priority,
    pub status: Status,
    pub assignee: Option<String>,
    pub created_at: NaiveDateTime,
    pub updated_at: NaiveDateTime,
    pub assignee_id: Option<UserId>,
    pub staff_seq: i64,
    pub customer_seq: i64,
    pub customer_messages: i32,
    pub staff_messages: i32,
    pub last_message: Option<String>,
    pub last_message_from: Option<SenderType>,
    pub last_message_at: Option<NaiveDateTime>,
}

/// A ticket to store.
#[derive(Debug, Insertable)]
#[diesel(table_name = tickets, treat_none_as_default_value = false)]
pub struct InsertTicket<'a> {
    pub ticket_number: &'a str,
    pub customer_name: &'a str,
    pub customer_email: &'a str,
    pub customer_phone: Option<&'a str>,
    pub title: &'a str,
    pub description: &'a str,
    pub kind: &'a str,
    pub priority: Priority,
    pub status: Status,
    pub created_at: NaiveDateTime,
    pub updated_at: NaiveDateTime,
    pub customer_id: Option<UserId>,
    pub create_key: Option<&'a str>,
    pub lang: Option<&'a str>,
}

impl InsertTicket<'_> {
    /// The row it became.
    pub fn into_row(self, id: TicketId) -> TicketRow {
        TicketRow {
            id,
            ticket_number: self.ticket_number.to_owned(),
            customer_name: self.customer_name.to_owned(),
            customer_email: self.customer_email.to_owned(),
            customer_phone: self.customer_phone.map(str::to_owned),
            title: self.title.to_owned(),
            description: self.description.to_owned(),
            kind: Some(self.kind.to_owned()),
            priority: self.priority,
            status: self.status,
            assignee: None,
            created_at: self.created_at,
            updated_at: self.updated_at,
            resolved_at: None,
            closed_at: None,
            resolution: None,
            customer_id: self.customer_id,
            assignee_id: None,
            staff_seq: 0,
            customer_seq: 0,
            first_reply_seconds: None,
            customer_messages: 0,
            staff_messages: 0,
            last_message: None,
            last_message_from: None,
            last_message_at: None,
            lang: self.lang.map(str::to_owned),
        }
    }
}

pub fn find(conn: &mut DbConnection, key: &TicketKey) -> QueryResult<Option<TicketRow>> {
    match key {
        TicketKey::Id(id) => tickets::table
            .find(*id)
            .select(TicketRow::as_select())
            .first(conn),
        TicketKey::Number(number) => tickets::table
            .filter(tickets::ticket_number.eq(number))
            .select(TicketRow::as_select())
            .first(conn),
    }
    .optional()
}

/// Reads the row and takes its lock for the rest of the transaction. It must be the first to touch the row, so that
/// every later read is of what the lock protects.
pub fn lock(conn: &mut DbConnection, key: &TicketKey) -> QueryResult<Option<TicketRow>> {
    match key {
        TicketKey::Id(id) => {
            let found = tickets::table.find(*id).select(TicketRow::as_select());
            Locking(found).get_result(conn)
        }
        TicketKey::Number(number) => {
            let found = tickets::table
                .filter(tickets::ticket_number.eq(number))
                .select(TicketRow::as_select());
            Locking(found).get_result(conn)
        }
    }
    .optional()
}

/// The same for several, leaving out those that somebody else holds.
pub fn lock_free(conn: &mut DbConnection, ids: &[TicketId]) -> QueryResult<Vec<TicketRow>> {
    let found = tickets::table
        .filter(tickets::id.eq_any(padded(ids)))
        .select(TicketRow::as_select());
    Kept(LockingFree(found)).load(conn)
}

pub fn insert(conn: &mut DbConnection, ticket: &InsertTicket<'_>) -> QueryResult<TicketId> {
    diesel::insert_into(tickets::table).values(ticket).execute(conn)?;
    conn.inserted_id().map(TicketId)
}

pub fn find_by_create_key(conn: &mut DbConnection, key: &str) -> QueryResult<Option<TicketRow>> {
    tickets::table
        .filter(tickets::create_key.eq(key))
        .select(TicketRow::as_select())
        .first(conn)
        .optional()
}

/// A ticket with its last numbers, the agents' and the customer's.
pub type Seqs = (TicketId, i64, i64);

/// Where these tickets stand.
pub fn seqs(conn: &mut DbConnection, ids: &[TicketId]) -> QueryResult<Vec<Seqs>> {
    tickets::table
        .filter(tickets::id.eq_any(ids))
        .select((tickets::id, tickets::staff_seq, tickets::customer_seq))
        .load(conn)
}

/// Where the tickets stand that have changed since then, notes left aside.
pub fn seqs_since(conn: &mut DbConnection, since: NaiveDateTime) -> QueryResult<Vec<Seqs>> {
    tickets::table
        .filter(tickets::updated_at.ge(since))
        .select((tickets::id, tickets::staff_seq, tickets::customer_seq))
        .load(conn)
}

/// The highest ticket numbers that begin with `prefix`, highest first: longer ones are higher. There are several
/// because the old system's may end in anything.
pub fn highest_numbers(conn: &mut DbConnection, prefix: &str) -> QueryResult<Vec<String>> {
    use diesel::dsl::sql;
    tickets::table
        .filter(tickets::ticket_number.like(format!("{prefix}%")))
        .order((
            sql::<diesel::sql_types::Integer>("LENGTH(ticket_number)").desc(),
            tickets::ticket_number.desc(),
        ))
        .select(tickets::ticket_number)
        .limit(100)
        .load(conn)
}

/// Which tickets to list. Names are resolved already, moments are UTC.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct TicketFilter {
    /// Only this account's own.
    pub owner: Option<UserId>,
    pub status: Option<Status>,
    pub kind: Option<String>,
    pub priority: Option<Priority>,
    pub assignee: AssigneeIs,
    pub from: Option<NaiveDateTime>,
    /// Before this moment.
    pub before: Option<NaiveDateTime>,
    pub q: Option<String>,
}

/// Whose tickets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum AssigneeIs {
    #[default]
    Anyone,
    Nobody,
    Agent(UserId),
    /// A free text of the old system.
    Text(String),
}

fn filtered(filter: &TicketFilter) -> tickets::BoxedQuery<'static, Backend> {
    let mut query = tickets::table.into_boxed();
    if let Some(owner) = filter.owner {
        query = query.filter(tickets::customer_id.eq(owner));
    }
    if let Some(status) = filter.status {
        query = query.filter(tickets::status.eq(status));
    }
    if let Some(kind) = &filter.kind {
        query = query.filter(tickets::kind.eq(kind.clone()));
    }
    if let Some(priority) = filter.priority {
        // A row of the old system may still say 普通.
        query = match priority {
            Priority::Medium => query.filter(tickets::priority.eq_any(["中", "普通"])),
            Priority::High | Priority::Low => query.filter(tickets::priority.eq(priority)),
        };
    }
    query = match &filter.assignee {
        AssigneeIs::Anyone => query,
        AssigneeIs::Nobody => query
            .filter(tickets::assignee_id.is_null())
            .filter(tickets::assignee.is_null().or(tickets::assignee.eq(""))),
        AssigneeIs::Agent(id) => query.filter(tickets::assignee_id.eq(*id)),
        AssigneeIs::Text(name) => query.filter(tickets::assignee.eq(name.clone())),
    };
    if let Some(from) = filter.from {
        query = query.filter(tickets::created_at.ge(from));
    }
    if let Some(before) = filter.before {
        query = query.filter(tickets::created_at.lt(before));
    }
    if let Some(q) = &filter.q {
        query = query.filter(matching(q, filter.owner.is_none()));
    }
    query
}

type Condition = Box<dyn BoxableExpression<tickets::table, Backend, SqlType = diesel::sql_types::Bool>>;

/// Where a search looks: the ticket's own texts and what was said on it (to customers: without notes).
fn matching(q: &str, staff: bool) -> Condition {
    let pattern = like_pattern(q);
    let said = messages::table
        .filter(messages::ticket_id.eq(tickets::id))
        .filter(messages::is_system.eq(false))
        .filter(messages::content.like(pattern.clone()).escape('!'));
    let texts = tickets::title
        .like(pattern.clone())
        .escape('!')
        .or(tickets::ticket_number.like(pattern.clone()).escape('!'))
        .or(tickets::customer_name.like(pattern.clone()).escape('!'))
        .or(tickets::customer_email.like(pattern.clone()).escape('!'))
        .or(tickets::description.like(pattern).escape('!'));
    if staff {
        Box::new(texts.or(diesel::dsl::exists(said)))
    } else {
        Box::new(texts.or(diesel::dsl::exists(said.filter(messages::internal.eq(false)))))
    }
}

/// A `LIKE` pattern that finds `text` anywhere; `!` escapes.
pub fn like_pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// How many tickets a filter lets through.
pub fn count(conn: &mut DbConnection, filter: &TicketFilter) -> QueryResult<i64> {
    filtered(filter).count().get_result(conn)
}

/// Which part of a list: up to `limit` rows after the first `offset` of `total`.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    pub limit: i64,
    pub offset: i64,
    pub total: i64,
}

/// One page of a list. Deep pages walk the index for ids first, from the list's nearer end, and fetch rows only for
/// those.
pub fn list(
    conn: &mut DbConnection,
    filter: &TicketFilter,
    sort: Sort,
    page: Page,
) -> QueryResult<Vec<TicketListRow>> {
    const DEEP: i64 = 500;
    if page.offset <= DEEP {
        let rows = sorted(filtered(filter), sort, Walk::Forwards)
            .limit(page.limit)
            .offset(page.offset)
            .select(TicketListRow::as_select());
        return Kept(rows).load(conn);
    }
    let behind = page.total - page.offset - page.limit;
    let (walk, limit, offset) = if behind < page.offset {
        // The last page may be shorter than the others.
        (Walk::Backwards, page.limit + behind.min(0), behind.max(0))
    } else {
        (Walk::Forwards, page.limit, page.offset)
    };
    let ids = sorted(filtered(filter), sort, walk)
        .limit(limit)
        .offset(offset)
        .select(tickets::id);
    let ids: Vec<TicketId> = Fresh(ids).load(conn)?;
    let rows = tickets::table
        .filter(tickets::id.eq_any(padded(&ids)))
        .into_boxed();
    Kept(sorted(rows, sort, Walk::Forwards).select(TicketListRow::as_select())).load(conn)
}

#[derive(Debug, Clone, Copy)]
enum Walk {
    Forwards,
    Backwards,
}

fn sorted(
    query: tickets::BoxedQuery<'_, Backend>,
    sort: Sort,
    walk: Walk,
) -> tickets::BoxedQuery<'_, Backend> {
    use tickets::{created_at, id, updated_at};
    let urgency = diesel::dsl::sql::<diesel::sql_types::Integer>(
        "CASE priority WHEN '高' THEN 0 WHEN '低' THEN 2 ELSE 1 END",
    );
    match (sort, walk) {
        (Sort::Newest, Walk::Forwards) | (Sort::Oldest, Walk::Backwards) => {
            query.order((created_at.desc(), id.desc()))
        }
        (Sort::Oldest, Walk::Forwards) | (Sort::Newest, Walk::Backwards) => {
            query.order((created_at.asc(), id.asc()))
        }
        (Sort::Updated, Walk::Forwards) => query.order((updated_at.desc(), id.desc())),
        (Sort::Updated, Walk::Backwards) => query.order((updated_at.asc(), id.asc())),
        (Sort::Priority, Walk::Forwards) => query.order((urgency.asc(), created_at.desc(), id.desc())),
        (Sort::Priority, Walk::Backwards) => query.order((urgency.desc(), created_at.asc(), id.asc())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_in_a_search_are_letters() {
        assert_eq!(like_pattern("100%_!"), "%100!%!_!!%");
    }
}
