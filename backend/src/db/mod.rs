//! Rows and queries, one file per noun. Nobody above this layer writes SQL.

pub mod attachments;
pub mod connection;
pub mod events;
pub mod links;
pub mod messages;
pub mod migrate;
pub mod reads;
pub mod schema;
pub mod sessions;
pub mod statements;
pub mod statistics;
pub mod tickets;
pub mod users;
mod writer;

use std::{sync::Arc, time::Duration};

use diesel::{
    Connection,
    r2d2::{Pool, PooledConnection},
};
use rand::Rng;
use shared::ErrorCode;

use self::connection::{DbConnection, Manager, Target};
use crate::{
    config::DatabaseConfig,
    error::{Error, Result},
};

/// The database: a pool for reading, and the way to write.
#[derive(Clone)]
pub struct Db {
    pool: Pool<Manager>,
    manager: Manager,
    /// SQLite only; MySQL writes through the pool.
    writer: Option<writer::Writer>,
    target: Arc<Target>,
}

/// How often a transaction that lost against another is tried again.
const TRIES: u32 = 8;

impl Db {
    /// Opens the pool (and, on SQLite, the writer). Migrations are run before, by [`migrate::run`].
    pub fn open(config: &DatabaseConfig) -> anyhow::Result<Self> {
        let manager = Manager::new(config.target.clone());
        let pool = Pool::builder()
            .max_size(config.pool_size)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(connection::CHECKOUT_TIMEOUT)
            .error_handler(Box::new(LogErrors))
            .build(manager.clone())?;
        let writer = if config.target.is_sqlite() {
            Some(writer::Writer::start(&config.target)?)
        } else {
            None
        };
        Ok(Self {
            pool,
            manager,
            writer,
            target: Arc::new(config.target.clone()),
        })
    }

    /// Is this the embedded database?
    pub fn is_sqlite(&self) -> bool {
        self.target.is_sqlite()
    }

    /// Runs `work` on a reading connection, off the async threads.
    pub async fn read<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut DbConnection) -> Result<T> + Send + 'static,
    {
        let db = self.clone();
        blocking(move || db.lend(work)).await
    }

    /// Runs `work` in a write transaction. `work` may run several times: a deadlock or a lost race starts it anew.
    pub async fn write<T, F>(&self, mut work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut DbConnection) -> Result<T> + Send + 'static,
    {
        if let Some(writer) = &self.writer {
            return writer.run(work).await;
        }
        let db = self.clone();
        blocking(move || db.lend(|conn| retrying(|| conn.transaction(&mut work)))).await
    }

    /// Lends a connection to `work`. If the database is lost meanwhile, no older connection is lent again.
    fn lend<T>(&self, work: impl FnOnce(&mut DbConnection) -> Result<T>) -> Result<T> {
        let mut pooled = self.checkout()?;
        let outcome = work(&mut pooled.conn);
        if outcome
            .as_ref()
            .is_err_and(|error| error.code() == ErrorCode::DatabaseUnavailable)
        {
            self.manager.suspect_all();
        }
        outcome
    }

    fn checkout(&self) -> Result<PooledConnection<Manager>> {
        // Suspect connections are dropped on their way back; each turn takes one out of the pool.
        for _ in 0..=self.pool.max_size() {
            let pooled = self
                .pool
                .get()
                .map_err(|error| Error::database_unavailable(error.into()))?;
            if !self.manager.is_suspect(&pooled) {
                return Ok(pooled);
            }
        }
        Err(Error::busy())
    }
}

/// Runs `attempt` again, after a short random pause, while it fails with something a fresh start can mend.
fn retrying<T>(mut attempt: impl FnMut() -> Result<T>) -> Result<T> {
    let mut tries = 1;
    loop {
        match attempt() {
            Err(error) if error.is_retry() && tries < TRIES => {
                std::thread::sleep(Duration::from_millis(
                    rand::rng().random_range(1..=8 * u64::from(tries)),
                ));
                tries += 1;
            }
            Err(error) if error.is_retry() => return Err(Error::busy()),
            outcome => return outcome,
        }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let span = tracing::Span::current();
    match actix_web::web::block(move || span.in_scope(work)).await {
        Ok(outcome) => outcome,
        Err(error) => Err(Error::internal(error.into())),
    }
}

#[derive(Debug)]
struct LogErrors;

impl diesel::r2d2::HandleError<diesel::ConnectionError> for LogErrors {
    fn handle_error(&self, error: diesel::ConnectionError) {
        tracing::warn!(%error, "no database connection");
    }
}
