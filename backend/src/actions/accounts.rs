//! Logging in as the database sees it, and the first accounts of an empty database.

use shared::{ErrorCode, Lang, Role, UserId};

use super::{
    Tx,
    sessions::{self, NewSession},
};
use crate::{
    db::{
        self,
        users::{InsertUser, UserChangeset, UserRow},
    },
    error::Result,
};

/// Bare MD5 in hex, as the old system wrote it.
pub const MD5: &str = "md5";
/// An argon2id PHC string over the password.
pub const ARGON2ID: &str = "argon2id";
/// An argon2id PHC string over the MD5 hex of the password.
pub const WRAPPED: &str = "md5+argon2id";

/// The documented accounts of an empty database: user name, password, e-mail, full name, role.
pub const DEFAULTS: [(&str, &str, &str, &str, Role); 2] = [
    (
        "admin",
        "admin123",
        "admin@example.com",
        "系统管理员",
        Role::Admin,
    ),
    (
        "customer",
        "customer123",
        "customer@example.com",
        "测试客户",
        Role::Customer,
    ),
];

/// Is this one of the documented default passwords?
pub fn is_default(username: &str, password: &str) -> bool {
    DEFAULTS
        .iter()
        .any(|(name, default, ..)| name.eq_ignore_ascii_case(username) && *default == password)
}

/// The account of that user name or e-mail.
pub fn find(tx: &mut Tx<'_>, login: &str) -> Result<Option<UserRow>> {
    // MySQL's collation would skip over a NUL and find a name without it.
    if login.chars().any(char::is_control) {
        return Ok(None);
    }
    Ok(db::users::find_by_login(tx.conn, login.trim())?)
}

/// After a verified password: notes the log-in, replaces an outdated hash, opens the session.
pub fn log_in(
    tx: &mut Tx<'_>,
    user: &UserRow,
    upgraded: Option<&str>,
    user_agent: &str,
    lang: Lang,
) -> Result<(UserRow, NewSession)> {
    if let Some(hash) = upgraded {
        db::users::swap_password(tx.conn, user.id, &user.password, hash, ARGON2ID)?;
    }
    let changes = UserChangeset {
        last_login: Some(Some(tx.now)),
        lang: Some(Some(lang.code().to_owned())),
        ..Default::default()
    };
    db::users::update(tx.conn, user.id, &changes)?;
    let user = db::users::find(tx.conn, user.id)?
        .filter(|user| user.is_active)
        .ok_or(ErrorCode::WrongCredentials)?;
    let session = sessions::open(tx, &user, user_agent)?;
    Ok((user, session))
}

/// Is there no account yet?
pub fn none_yet(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(!db::users::any(tx.conn)?)
}

/// Makes the documented accounts, unless another node was faster. Both must choose a new password at first log-in,
/// except for an agent whose password the operator chose.
pub fn insert_defaults(tx: &mut Tx<'_>, hashes: &[String; 2], admin_password_chosen: bool) -> Result<()> {
    if !none_yet(tx)? {
        return Ok(());
    }
    for ((username, _, email, full_name, role), hash) in DEFAULTS.iter().zip(hashes) {
        let user = InsertUser {
            username,
            password: hash,
            password_scheme: ARGON2ID,
            email: Some(email),
            phone: None,
            full_name: Some(full_name),
            role: *role,
            must_change_password: !(admin_password_chosen && *role == Role::Admin),
            created_at: tx.now,
            is_active: true,
        };
        match db::users::insert(tx.conn, &user) {
            Err(error) if !crate::error::is_duplicate(&error) => return Err(error.into()),
            Ok(_) | Err(_) => {}
        }
    }
    Ok(())
}

/// The active accounts that carry a documented user name.
pub fn find_documented(tx: &mut Tx<'_>) -> Result<Vec<UserRow>> {
    let mut found = Vec::new();
    for (username, ..) in DEFAULTS {
        found.extend(db::users::find_by_login(tx.conn, username)?.filter(|user| user.is_active));
    }
    Ok(found)
}

/// The accounts whose password is bare MD5.
pub fn list_md5(tx: &mut Tx<'_>) -> Result<Vec<UserRow>> {
    Ok(db::users::list_by_scheme(tx.conn, MD5)?)
}

/// Replaces a bare MD5 hash by its wrapped form, unless it changed meanwhile.
pub fn wrap_md5(tx: &mut Tx<'_>, user: UserId, old: &str, wrapped: &str) -> Result<bool> {
    Ok(db::users::swap_password(tx.conn, user, old, wrapped, WRAPPED)?)
}
