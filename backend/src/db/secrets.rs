//! The `secrets` table: keys that the server made for itself.

use diesel::prelude::*;

use super::{connection::DbConnection, schema::secrets};

pub fn find(conn: &mut DbConnection, name: &str) -> QueryResult<Option<String>> {
    secrets::table
        .find(name)
        .select(secrets::value)
        .first(conn)
        .optional()
}

pub fn insert(conn: &mut DbConnection, name: &str, value: &str) -> QueryResult<usize> {
    diesel::insert_into(secrets::table)
        .values((secrets::name.eq(name), secrets::value.eq(value)))
        .execute(conn)
}
