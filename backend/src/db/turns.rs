//! The `turns` table: a row for each thing that only one transaction may be at, whichever server it belongs to.

use diesel::prelude::*;

use super::{connection::DbConnection, schema::turns, statements::Locking};

/// Making notifications of notices, and claiming their mails.
pub const OUTBOX: &str = "outbox";

/// Waits for the turn, which the transaction then keeps to its end. It must be the transaction's first statement: it then
/// sees whatever the one before it did, and none of them ever has to start anew because of another.
pub fn wait(conn: &mut DbConnection, name: &str) -> QueryResult<()> {
    let turn = turns::table.find(name).select(turns::name);
    Locking(turn).get_result::<String>(conn).map(drop)
}
