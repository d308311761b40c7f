//! Agents look after accounts.

use shared::{
    ErrorCode, Permission, Role, UserId,
    check::{Check, limit},
    error::FieldError,
    users::{NewUser, User, UserChanges, UserPage, UserQuery},
};

use super::{Tx, accounts::ARGON2ID};
use crate::{
    db::{
        self,
        users::{InsertUser, UserChangeset, UserFilter, UserRow},
    },
    domain::actor::Actor,
    error::{Error, Result, is_duplicate},
};

/// One page of accounts.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, query: &UserQuery) -> Result<UserPage> {
    actor.with(Permission::ManageUsers)?;
    let mut check = Check::new();
    let (page, per_page) = check.page(query.page, query.per_page);
    let q = check.optional_line("q", query.q.as_deref(), limit::SEARCH);
    check.done()?;
    let filter = UserFilter {
        role: query.role.value(),
        active: query.active,
        q,
    };
    let offset = i64::from(page - 1) * i64::from(per_page);
    let (rows, total) = db::users::list(tx.conn, &filter, i64::from(per_page), offset)?;
    let zone = tx.zone();
    Ok(UserPage {
        users: rows.iter().map(|row| row.to_wire(zone)).collect(),
        total,
        page,
        per_page,
    })
}

/// One account in full, for whoever owns it.
pub fn get(tx: &mut Tx<'_>, id: UserId) -> Result<User> {
    let zone = tx.zone();
    Ok(find(tx, id)?.to_wire(zone))
}

fn find(tx: &mut Tx<'_>, id: UserId) -> Result<UserRow> {
    db::users::find(tx.conn, id)?.ok_or_else(|| ErrorCode::UserNotFound.into())
}

/// Is the new account in order? Asked before its password is hashed.
pub fn check_new(actor: &Actor, input: &NewUser) -> Result<()> {
    actor.with(Permission::ManageUsers)?;
    let mut check = Check::new();
    let username = check.line("username", Some(&input.username), limit::USERNAME);
    if username.contains(['@', ' ']) {
        // An `@` would make it look like an e-mail address at log-in.
        check.fail("username", FieldError::Characters);
    }
    check.password("password", input.password.expose());
    check_contact(
        &mut check,
        input.email.as_deref(),
        input.phone.as_deref(),
        input.full_name.as_deref(),
    );
    check.done().map_err(Error::from)
}

fn check_contact(check: &mut Check, email: Option<&str>, phone: Option<&str>, full_name: Option<&str>) {
    if email.is_some_and(|email| !email.trim().is_empty()) {
        check.email("email", email);
    }
    check.optional_line("phone", phone, limit::PHONE);
    check.optional_line("full_name", full_name, limit::NAME);
}

/// Creates an account that was checked before.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, input: &NewUser, password_hash: &str) -> Result<User> {
    check_new(actor, input)?;
    let email = filled(input.email.as_deref()).map(|email| email.to_lowercase());
    let user = InsertUser {
        username: input.username.trim(),
        password: password_hash,
        password_scheme: ARGON2ID,
        email: email.as_deref(),
        phone: filled(input.phone.as_deref()),
        full_name: filled(input.full_name.as_deref()),
        role: input.role.unwrap_or(Role::Customer),
        must_change_password: true,
        created_at: tx.now,
        is_active: true,
    };
    refuse_taken(tx, None, Some(user.username), user.email)?;
    let id = match db::users::insert(tx.conn, &user) {
        Ok(id) => id,
        Err(error) if is_duplicate(&error) => return Err(Error::retry()),
        Err(error) => return Err(error.into()),
    };
    get(tx, id)
}

fn filled(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// User names and e-mail addresses belong to one account each, across both kinds: either logs in.
fn refuse_taken(
    tx: &mut Tx<'_>,
    own: Option<UserId>,
    username: Option<&str>,
    email: Option<&str>,
) -> Result<()> {
    for (field, value) in [("username", username), ("email", email)] {
        if let Some(value) = value
            && db::users::find_by_login(tx.conn, value)?.is_some_and(|other| Some(other.id) != own)
        {
            return Err(Error::field(field, FieldError::Taken));
        }
    }
    Ok(())
}

/// Are the changes in order? Asked before a new password is hashed.
pub fn check_changes(actor: &Actor, id: UserId, input: &UserChanges) -> Result<()> {
    let own = actor.with(Permission::ManageUsers)?.id == id;
    let mut check = Check::new();
    check_contact(
        &mut check,
        input.email.as_deref(),
        input.phone.as_deref(),
        input.full_name.as_deref(),
    );
    if let Some(password) = &input.password {
        check.password("password", password.expose());
    }
    if own && input.is_active == Some(false) {
        check.fail("is_active", FieldError::Invalid);
    }
    if own && input.role == Some(Role::Customer) {
        check.fail("role", FieldError::Invalid);
    }
    check.done().map_err(Error::from)
}

/// Applies changes that were checked before. What cuts an account's rights ends its sessions.
pub fn update(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: UserId,
    input: &UserChanges,
    password_hash: Option<&str>,
) -> Result<User> {
    check_changes(actor, id, input)?;
    let known = find(tx, id)?;
    let text = |value: &Option<String>| value.as_deref().map(|text| filled(Some(text)).map(str::to_owned));
    let email = text(&input.email).map(|email| email.map(|email| email.to_lowercase()));
    if let Some(Some(email)) = &email {
        refuse_taken(tx, Some(id), None, Some(email))?;
    }
    let moved = email.as_ref().is_some_and(|email| *email != known.email);
    let changes = UserChangeset {
        // A new address has not been proven to be the account's.
        email_verified_at: moved.then_some(None),
        email,
        phone: text(&input.phone),
        full_name: text(&input.full_name),
        role: input.role,
        is_active: input.is_active,
        password: password_hash.map(str::to_owned),
        password_scheme: password_hash.map(|_| ARGON2ID.to_owned()),
        must_change_password: password_hash.map(|_| true),
        // An account may be told to change nothing; the statement must still set something.
        last_login: Some(known.last_login),
        lang: None,
    };
    match db::users::update(tx.conn, id, &changes) {
        Ok(_) => {}
        Err(error) if is_duplicate(&error) => return Err(Error::retry()),
        Err(error) => return Err(error.into()),
    }
    let changes_sides = input.role.is_some_and(|role| role != known.role);
    if changes_sides {
        // Agents and customers read in numberings of their own: an agent's marks would hide a customer's news.
        db::reads::delete_of_user(tx.conn, id)?;
    }
    if changes_sides || input.is_active == Some(false) || password_hash.is_some() {
        db::sessions::delete_of_user(tx.conn, id, None)?;
    }
    tx.revoke(Some(id))?;
    get(tx, id)
}
