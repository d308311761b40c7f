//! What a start does before it serves: the first accounts, and the set-up link where default passwords are refused.

use shared::{Role, Secret};

use super::App;
use crate::{
    actions::{self, accounts},
    error::Result,
};

impl App {
    /// Makes the documented accounts of an empty database. Answers a set-up link where an agent still has a default
    /// password that cannot be used from where the server is reached.
    pub async fn prepare_accounts(&self) -> Result<Option<String>> {
        if self.read(accounts::none_yet).await? {
            let chosen = self.config().accounts.admin_password.clone();
            let admin = self.hash_password(&chosen.clone().unwrap_or_else(|| default_password(0))).await?;
            let customer = self.hash_password(&default_password(1)).await?;
            let hashes = [admin, customer];
            self.write(move |tx| accounts::insert_defaults(tx, &hashes, chosen.is_some())).await?;
        }
        if self.config().http.is_local_only() {
            return Ok(None);
        }
        for user in self.read(accounts::find_documented).await? {
            let Some((_, default, ..)) =
                accounts::DEFAULTS.iter().find(|(name, ..)| name.eq_ignore_ascii_case(&user.username))
            else {
                continue;
            };
            let open = self.still_has_password(&user.password_scheme, &user.password, default).await?;
            if open && user.role == Role::Admin {
                let token = self.write(move |tx| actions::sessions::new_set_up_link(tx, user.id)).await?;
                let url = self.config().http.public_url();
                return Ok(Some(format!("{url}/case/setup#token={}", token.expose())));
            }
        }
        Ok(None)
    }
}

fn default_password(index: usize) -> Secret {
    Secret::new(accounts::DEFAULTS.get(index).map_or("", |(_, password, ..)| password))
}
