//! What a start does before it serves: the first accounts, and the set-up link where default passwords are refused.

use shared::{Role, Secret};

use super::App;
use crate::{
    actions::{self, accounts},
    error::Result,
};

/// What a start found and made.
#[derive(Debug, Default)]
pub struct FirstStart {
    /// The database was empty: the documented accounts are there now.
    pub accounts_made: bool,
    /// The first agent has the documented password.
    pub default_admin: bool,
    /// Where an agent must choose a password before anybody can log in.
    pub set_up_link: Option<String>,
}

impl App {
    /// Makes the documented accounts of an empty database, and a set-up link where an agent still has a default
    /// password that cannot be used from where the server is reached.
    pub async fn prepare_accounts(&self) -> Result<FirstStart> {
        let mut first = FirstStart::default();
        if self.read(accounts::none_yet).await? {
            let chosen = self.config().accounts.admin_password.clone();
            let admin = self
                .hash_password(&chosen.clone().unwrap_or_else(|| default_password(0)))
                .await?;
            let customer = self.hash_password(&default_password(1)).await?;
            let hashes = [admin, customer];
            first.default_admin = chosen.is_none();
            first.accounts_made = true;
            self.write(move |tx| accounts::insert_defaults(tx, &hashes, chosen.is_some()))
                .await?;
        }
        if self.config().http.is_local_only() {
            return Ok(first);
        }
        for user in self.read(accounts::find_documented).await? {
            let Some((_, default, ..)) = accounts::DEFAULTS
                .iter()
                .find(|(name, ..)| name.eq_ignore_ascii_case(&user.username))
            else {
                continue;
            };
            let open = self
                .still_has_password(&user.password_scheme, &user.password, default)
                .await?;
            if open && user.role == Role::Admin {
                let token = self
                    .write(move |tx| actions::sessions::new_set_up_link(tx, user.id))
                    .await?;
                let url = self.config().http.public_url();
                first.set_up_link = Some(format!("{url}/case/setup#token={}", token.expose()));
            }
        }
        Ok(first)
    }
}

fn default_password(index: usize) -> Secret {
    Secret::new(
        accounts::DEFAULTS
            .get(index)
            .map_or("", |(_, password, ..)| password),
    )
}
