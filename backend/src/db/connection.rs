//! The only file that knows which database runs: one connection type over SQLite and MySQL, its dialect.

use std::time::Duration;

use diesel::{
    Connection, ConnectionError, QueryResult, RunQueryDsl,
    connection::{CacheSize, SimpleConnection, TransactionManager},
    sqlite::SqliteConnection,
};

use super::statements::{Command, Kept};
pub use crate::config::Target;
use crate::error::{Kind, Result};

type Transactions = <DbConnection as Connection>::TransactionManager;

/// A connection to whichever database the URL names.
#[derive(diesel::MultiConnection)]
pub enum DbConnection {
    Sqlite(SqliteConnection),
    #[cfg(feature = "mysql")]
    Mysql(diesel::mysql::MysqlConnection),
}

/// The backend of [`DbConnection`], for boxed queries.
pub type Backend = <DbConnection as Connection>::Backend;

impl Target {
    /// Opens a connection and sets it up.
    pub fn connect(&self) -> Result<DbConnection, ConnectionError> {
        match self {
            Self::Sqlite(path) => {
                let mut conn = SqliteConnection::establish(&path.to_string_lossy())?;
                set_up_sqlite(&mut conn).map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(DbConnection::Sqlite(conn))
            }
            #[cfg(feature = "mysql")]
            Self::Mysql(url) => {
                let mut conn = diesel::mysql::MysqlConnection::establish(url.expose())?;
                conn.batch_execute(
                    "SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci; SET time_zone = '+00:00'; \
                     SET SESSION sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'; \
                     SET SESSION innodb_lock_wait_timeout = 10;",
                )
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
                // MariaDB only: a write based on a stale read is refused (1020) instead of silently lost.
                drop(conn.batch_execute("SET SESSION innodb_snapshot_isolation = ON"));
                Ok(DbConnection::Mysql(conn))
            }
            #[cfg(not(feature = "mysql"))]
            Self::Mysql(_) => Err(ConnectionError::BadConnection(
                "this build has no MySQL support".into(),
            )),
        }
    }
}

fn set_up_sqlite(conn: &mut SqliteConnection) -> QueryResult<()> {
    conn.batch_execute("PRAGMA busy_timeout = 10000")?;
    // A new file is turned to WAL by whoever comes first, and there SQLite waits for nobody: the others come again.
    let mut tries = 0;
    while let Err(error) = conn.batch_execute("PRAGMA journal_mode = WAL") {
        tries += 1;
        if tries == 100 {
            return Err(error);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    conn.batch_execute(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA mmap_size = 268435456; \
         PRAGMA cache_size = -4096;",
    )
}

impl DbConnection {
    /// Opens the write transaction that the SQLite writer groups its jobs in.
    pub fn begin_immediate(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(conn) => {
                diesel::connection::AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")
            }
            #[cfg(feature = "mysql")]
            Self::Mysql(conn) => {
                <diesel::mysql::MysqlConnection as Connection>::TransactionManager::begin_transaction(conn)
            }
        }
    }

    /// Keeps what a savepoint would bring back in memory. SQLite otherwise writes each page that a savepoint is the first
    /// to change into a temporary file as well, from the first savepoint on that changed more than 64 KiB.
    pub fn keep_savepoints_in_memory(&mut self) -> QueryResult<()> {
        self.batch_execute("PRAGMA temp_store = MEMORY")
    }

    /// Turns autocommit off: from now on every statement belongs to a transaction, and none has to be begun.
    pub fn leave_autocommit(&mut self) -> QueryResult<()> {
        self.batch_execute("SET autocommit = 0")
    }

    /// Runs `work` on a connection without autocommit, and commits. On MySQL diesel's own BEGIN and COMMIT take three
    /// round trips each, because it switches multiple statements on and off around them; this commit takes one. If it
    /// fails, what it was to commit goes to `in_doubt`: only its answer may have been lost.
    pub fn commit_after<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T>,
        in_doubt: &mut Option<T>,
    ) -> Result<T> {
        *in_doubt = None;
        let outcome = work(self).and_then(|value| match Command("COMMIT").execute(self) {
            Ok(_) => Ok(value),
            Err(error) => {
                *in_doubt = Some(value);
                Err(error.into())
            }
        });
        if let Err(error) = &outcome {
            if self.batch_execute("ROLLBACK").is_err() {
                Transactions::transaction_manager_status_mut(self).set_in_error();
            }
            if !matches!(error.kind(), Kind::Problem(_)) {
                // Oracle's client library would report the failure again at the statement's next use.
                self.set_prepared_statement_cache_size(CacheSize::Disabled);
                self.set_prepared_statement_cache_size(CacheSize::Unbounded);
            }
        }
        outcome
    }

    /// The id of the row just inserted through this connection.
    pub fn inserted_id(&mut self) -> QueryResult<i32> {
        let function = match self {
            Self::Sqlite(_) => "last_insert_rowid()",
            #[cfg(feature = "mysql")]
            Self::Mysql(_) => "CAST(LAST_INSERT_ID() AS SIGNED)",
        };
        let id = diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(function));
        let id: i64 = Kept(id).get_result(self)?;
        i32::try_from(id).map_err(|error| diesel::result::Error::DeserializationError(Box::new(error)))
    }

    /// Does a table of this name exist?
    pub fn has_table(&mut self, name: &str) -> QueryResult<bool> {
        let sql = match self {
            Self::Sqlite(_) => "SELECT COUNT(*) AS n FROM sqlite_master WHERE type = 'table' AND name = ?",
            #[cfg(feature = "mysql")]
            Self::Mysql(_) => {
                "SELECT COUNT(*) AS n FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?"
            }
        };
        let rows: Vec<Counted> = diesel::sql_query(sql)
            .bind::<diesel::sql_types::Text, _>(name)
            .load(self)?;
        Ok(rows.first().is_some_and(|row| row.n > 0))
    }
}

#[derive(diesel::QueryableByName)]
struct Counted {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

impl DbConnection {
    /// A connection that was given back in the middle of a transaction must not be used again.
    pub fn is_in_transaction(&mut self) -> bool {
        let status = Transactions::transaction_manager_status_mut(self);
        !matches!(status.transaction_depth(), Ok(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(diesel::QueryableByName)]
    struct Built {
        #[diesel(sql_type = diesel::sql_types::Text)]
        compile_options: String,
    }

    #[test]
    fn sqlite_is_built_as_cargos_settings_say() {
        let mut conn = Target::Sqlite(":memory:".into()).connect().unwrap();
        let options: Vec<Built> = diesel::sql_query("PRAGMA compile_options")
            .load(&mut conn)
            .unwrap();
        let has = |name: &str| options.iter().any(|built| built.compile_options == name);
        assert!(has("ENABLE_QPSG") && has("DEFAULT_MEMSTATUS=0"));
        assert!(!has("ENABLE_MEMORY_MANAGEMENT"));
    }
}
