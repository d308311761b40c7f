//! Who a token stands for, remembered for a few seconds: no query per request, and a revocation shows within five seconds everywhere.

use std::{sync::Arc, time::Duration};

use moka::sync::Cache;
use shared::{ErrorCode, Secret, UserId};
use tokio::sync::OnceCell;

use super::{App, bus::Call};
use crate::{
    actions,
    domain::{actor::Actor, tokens},
    error::{Error, Result},
};

/// How long an answer is remembered; a session revoked on another node lives on at most this long.
const REMEMBERED: Duration = Duration::from_secs(5);

/// Answers by the hash of the token, also those on their way: whoever asks meanwhile waits for the same one. An answer
/// that was asked for before everything was forgotten lands where nobody looks any more.
pub(super) struct SessionCache(Cache<String, Arc<OnceCell<Result<Actor, ErrorCode>>>>);

impl Default for SessionCache {
    fn default() -> Self {
        Self(
            Cache::builder()
                .max_capacity(20_000)
                .time_to_live(REMEMBERED)
                .build(),
        )
    }
}

impl App {
    /// Who holds this token?
    pub async fn identify(&self, token: &Secret) -> Result<Actor> {
        self.identify_hash(&tokens::hash(token.expose())).await
    }

    /// Who holds the token with this hash?
    pub async fn identify_hash(&self, hash: &str) -> Result<Actor> {
        let answer = self.sessions.0.get_with_by_ref(hash, Arc::default);
        let known = answer.get_or_init(|| self.look_up(hash)).await;
        known.clone().map_err(Error::from)
    }

    /// A failure is told to everybody who waits for it, but not remembered: nobody waits for the database in a row.
    async fn look_up(&self, hash: &str) -> Result<Actor, ErrorCode> {
        self.ask(hash).await.map_err(|error| {
            error.log();
            self.sessions.0.invalidate(hash);
            error.code()
        })
    }

    async fn ask(&self, hash: &str) -> Result<Actor> {
        let key = hash.to_owned();
        let known = self.read(move |tx| actions::sessions::identify(tx, &key)).await?;
        if known.touch {
            let key = hash.to_owned();
            let now = self.env.clock.now();
            // He is who he is, even if that cannot be noted.
            self.write(move |tx| actions::sessions::touch(tx, &key, now))
                .await
                .unwrap_or_else(|error| error.log());
        }
        Ok(known.actor)
    }

    /// Sessions of that account, or of guests, ended or changed: here and on the other servers they must prove anew who
    /// they are.
    pub(super) fn revoke(&self, user: Option<UserId>) {
        self.ask_again(user);
        self.bus.call(Call::Sessions { user });
    }

    /// Asks the database again, and lets their sockets prove themselves anew.
    pub(super) fn ask_again(&self, user: Option<UserId>) {
        self.sessions.0.invalidate_all();
        self.hub.recheck(user);
    }

    /// The same for everybody.
    pub fn ask_everybody_again(&self) {
        self.sessions.0.invalidate_all();
        self.hub.recheck_all();
    }
}
