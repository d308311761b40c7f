//! Pools of connections: one that has lain idle is asked before it is lent, and a dead one makes all older ones suspect.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use diesel::{
    ConnectionError,
    connection::SimpleConnection,
    r2d2::{HandleError, ManageConnection, PooledConnection},
};
use shared::ErrorCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::connection::{DbConnection, Target};
use crate::error::{Error, Result};

/// How long a request waits for a free connection.
const CHECKOUT_TIMEOUT: Duration = Duration::from_secs(2);

/// A connection used this lately is taken to be alive; another is asked first, at the price of a round trip.
const TRUSTED_FOR: Duration = Duration::from_millis(500);

/// What the connections of a pool are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// Each statement stands alone.
    Reading,
    /// Autocommit is off. MySQL only: SQLite has one writer, in a thread of its own.
    Writing,
}

/// Opens the connections of one or two pools to the same database.
#[derive(Debug, Clone)]
pub struct Manager {
    target: Target,
    purpose: Purpose,
    generation: Arc<AtomicU64>,
}

/// A connection of a pool.
pub struct Pooled {
    conn: DbConnection,
    generation: u64,
    answered: Instant,
}

impl Manager {
    /// Opens connections that read.
    pub fn for_reading(target: Target) -> Self {
        Self {
            target,
            purpose: Purpose::Reading,
            generation: Arc::default(),
        }
    }

    /// Opens connections that write to the same database; they are suspect together with those that read.
    pub fn for_writing(&self) -> Self {
        Self {
            purpose: Purpose::Writing,
            ..self.clone()
        }
    }

    /// This connection is dead: none that was opened before now is given out again. A connection that is suspect already
    /// says nothing of those opened since.
    fn suspect_all(&self, dead: &Pooled) {
        let next = dead.generation.wrapping_add(1);
        let _already_suspect =
            self.generation
                .compare_exchange(dead.generation, next, Ordering::AcqRel, Ordering::Acquire);
    }

    /// Was this connection opened before the database was last lost?
    fn is_suspect(&self, pooled: &Pooled) -> bool {
        pooled.generation != self.generation.load(Ordering::Acquire)
    }
}

impl ManageConnection for Manager {
    type Connection = Pooled;
    type Error = ConnectionError;

    fn connect(&self) -> Result<Pooled, ConnectionError> {
        let generation = self.generation.load(Ordering::Acquire);
        let mut conn = self.target.connect()?;
        match self.purpose {
            Purpose::Reading => {}
            Purpose::Writing => conn
                .leave_autocommit()
                .map_err(ConnectionError::CouldntSetupConfiguration)?,
        }
        Ok(Pooled {
            conn,
            generation,
            answered: Instant::now(),
        })
    }

    fn is_valid(&self, pooled: &mut Pooled) -> Result<(), ConnectionError> {
        pooled
            .conn
            .batch_execute("SELECT 1")
            .map_err(ConnectionError::CouldntSetupConfiguration)
    }

    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        std::thread::panicking() || self.is_suspect(pooled) || pooled.conn.is_in_transaction()
    }
}

/// Lends connections.
#[derive(Clone)]
pub struct Pool {
    pool: diesel::r2d2::Pool<Manager>,
    manager: Manager,
    /// One for each connection: whoever waits for one keeps no thread waiting, and all come in order.
    turns: Arc<Semaphore>,
}

/// The right to take a connection now.
pub struct Turn(OwnedSemaphorePermit);

impl Pool {
    /// Opens its first connection.
    pub fn open(manager: Manager, size: u32) -> anyhow::Result<Self> {
        let pool = diesel::r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(CHECKOUT_TIMEOUT)
            .error_handler(Box::new(LogErrors))
            .build(manager.clone())?;
        let turns = Arc::new(Semaphore::new(size as usize));
        Ok(Self { pool, manager, turns })
    }

    /// Waits until a connection is free.
    pub async fn turn(&self) -> Result<Turn> {
        let turn = Arc::clone(&self.turns).acquire_owned();
        match tokio::time::timeout(CHECKOUT_TIMEOUT, turn).await {
            Ok(Ok(permit)) => Ok(Turn(permit)),
            Ok(Err(_)) | Err(_) => Err(Error::busy()),
        }
    }

    /// Lends a connection to `work`. If the database is lost meanwhile, no older connection is lent again.
    pub fn lend<T>(&self, turn: Turn, work: impl FnOnce(&mut DbConnection) -> Result<T>) -> Result<T> {
        let outcome = self.lend_now(work);
        drop(turn.0);
        outcome
    }

    fn lend_now<T>(&self, work: impl FnOnce(&mut DbConnection) -> Result<T>) -> Result<T> {
        let mut pooled = self.checkout()?;
        let outcome = work(&mut pooled.conn);
        if outcome
            .as_ref()
            .is_err_and(|error| error.code() == ErrorCode::DatabaseUnavailable)
        {
            self.manager.suspect_all(&pooled);
        }
        pooled.answered = Instant::now();
        outcome
    }

    fn checkout(&self) -> Result<PooledConnection<Manager>> {
        // Suspect connections are dropped on their way back; each turn takes one out of the pool.
        for _ in 0..=self.pool.max_size() {
            let mut pooled = self
                .pool
                .get()
                .map_err(|error| Error::database_unavailable(error.into()))?;
            if self.manager.is_suspect(&pooled) {
                continue;
            }
            if pooled.answered.elapsed() < TRUSTED_FOR || self.manager.is_valid(&mut pooled).is_ok() {
                return Ok(pooled);
            }
            self.manager.suspect_all(&pooled);
        }
        Err(Error::busy())
    }
}

#[derive(Debug)]
struct LogErrors;

impl HandleError<ConnectionError> for LogErrors {
    fn handle_error(&self, error: ConnectionError) {
        tracing::warn!(%error, "no database connection");
    }
}
