//! `App`: everything a request, a socket or a job needs, cheap to clone. No statics: a process can hold two.

mod already_told;
mod argon;
mod bus;
mod doubt;
mod elsewhere;
mod files;
mod first_start;
mod gather;
pub mod hub;
mod joins;
mod login;
mod mail;
pub mod mailer;
pub mod metrics;
mod outbox;
mod passwords;
mod posts;
mod relay;
mod sessions;

use std::sync::{Arc, Mutex};

pub use files::{FileStore, Incoming};
pub use first_start::FirstStart;
pub use login::Client;
pub use mail::try_mail;
pub use passwords::Hasher;

use crate::{
    actions::{Env, Told, Tx},
    clock::Clock,
    config::Config,
    db::Db,
    error::Result,
};

/// The server's state and handles.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What an [`App`] holds.
pub struct Parts {
    pub env: Arc<Env>,
    pub db: Db,
    pub hub: hub::Hub,
    pub files: FileStore,
    pub metrics: metrics::Metrics,
    bus: bus::Bus,
    /// Why no mail can be sent, while that is so.
    mail_down: Mutex<Option<String>>,
    relay: relay::Relay,
    /// Held while notices become notifications.
    spreading: tokio::sync::Mutex<()>,
    hasher: Hasher,
    joins: joins::Joins,
    posts: posts::Posts,
    sessions: sessions::SessionCache,
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// Opens everything on a database whose migrations have run.
    pub fn open(config: Config, clock: Clock) -> anyhow::Result<Self> {
        let db = Db::open(&config.database)?;
        let files = FileStore::open(&config.files.folder)?;
        let bus = bus::Bus::open(config.live.redis_url.as_ref())?;
        Ok(Self(Arc::new(Parts {
            env: Arc::new(Env::new(config, clock)),
            db,
            hub: hub::Hub::default(),
            files,
            metrics: metrics::Metrics::default(),
            bus,
            mail_down: Mutex::default(),
            relay: relay::Relay::default(),
            spreading: tokio::sync::Mutex::default(),
            hasher: Hasher::start()?,
            joins: joins::Joins::new(joins::AT_ONCE),
            posts: posts::Posts::new(posts::AT_ONCE),
            sessions: sessions::SessionCache::default(),
        })))
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.env.config
    }

    /// Runs a reading action.
    pub async fn read<T, F>(&self, action: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let env = Arc::clone(&self.env);
        self.db.read(move |conn| action(&mut Tx::new(conn, &env))).await
    }

    /// Runs a writing action in a transaction, and tells what it emitted as soon as that is committed, even if whoever
    /// asked is gone by then. The action may run several times, each time from a fresh start.
    pub async fn write<T, F>(&self, action: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let env = Arc::clone(&self.env);
        let work = move |conn: &mut crate::db::connection::DbConnection| {
            let mut tx = Tx::new(conn, &env);
            let value = action(&mut tx)?;
            Ok((value, tx.finish()?))
        };
        let app = self.clone();
        let committed = move |(value, told): (T, Told)| {
            app.tell(&told);
            value
        };
        let app = self.clone();
        let in_doubt = move |(_, told): (T, Told)| app.tell_what_stands(&told);
        self.db.write(work, committed, in_doubt).await
    }

    fn tell(&self, told: &Told) {
        for user in &told.revoked {
            self.revoke(*user);
        }
        if !told.events.is_empty() {
            self.env.changes.note();
            self.hub.publish(&told.events);
            self.call_out(&told.events);
        }
    }
}
