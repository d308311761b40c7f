//! How statements are sent: kept prepared on their connection, with a lock on what they read, with `IN` lists of few lengths.

use diesel::{
    QueryResult, RunQueryDsl,
    query_builder::{AsChangeset, AstPass, IntoUpdateTarget, Query, QueryFragment, QueryId, UpdateTarget},
};

use super::connection::{Backend, DbConnection};

/// A query that stays prepared. diesel prepares anew each time what could have texts without number, such as every `IN`
/// list and every literal. On MySQL that is a second round trip to the server, so a query that has few texts in truth
/// is wrapped in this.
#[derive(Debug, Clone, Copy)]
pub struct Kept<Q>(pub Q);

impl<Q: QueryFragment<B>, B: diesel::backend::Backend> QueryFragment<B> for Kept<Q> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, B>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _: &B) -> QueryResult<bool> {
        Ok(true)
    }
}

/// A query that is prepared anew each time. MariaDB 10.11 runs a prepared query a second time without asking again which
/// index covers it: after any other query of the same table, one that only walked an index sorts the whole table.
#[derive(Debug, Clone, Copy)]
pub struct Fresh<Q>(pub Q);

impl<Q: QueryFragment<Backend>> QueryFragment<Backend> for Fresh<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        self.0.walk_ast(out)
    }
}

/// A query whose rows stay locked until the transaction ends, and which sees their latest state. SQLite needs no
/// clause for that: a write transaction has the database for itself.
#[derive(Debug, Clone, Copy)]
pub struct Locking<Q>(pub Q);

impl<Q: QueryFragment<Backend>> QueryFragment<Backend> for Locking<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        self.0.walk_ast(out.reborrow())?;
        match out.backend() {
            Backend::Sqlite(_) => {}
            #[cfg(feature = "mysql")]
            Backend::Mysql(_) => out.push_sql(" FOR UPDATE"),
        }
        Ok(())
    }
}

/// [`Locking`], but of rows that are free: those that another transaction holds are left out instead of waited for.
#[derive(Debug, Clone, Copy)]
pub struct LockingFree<Q>(pub Q);

impl<Q: QueryFragment<Backend>> QueryFragment<Backend> for LockingFree<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        self.0.walk_ast(out.reborrow())?;
        match out.backend() {
            Backend::Sqlite(_) => {}
            #[cfg(feature = "mysql")]
            Backend::Mysql(_) => out.push_sql(" FOR UPDATE SKIP LOCKED"),
        }
        Ok(())
    }
}

macro_rules! query {
    ($($name:ident)*) => {$(
        /// Known by its text, which is what differs between two of the same type.
        impl<Q> QueryId for $name<Q> {
            type QueryId = ();
            const HAS_STATIC_QUERY_ID: bool = false;
        }

        impl<Q: Query> Query for $name<Q> {
            type SqlType = Q::SqlType;
        }

        impl<Q, C> RunQueryDsl<C> for $name<Q> {}
    )*};
}

query! { Kept Fresh Locking LockingFree }

/// An `UPDATE` that stays prepared, unlike `diesel::update`.
#[derive(Debug)]
pub struct Update<T, W, C> {
    target: UpdateTarget<T, W>,
    changes: C,
}

/// Changes these rows; there must be something to change.
pub fn update<S, C>(rows: S, changes: C) -> Update<S::Table, S::WhereClause, C::Changeset>
where
    S: IntoUpdateTarget,
    C: AsChangeset<Target = S::Table>,
{
    Update {
        target: rows.into_update_target(),
        changes: changes.as_changeset(),
    }
}

impl<T, W, C> QueryFragment<Backend> for Update<T, W, C>
where
    T: QueryFragment<Backend>,
    W: QueryFragment<Backend>,
    C: QueryFragment<Backend>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql("UPDATE ");
        self.target.table.walk_ast(out.reborrow())?;
        out.push_sql(" SET ");
        self.changes.walk_ast(out.reborrow())?;
        self.target.where_clause.walk_ast(out)
    }
}

impl<T, W, C> QueryId for Update<T, W, C> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T, W, C> RunQueryDsl<DbConnection> for Update<T, W, C> {}

/// A fixed statement without values, kept prepared.
#[derive(Debug, Clone, Copy)]
pub struct Command(pub &'static str);

impl QueryFragment<Backend> for Command {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql(self.0);
        Ok(())
    }
}

impl QueryId for Command {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<DbConnection> for Command {}

/// So many rows go into one statement. It holds at most 65,535 values, and no row has more than sixty.
#[cfg(feature = "mysql")]
pub const ROWS_IN_STATEMENT: usize = 1000;

/// An `INSERT` of up to so many rows stays prepared. Each number of them is a text of its own, and MariaDB keeps 16,382
/// for all connections together.
#[cfg(feature = "mysql")]
pub const ROWS_KEPT: usize = 16;

/// Stores several rows with one statement of MySQL's.
#[cfg(feature = "mysql")]
macro_rules! insert_rows {
    ($mysql:expr, $table:expr, $rows:expr) => {{
        let insert = diesel::insert_into($table).values($rows);
        if $rows.len() <= $crate::db::statements::ROWS_KEPT {
            $crate::db::statements::Kept(insert).execute($mysql)
        } else {
            insert.execute($mysql)
        }
    }};
}
#[cfg(feature = "mysql")]
pub(super) use insert_rows;

/// Stores rows whose ids nobody needs: on MySQL many in one statement, on SQLite, where that costs nothing, one by one.
///
/// What is stored often says `treat_none_as_default_value = false`: otherwise diesel writes DEFAULT for a missing value,
/// and prepares the statement of every single row anew.
macro_rules! insert_all {
    ($conn:expr, $table:expr, $rows:expr) => {{
        let (conn, rows): (&mut $crate::db::connection::DbConnection, &[_]) = ($conn, $rows);
        match conn {
            #[cfg(feature = "mysql")]
            $crate::db::connection::DbConnection::Mysql(mysql) if rows.len() > 1 => rows
                .chunks($crate::db::statements::ROWS_IN_STATEMENT)
                .try_for_each(|rows| $crate::db::statements::insert_rows!(mysql, $table, rows).map(drop)),
            conn => rows
                .iter()
                .try_for_each(|row| diesel::insert_into($table).values(row).execute(conn).map(drop)),
        }
    }};
}
pub(super) use insert_all;

/// The values of an `IN` list, the last one repeated until their number is a power of two: lists of all lengths then
/// have a handful of texts, and the statement can be [`Kept`].
pub fn padded<T: Copy>(values: &[T]) -> Vec<T> {
    let mut padded = values.to_vec();
    if let Some(last) = values.last() {
        padded.resize(values.len().next_power_of_two(), *last);
    }
    padded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_few_lengths_and_the_same_members() {
        assert!(padded::<i32>(&[]).is_empty());
        assert_eq!(padded(&[7]), [7]);
        assert_eq!(padded(&[1, 2, 3, 4, 5]), [1, 2, 3, 4, 5, 5, 5, 5]);
    }
}
