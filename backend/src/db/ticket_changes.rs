//! Changing rows of the `tickets` table.

use chrono::NaiveDateTime;
use diesel::{
    dsl::SqlTypeOf,
    prelude::*,
    query_builder::{AstPass, QueryFragment, QueryId},
    query_source::Column,
    sql_types::Integer,
};
use shared::{Priority, Status, TicketId, UserId, messages::SenderType};

use super::{
    connection::{Backend, DbConnection},
    schema::tickets,
    statements::{padded, update},
    tickets::TicketRow,
};

/// Changes to a ticket; `None` leaves a column, `Some(None)` empties it.
#[derive(Debug, Default, AsChangeset)]
#[diesel(table_name = tickets)]
pub struct TicketChangeset {
    pub status: Option<Status>,
    pub priority: Option<Priority>,
    pub assignee: Option<Option<String>>,
    pub assignee_id: Option<Option<UserId>>,
    pub updated_at: Option<NaiveDateTime>,
    pub resolved_at: Option<Option<NaiveDateTime>>,
    pub closed_at: Option<Option<NaiveDateTime>>,
    pub resolution: Option<Option<String>>,
    pub first_reply_seconds: Option<Option<i64>>,
    pub last_message: Option<Option<String>>,
    pub last_message_from: Option<Option<SenderType>>,
    pub last_message_at: Option<Option<NaiveDateTime>>,
}

/// The next entry of a ticket's thread: which numbers it takes, whom it counts for, what else it changes.
#[derive(Debug, Default)]
pub struct Append {
    /// For staff only: customers' numbering does not move.
    pub staff_only: bool,
    /// Counts as a message said by this side.
    pub said_by: Option<SenderType>,
    pub changes: TicketChangeset,
}

impl Append {
    fn steps(&self) -> (i64, i32, i32) {
        (
            i64::from(!self.staff_only),
            i32::from(self.said_by == Some(SenderType::Customer)),
            i32::from(self.said_by == Some(SenderType::Admin)),
        )
    }

    /// Does to a row in memory what [`append`] does to the stored one.
    pub fn apply(&self, row: &mut TicketRow) {
        let (customer_step, by_customer, by_staff) = self.steps();
        row.staff_seq += 1;
        row.customer_seq += customer_step;
        row.customer_messages += by_customer;
        row.staff_messages += by_staff;
        self.changes.apply(row);
    }
}

impl TicketChangeset {
    fn apply(&self, row: &mut TicketRow) {
        fn set<T: Clone>(to: &mut T, value: &Option<T>) {
            if let Some(value) = value {
                to.clone_from(value);
            }
        }
        set(&mut row.status, &self.status);
        set(&mut row.priority, &self.priority);
        set(&mut row.assignee, &self.assignee);
        set(&mut row.assignee_id, &self.assignee_id);
        set(&mut row.updated_at, &self.updated_at);
        set(&mut row.resolved_at, &self.resolved_at);
        set(&mut row.closed_at, &self.closed_at);
        set(&mut row.resolution, &self.resolution);
        set(&mut row.first_reply_seconds, &self.first_reply_seconds);
        set(&mut row.last_message, &self.last_message);
        set(&mut row.last_message_from, &self.last_message_from);
        set(&mut row.last_message_at, &self.last_message_at);
    }
}

/// Takes the ticket's next sequence numbers and applies the changes, in one atomic update.
pub fn append(conn: &mut DbConnection, id: TicketId, append: &Append) -> QueryResult<usize> {
    let (customer_step, by_customer, by_staff) = append.steps();
    let changes = (
        tickets::staff_seq.eq(tickets::staff_seq + 1),
        tickets::customer_seq.eq(tickets::customer_seq + customer_step),
        tickets::customer_messages.eq(tickets::customer_messages + by_customer),
        tickets::staff_messages.eq(tickets::staff_messages + by_staff),
        &append.changes,
    );
    update(tickets::table.find(id), changes).execute(conn)
}

/// Stores what messages have changed of these locked tickets, as the rows stand in memory by now, with one statement.
pub fn store_said(conn: &mut DbConnection, rows: &[&TicketRow]) -> QueryResult<()> {
    if rows.is_empty() {
        return Ok(());
    }
    Said(padded(rows)).execute(conn).map(drop)
}

/// One `UPDATE` of several tickets, each with values of its own.
struct Said<'a>(Vec<&'a TicketRow>);

impl QueryFragment<Backend> for Said<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        macro_rules! set {
            ($($before:literal $column:ident)*) => {$(
                out.push_sql($before);
                out.push_sql(tickets::$column::NAME);
                out.push_sql(" = CASE id");
                for row in &self.0 {
                    out.push_sql(" WHEN ");
                    out.push_bind_param::<Integer, _>(&row.id)?;
                    out.push_sql(" THEN ");
                    out.push_bind_param::<SqlTypeOf<tickets::$column>, _>(&row.$column)?;
                }
                // Never so; it tells MySQL the type of the others.
                out.push_sql(" ELSE ");
                out.push_sql(tickets::$column::NAME);
                out.push_sql(" END");
            )*};
        }
        set! {
            "UPDATE tickets SET " staff_seq
            ", " customer_seq
            ", " customer_messages
            ", " staff_messages
            ", " first_reply_seconds
            ", " last_message
            ", " last_message_from
            ", " last_message_at
            ", " updated_at
        }
        let mut before = " WHERE id IN (";
        for row in &self.0 {
            out.push_sql(std::mem::replace(&mut before, ", "));
            out.push_bind_param::<Integer, _>(&row.id)?;
        }
        out.push_sql(")");
        Ok(())
    }
}

/// Known by its text: there is one for each power of two.
impl QueryId for Said<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<DbConnection> for Said<'_> {}
