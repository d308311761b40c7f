//! The `mail_templates` table: the words that operators have given to mails.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::{Lang, notifications::NotificationKind};

use super::{connection::DbConnection, schema::mail_templates};

/// A changed template.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = mail_templates)]
pub struct TemplateRow {
    pub kind: NotificationKind,
    /// [`Lang::code`].
    pub lang: String,
    pub subject: String,
    pub text_part: String,
    pub html_part: String,
    /// Another number after each change.
    pub revision: i64,
    pub changed_at: NaiveDateTime,
    pub changed_by: String,
}

pub fn list(conn: &mut DbConnection) -> QueryResult<Vec<TemplateRow>> {
    mail_templates::table.select(TemplateRow::as_select()).load(conn)
}

pub fn find(conn: &mut DbConnection, kind: NotificationKind, lang: Lang) -> QueryResult<Option<TemplateRow>> {
    mail_templates::table
        .find((kind, lang.code()))
        .select(TemplateRow::as_select())
        .first(conn)
        .optional()
}

pub fn insert(conn: &mut DbConnection, row: &TemplateRow) -> QueryResult<usize> {
    diesel::insert_into(mail_templates::table)
        .values(row)
        .execute(conn)
}

/// Takes out one of that revision; false if somebody else was quicker.
pub fn take(conn: &mut DbConnection, row: &TemplateRow) -> QueryResult<bool> {
    let known = mail_templates::table
        .find((row.kind, row.lang.as_str()))
        .filter(mail_templates::revision.eq(row.revision));
    diesel::delete(known).execute(conn).map(|rows| rows == 1)
}
