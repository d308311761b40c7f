//! The `mail_stops` table: who wants no mail of which kind.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::notifications::NotificationKind;

use super::{connection::DbConnection, schema::mail_stops};

/// The kinds that this recipient does not want.
pub fn list(conn: &mut DbConnection, recipient: &str) -> QueryResult<Vec<NotificationKind>> {
    mail_stops::table
        .filter(mail_stops::recipient.eq(recipient))
        .select(mail_stops::kind)
        .load(conn)
}

pub fn insert(
    conn: &mut DbConnection,
    recipient: &str,
    kind: NotificationKind,
    now: NaiveDateTime,
) -> QueryResult<usize> {
    diesel::insert_into(mail_stops::table)
        .values((
            mail_stops::recipient.eq(recipient),
            mail_stops::kind.eq(kind),
            mail_stops::created_at.eq(now),
        ))
        .execute(conn)
}

pub fn delete(conn: &mut DbConnection, recipient: &str, kind: NotificationKind) -> QueryResult<usize> {
    diesel::delete(mail_stops::table.find((recipient, kind))).execute(conn)
}
