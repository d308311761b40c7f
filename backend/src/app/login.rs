//! Logging in and passwords: hashing happens between two transactions, never inside one.

use std::net::IpAddr;

use shared::{
    ErrorCode, Lang, Role, Secret, UserId,
    check::Check,
    error::FieldError,
    sessions::{Credentials, NewPassword, SetUpPassword},
    users::{NewUser, User, UserChanges},
};

use super::{App, passwords::Stored};
use crate::{
    actions::{self, accounts, sessions::NewSession},
    config::PasswordUpgrade,
    domain::actor::{Account, Actor},
    error::{Error, Result},
};

/// What the connection tells of the client.
#[derive(Debug, Clone)]
pub struct Client {
    pub peer: Option<IpAddr>,
    /// The host it asked for.
    pub host: String,
    /// It came through a proxy.
    pub forwarded: bool,
    pub user_agent: String,
    /// The language it asks for.
    pub lang: Lang,
}

impl App {
    /// A documented default password works for this machine only: loopback listener, peer and host, no proxy.
    fn is_local(&self, client: &Client) -> bool {
        self.config().http.is_local_only()
            && client.peer.is_some_and(|ip| ip.to_canonical().is_loopback())
            && crate::config::is_loopback(crate::config::host_of(&client.host))
            && !client.forwarded
    }

    /// Logs in at one of the two doors.
    pub async fn log_in(
        &self,
        door: Role,
        input: Credentials,
        client: &Client,
    ) -> Result<(User, NewSession)> {
        let mut check = Check::new();
        for (field, text) in [
            ("username", input.username.as_str()),
            ("password", input.password.expose()),
        ] {
            if text.trim().is_empty() {
                check.fail(field, FieldError::Required);
            } else if text.chars().count() > 256 {
                check.fail(field, FieldError::TooLong { max: 256 });
            }
        }
        check.done()?;
        let login = input.username.clone();
        let user = self
            .read(move |tx| accounts::find(tx, &login))
            .await?
            .filter(|user| user.is_active);
        let stored = user.as_ref().map(|u| Stored {
            scheme: u.password_scheme.clone(),
            hash: u.password.clone(),
        });
        let fits = self.hasher.verify(stored, input.password.clone()).await?;
        let user = user.filter(|_| fits).ok_or(ErrorCode::WrongCredentials)?;
        if user.role != door {
            return Err(ErrorCode::WrongPortal.into());
        }
        if accounts::is_default(&user.username, input.password.expose()) && !self.is_local(client) {
            return Err(ErrorCode::DefaultPasswordRefused.into());
        }
        let outdated = user.password_scheme != accounts::ARGON2ID;
        let upgraded = if outdated && self.config().accounts.password_upgrade == PasswordUpgrade::Login {
            Some(self.hasher.hash(input.password).await?)
        } else {
            None
        };
        let (agent, lang) = (client.user_agent.clone(), client.lang);
        let (user, session) = self
            .write(move |tx| accounts::log_in(tx, &user, upgraded.as_deref(), &agent, lang))
            .await?;
        Ok((user.to_wire(self.config().zone), session))
    }

    /// Changes one's own password. All other sessions end; this one continues under a new token.
    pub async fn change_password(
        &self,
        account: &Account,
        input: NewPassword,
        client: &Client,
    ) -> Result<(User, NewSession)> {
        let id = account.id;
        let login = account.username.clone();
        let user = self
            .read(move |tx| accounts::find(tx, &login))
            .await?
            .filter(|user| user.id == id);
        let user = user.ok_or(ErrorCode::Unauthenticated)?;
        let stored = Stored {
            scheme: user.password_scheme.clone(),
            hash: user.password.clone(),
        };
        if !self
            .hasher
            .verify(Some(stored), input.current_password.clone())
            .await?
        {
            return Err(Error::field("current_password", FieldError::WrongPassword));
        }
        let mut check = Check::new();
        check.password("new_password", input.new_password.expose());
        if input.new_password == input.current_password
            || accounts::is_default(&user.username, input.new_password.expose())
        {
            check.fail("new_password", FieldError::Invalid);
        }
        check.done()?;
        let hash = self.hasher.hash(input.new_password).await?;
        let agent = client.user_agent.clone();
        let (user, session) = self
            .write(move |tx| {
                actions::sessions::set_password(tx, id, &hash, None)?;
                let user = accounts::find(tx, &user.username)?.ok_or(ErrorCode::Unauthenticated)?;
                let session = actions::sessions::open(tx, &user, &agent)?;
                Ok((user, session))
            })
            .await?;
        Ok((user.to_wire(self.config().zone), session))
    }

    /// Chooses a first password with the one-time link that was printed at start.
    pub async fn set_up(&self, input: SetUpPassword) -> Result<()> {
        let mut check = Check::new();
        check.password("new_password", input.new_password.expose());
        if accounts::DEFAULTS
            .iter()
            .any(|(_, default, ..)| *default == input.new_password.expose())
        {
            check.fail("new_password", FieldError::Invalid);
        }
        check.done()?;
        let token = input.token.clone();
        self.read(move |tx| actions::sessions::check_set_up_link(tx, &token))
            .await?;
        let hash = self.hasher.hash(input.new_password).await?;
        self.write(move |tx| actions::sessions::set_up(tx, &input.token, &hash))
            .await
    }

    /// Creates an account.
    pub async fn create_user(&self, actor: Actor, input: NewUser) -> Result<User> {
        actions::users::check_new(&actor, &input)?;
        let hash = self.hasher.hash(input.password.clone()).await?;
        self.write(move |tx| actions::users::create(tx, &actor, &input, &hash))
            .await
    }

    /// Changes an account.
    pub async fn update_user(&self, actor: Actor, id: UserId, input: UserChanges) -> Result<User> {
        actions::users::check_changes(&actor, id, &input)?;
        let hash = match &input.password {
            Some(password) => Some(self.hasher.hash(password.clone()).await?),
            None => None,
        };
        self.write(move |tx| actions::users::update(tx, &actor, id, &input, hash.as_deref()))
            .await
    }

    /// Wraps every bare MD5 password in argon2id, one way; answers how many.
    pub async fn harden_passwords(&self) -> Result<usize> {
        let rows = self.read(accounts::list_md5).await?;
        let mut wrapped = 0;
        for row in rows {
            let hash = self.hasher.wrap(row.password.clone()).await?;
            let done = self
                .write(move |tx| accounts::wrap_md5(tx, row.id, &row.password, &hash))
                .await?;
            wrapped += usize::from(done);
        }
        Ok(wrapped)
    }

    /// The hash of a password that the server itself sets.
    pub(super) async fn hash_password(&self, password: &Secret) -> Result<String> {
        self.hasher.hash(password.clone()).await
    }

    /// Does the account still carry this password?
    pub(super) async fn still_has_password(&self, scheme: &str, hash: &str, password: &str) -> Result<bool> {
        let stored = Stored {
            scheme: scheme.to_owned(),
            hash: hash.to_owned(),
        };
        self.hasher.verify(Some(stored), Secret::new(password)).await
    }
}
