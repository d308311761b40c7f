//! The `revocations` table: whose sessions ended or changed, so that every server learns of it whatever becomes of a call.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::UserId;

use super::{connection::DbConnection, schema::revocations};

/// `user`: none for a guest.
pub fn insert(conn: &mut DbConnection, user: Option<UserId>, now: NaiveDateTime) -> QueryResult<usize> {
    diesel::insert_into(revocations::table)
        .values((revocations::user_id.eq(user), revocations::created_at.eq(now)))
        .execute(conn)
}

/// Those since then, with their numbers.
pub fn list_since(conn: &mut DbConnection, since: NaiveDateTime) -> QueryResult<Vec<(i32, Option<UserId>)>> {
    revocations::table
        .filter(revocations::created_at.ge(since))
        .select((revocations::id, revocations::user_id))
        .load(conn)
}

pub fn delete_before(conn: &mut DbConnection, moment: NaiveDateTime) -> QueryResult<usize> {
    diesel::delete(revocations::table.filter(revocations::created_at.lt(moment))).execute(conn)
}
