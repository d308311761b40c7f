//! Counts over tickets.

use chrono::NaiveDateTime;
use diesel::{
    prelude::*,
    sql_types::{BigInt, Double, Integer, Nullable, Text, Timestamp},
};
use shared::UserId;

use super::connection::DbConnection;

/// The range of creation: from inclusive, before exclusive.
#[derive(Debug, Clone, Copy)]
pub struct Range {
    pub from: NaiveDateTime,
    pub before: NaiveDateTime,
}

/// How many tickets are in a status, and their answers' mean time.
#[derive(Debug, QueryableByName)]
pub struct StatusCount {
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = BigInt)]
    pub n: i64,
    /// How many of them have been answered.
    #[diesel(sql_type = BigInt)]
    pub answered: i64,
    #[diesel(sql_type = Nullable<Double>)]
    pub seconds: Option<f64>,
}

/// A value and its count.
#[derive(Debug, QueryableByName)]
pub struct Count {
    #[diesel(sql_type = Nullable<Text>)]
    pub name: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub n: i64,
}

/// One agent's tickets by status.
#[derive(Debug, QueryableByName)]
pub struct AgentCount {
    #[diesel(sql_type = Nullable<Integer>)]
    pub assignee_id: Option<UserId>,
    #[diesel(sql_type = Text)]
    pub assignee: String,
    #[diesel(sql_type = BigInt)]
    pub n: i64,
    #[diesel(sql_type = BigInt)]
    pub open: i64,
    #[diesel(sql_type = Nullable<Double>)]
    pub seconds: Option<f64>,
}

const WITHIN: &str = "FROM tickets WHERE created_at >= ? AND created_at < ?";

pub fn by_status(conn: &mut DbConnection, range: Range) -> QueryResult<Vec<StatusCount>> {
    in_range(
        &format!(
            "SELECT status, COUNT(*) AS n, COUNT(first_reply_seconds) AS answered, AVG(first_reply_seconds) + 0e0 AS seconds {WITHIN} GROUP BY status"
        ),
        range,
    )
    .load(conn)
}

pub fn by_type(conn: &mut DbConnection, range: Range) -> QueryResult<Vec<Count>> {
    in_range(
        &format!("SELECT type AS name, COUNT(*) AS n {WITHIN} GROUP BY type ORDER BY n DESC"),
        range,
    )
    .load(conn)
}

pub fn by_priority(conn: &mut DbConnection, range: Range) -> QueryResult<Vec<Count>> {
    in_range(
        &format!("SELECT priority AS name, COUNT(*) AS n {WITHIN} GROUP BY priority"),
        range,
    )
    .load(conn)
}

pub fn by_agent(conn: &mut DbConnection, range: Range) -> QueryResult<Vec<AgentCount>> {
    in_range(
        &format!(
            "SELECT assignee_id, assignee, COUNT(*) AS n, COUNT(CASE WHEN status IN ('待处理', '处理中') THEN 1 END) AS open, \
             AVG(first_reply_seconds) + 0e0 AS seconds {WITHIN} AND assignee IS NOT NULL AND assignee <> '' \
             GROUP BY assignee_id, assignee ORDER BY n DESC LIMIT 200"
        ),
        range,
    )
    .load(conn)
}

/// The counts per local day, as `YYYY-MM-DD`; the zone's offset is taken as fixed over the range.
pub fn created_by_day(conn: &mut DbConnection, range: Range, offset: i32) -> QueryResult<Vec<Count>> {
    by_day(conn, "created_at", range, offset)
}

/// Tickets resolved per local day.
pub fn resolved_by_day(conn: &mut DbConnection, range: Range, offset: i32) -> QueryResult<Vec<Count>> {
    by_day(conn, "resolved_at", range, offset)
}

fn by_day(conn: &mut DbConnection, column: &str, range: Range, offset: i32) -> QueryResult<Vec<Count>> {
    let day = match conn {
        DbConnection::Sqlite(_) => format!("DATE({column}, '{offset} seconds')"),
        #[cfg(feature = "mysql")]
        DbConnection::Mysql(_) => {
            format!("DATE_FORMAT(DATE_ADD({column}, INTERVAL {offset} SECOND), '%Y-%m-%d')")
        }
    };
    in_range(
        &format!("SELECT {day} AS name, COUNT(*) AS n FROM tickets WHERE {column} >= ? AND {column} < ? GROUP BY {day} ORDER BY 1"),
        range,
    )
    .load(conn)
}

fn in_range(
    sql: &str,
    range: Range,
) -> diesel::query_builder::BoxedSqlQuery<'static, super::connection::Backend, diesel::query_builder::SqlQuery>
{
    diesel::sql_query(sql.to_owned())
        .into_boxed()
        .bind::<Timestamp, _>(range.from)
        .bind::<Timestamp, _>(range.before)
}
