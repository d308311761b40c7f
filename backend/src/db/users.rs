//! The `users` table.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::{Role, UserId, users::User};

use super::{
    connection::{Backend, DbConnection},
    schema::users,
    tickets::like_pattern,
};
use crate::domain::zone::Zone;

/// An account as it is stored.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct UserRow {
    pub id: UserId,
    pub username: String,
    pub password: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub full_name: Option<String>,
    pub role: Role,
    pub created_at: NaiveDateTime,
    pub last_login: Option<NaiveDateTime>,
    pub is_active: bool,
    pub password_scheme: String,
    pub must_change_password: bool,
    pub email_verified_at: Option<NaiveDateTime>,
    /// The language of his last log-in, as far as is known.
    pub lang: Option<String>,
}

impl UserRow {
    /// The name others see: the full name, else the user name.
    pub fn display_name(&self) -> &str {
        self.full_name
            .as_deref()
            .filter(|name| !name.trim().is_empty())
            .unwrap_or(&self.username)
    }

    /// The account as the wire shows it.
    pub fn to_wire(&self, zone: Zone) -> User {
        User {
            id: self.id,
            username: self.username.clone(),
            email: self.email.clone(),
            phone: self.phone.clone(),
            full_name: self.full_name.clone(),
            role: self.role,
            is_active: self.is_active,
            must_change_password: self.must_change_password,
            created_at: zone.show(self.created_at),
            last_login: self.last_login.map(|at| zone.show(at)),
        }
    }
}

/// A new account.
#[derive(Debug, Insertable)]
#[diesel(table_name = users)]
pub struct InsertUser<'a> {
    pub username: &'a str,
    pub password: &'a str,
    pub password_scheme: &'a str,
    pub email: Option<&'a str>,
    pub phone: Option<&'a str>,
    pub full_name: Option<&'a str>,
    pub role: Role,
    pub must_change_password: bool,
    pub created_at: NaiveDateTime,
    pub is_active: bool,
}

/// Changes to an account; `None` leaves a column, `Some(None)` empties it.
#[derive(Debug, Default, AsChangeset)]
#[diesel(table_name = users)]
pub struct UserChangeset {
    pub email: Option<Option<String>>,
    pub email_verified_at: Option<Option<NaiveDateTime>>,
    pub phone: Option<Option<String>>,
    pub full_name: Option<Option<String>>,
    pub role: Option<Role>,
    pub is_active: Option<bool>,
    pub password: Option<String>,
    pub password_scheme: Option<String>,
    pub must_change_password: Option<bool>,
    pub last_login: Option<Option<NaiveDateTime>>,
    pub lang: Option<Option<String>>,
}

pub fn find(conn: &mut DbConnection, id: UserId) -> QueryResult<Option<UserRow>> {
    users::table
        .find(id)
        .select(UserRow::as_select())
        .first(conn)
        .optional()
}

/// By user name, else by e-mail.
pub fn find_by_login(conn: &mut DbConnection, login: &str) -> QueryResult<Option<UserRow>> {
    let by_name = users::table
        .filter(users::username.eq(login))
        .select(UserRow::as_select());
    if let Some(user) = by_name.first(conn).optional()? {
        return Ok(Some(user));
    }
    users::table
        .filter(users::email.eq(login))
        .select(UserRow::as_select())
        .first(conn)
        .optional()
}

/// The active account that proved to own this address. MySQL's collation takes `é` for `e`; an address must be the same to
/// the letter, case aside.
pub fn find_by_verified_email(conn: &mut DbConnection, email: &str) -> QueryResult<Option<UserRow>> {
    let found: Option<UserRow> = users::table
        .filter(users::email.eq(email))
        .filter(users::email_verified_at.is_not_null())
        .filter(users::is_active.eq(true))
        .select(UserRow::as_select())
        .first(conn)
        .optional()?;
    Ok(found.filter(|user| {
        user.email
            .as_deref()
            .is_some_and(|own| own.to_lowercase() == email.to_lowercase())
    }))
}

/// The active agents that a name can mean: by user name, else by full name.
pub fn find_agents(conn: &mut DbConnection, name: &str) -> QueryResult<Vec<UserRow>> {
    let agents = || {
        users::table
            .filter(users::role.eq(Role::Admin))
            .filter(users::is_active.eq(true))
    };
    let by_username = agents()
        .filter(users::username.eq(name))
        .select(UserRow::as_select())
        .load::<UserRow>(conn)?;
    if !by_username.is_empty() {
        return Ok(by_username);
    }
    agents()
        .filter(users::full_name.eq(name))
        .select(UserRow::as_select())
        .load(conn)
}

/// The active agents.
pub fn list_agents(conn: &mut DbConnection) -> QueryResult<Vec<UserId>> {
    users::table
        .filter(users::role.eq(Role::Admin))
        .filter(users::is_active.eq(true))
        .select(users::id)
        .load(conn)
}

/// Is there any account at all?
pub fn any(conn: &mut DbConnection) -> QueryResult<bool> {
    users::table
        .select(users::id)
        .first::<UserId>(conn)
        .optional()
        .map(|found| found.is_some())
}

/// Which accounts to list.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    pub role: Option<Role>,
    pub active: Option<bool>,
    pub q: Option<String>,
}

fn filtered(filter: &UserFilter) -> users::BoxedQuery<'static, Backend> {
    let mut query = users::table.into_boxed();
    if let Some(role) = filter.role {
        query = query.filter(users::role.eq(role));
    }
    if let Some(active) = filter.active {
        query = query.filter(users::is_active.eq(active));
    }
    if let Some(q) = &filter.q {
        let pattern = like_pattern(q);
        query = query.filter(
            users::username
                .like(pattern.clone())
                .escape('!')
                .or(users::full_name.like(pattern.clone()).escape('!'))
                .or(users::email.like(pattern.clone()).escape('!'))
                .or(users::phone.like(pattern).escape('!')),
        );
    }
    query
}

/// One page of accounts, newest first, and how many there are.
pub fn list(
    conn: &mut DbConnection,
    filter: &UserFilter,
    limit: i64,
    offset: i64,
) -> QueryResult<(Vec<UserRow>, i64)> {
    let total = filtered(filter).count().get_result(conn)?;
    let rows = filtered(filter)
        .order(users::id.desc())
        .limit(limit)
        .offset(offset)
        .select(UserRow::as_select())
        .load(conn)?;
    Ok((rows, total))
}

pub fn insert(conn: &mut DbConnection, user: &InsertUser<'_>) -> QueryResult<UserId> {
    diesel::insert_into(users::table).values(user).execute(conn)?;
    conn.inserted_id().map(UserId)
}

pub fn update(conn: &mut DbConnection, id: UserId, changes: &UserChangeset) -> QueryResult<usize> {
    diesel::update(users::table.find(id)).set(changes).execute(conn)
}

/// Replaces a password only if it is still the one that was verified.
pub fn swap_password(
    conn: &mut DbConnection,
    id: UserId,
    old: &str,
    new: &str,
    scheme: &str,
) -> QueryResult<bool> {
    diesel::update(users::table.find(id).filter(users::password.eq(old)))
        .set((users::password.eq(new), users::password_scheme.eq(scheme)))
        .execute(conn)
        .map(|rows| rows == 1)
}

/// Accounts whose password is still bare MD5.
pub fn list_by_scheme(conn: &mut DbConnection, scheme: &str) -> QueryResult<Vec<UserRow>> {
    users::table
        .filter(users::password_scheme.eq(scheme))
        .select(UserRow::as_select())
        .load(conn)
}
