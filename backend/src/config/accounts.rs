//! Passwords and first accounts.

use shared::Secret;

use super::{ConfigError, Vars, bad};

/// What happens to an old MD5 password when its owner logs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordUpgrade {
    /// It becomes argon2id at that log-in.
    Login,
    /// It stays MD5, for other systems that read the same table.
    Off,
}

/// Accounts.
#[derive(Debug, Clone)]
pub struct AccountsConfig {
    /// `PASSWORD_UPGRADE`: `login` (default) or `off`.
    pub password_upgrade: PasswordUpgrade,
    /// `ADMIN_PASSWORD`: the first agent's password on an empty database, instead of the documented default.
    pub admin_password: Option<Secret>,
}

impl AccountsConfig {
    pub(super) fn from_vars(vars: &Vars<'_>) -> Result<Self, ConfigError> {
        let password_upgrade = match vars.text("PASSWORD_UPGRADE").as_deref() {
            None | Some("login") => PasswordUpgrade::Login,
            Some("off") => PasswordUpgrade::Off,
            Some(other) => {
                return Err(bad(
                    "PASSWORD_UPGRADE",
                    format!("`{other}` is neither login nor off"),
                ));
            }
        };
        let admin_password = vars.text("ADMIN_PASSWORD").map(Secret::new);
        if admin_password
            .as_ref()
            .is_some_and(|p| p.expose().chars().count() < shared::check::limit::PASSWORD_MIN)
        {
            return Err(bad("ADMIN_PASSWORD", "at least 8 characters"));
        }
        Ok(Self {
            password_upgrade,
            admin_password,
        })
    }
}
