//! Rows and queries, one file per noun. Nobody above this layer writes SQL.

pub mod attachments;
pub mod connection;
pub mod events;
pub mod links;
pub mod mail_stops;
pub mod mail_templates;
pub mod mails;
pub mod messages;
pub mod migrate;
pub mod notices;
pub mod notifications;
pub mod outbox;
mod pool;
pub mod reads;
pub mod revocations;
pub mod rooms;
pub mod schema;
pub mod secrets;
pub mod sessions;
pub mod statements;
pub mod statistics;
pub mod ticket_changes;
pub mod tickets;
pub mod turns;
pub mod users;
mod writer;

use std::{sync::Arc, time::Duration};

use rand::Rng;

use self::{
    connection::{DbConnection, Target},
    pool::{Manager, Pool},
};
use crate::{
    config::DatabaseConfig,
    error::{Error, Result},
};

/// The database: a pool for reading, and the way to write.
#[derive(Clone)]
pub struct Db {
    reading: Pool,
    writing: Writing,
    target: Arc<Target>,
}

#[derive(Clone)]
enum Writing {
    /// SQLite: one writer at a time.
    Thread(writer::Writer),
    /// MySQL: many.
    Pool(Pool),
}

/// How often a transaction that lost against another is tried again.
const TRIES: u32 = 8;

impl Db {
    /// Opens the pools, or the pool and SQLite's writer. Migrations are run before, by [`migrate::run`].
    pub fn open(config: &DatabaseConfig) -> anyhow::Result<Self> {
        let manager = Manager::for_reading(config.target.clone());
        let writing = if config.target.is_sqlite() {
            Writing::Thread(writer::Writer::start(&config.target)?)
        } else {
            Writing::Pool(Pool::open(manager.for_writing(), config.pool_size)?)
        };
        Ok(Self {
            reading: Pool::open(manager, config.pool_size)?,
            writing,
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
        let pool = self.reading.clone();
        let turn = pool.turn().await?;
        blocking(move || pool.lend(turn, work)).await
    }

    /// Runs `work` in a write transaction, and `committed` right after its commit, whether anybody still waits for the
    /// answer or not. `work` may run several times: a deadlock or a lost race starts it anew. If nobody knows whether it
    /// was committed, that is an error, and `in_doubt` runs.
    pub async fn write<T, U>(
        &self,
        mut work: impl FnMut(&mut DbConnection) -> Result<T> + Send + 'static,
        committed: impl FnOnce(T) -> U + Send + 'static,
        in_doubt: impl FnOnce(T) + Send + 'static,
    ) -> Result<U>
    where
        T: Send + 'static,
        U: Send + 'static,
    {
        match &self.writing {
            // A commit that fails in this process is none.
            Writing::Thread(writer) => writer.run(work, committed).await,
            Writing::Pool(pool) => {
                let pool = pool.clone();
                let turn = pool.turn().await?;
                blocking(move || {
                    let mut doubtful = None;
                    let outcome = pool.lend(turn, |conn| {
                        retrying(|| conn.commit_after(&mut work, &mut doubtful))
                    });
                    if let (Err(_), Some(value)) = (&outcome, doubtful) {
                        in_doubt(value);
                    }
                    outcome.map(committed)
                })
                .await
            }
        }
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
