//! Brings the schema up to date at start: under a lease, adopting a database of the old system in place.

use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use diesel::{QueryResult, RunQueryDsl, connection::SimpleConnection, sql_types::BigInt};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use rand::Rng;

use super::connection::{DbConnection, Target};

const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");
#[cfg(feature = "mysql")]
const MYSQL: EmbeddedMigrations = embed_migrations!("../migrations/mysql");

/// The first migration, which is the old system's schema.
const SEED_VERSION: &str = "20260206000000";
const SEED_TABLES: [&str; 3] = ["tickets", "messages", "users"];

/// How long a migrating node holds the lease before others may take it over.
const LEASE_SECONDS: i64 = 120;
/// How long to wait for another node to finish.
const PATIENCE_SECONDS: u64 = 180;

/// What running the migrations did.
#[derive(Debug, Default)]
pub struct Migrated {
    /// An old casedb was taken over.
    pub adopted: bool,
    /// How many migrations ran.
    pub ran: usize,
}

/// Runs what is missing. Safe to call from several nodes at once.
pub fn run(target: &Target) -> anyhow::Result<Migrated> {
    if let Target::Sqlite(path) = target
        && let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder).with_context(|| {
            format!(
                "DATABASE_URL or DATA_DIR: the folder {} cannot be made",
                folder.display()
            )
        })?;
    }
    let mut conn = target
        .connect()
        .map_err(|error| anyhow!("DATABASE_URL: the database cannot be reached: {error}"))?;
    let owner: i64 = rand::rng().random_range(1..i64::MAX);
    take_lease(&mut conn, owner)?;
    let outcome = migrate(&mut conn);
    diesel::sql_query(format!("DELETE FROM casedesk_migrating WHERE owner = {owner}")).execute(&mut conn)?;
    outcome
}

fn migrate(conn: &mut DbConnection) -> anyhow::Result<Migrated> {
    let adopted = adopt(conn)?;
    let ran = match conn {
        DbConnection::Sqlite(conn) => conn.run_pending_migrations(SQLITE).map(|ran| ran.len()),
        #[cfg(feature = "mysql")]
        DbConnection::Mysql(conn) => conn.run_pending_migrations(MYSQL).map(|ran| ran.len()),
    }
    .map_err(|error| anyhow!("a migration failed: {error}"))?;
    Ok(Migrated { adopted, ran })
}

/// Undoes and redoes the last so many migrations; for tests.
pub fn redo(target: &Target, last: usize) -> anyhow::Result<()> {
    let mut conn = target.connect()?;
    let failed = |error| anyhow!("{error}");
    match &mut conn {
        DbConnection::Sqlite(conn) => {
            for _ in 0..last {
                conn.revert_last_migration(SQLITE).map_err(failed)?;
            }
            conn.run_pending_migrations(SQLITE).map_err(failed)?;
        }
        #[cfg(feature = "mysql")]
        DbConnection::Mysql(conn) => {
            for _ in 0..last {
                conn.revert_last_migration(MYSQL).map_err(failed)?;
            }
            conn.run_pending_migrations(MYSQL).map_err(failed)?;
        }
    }
    Ok(())
}

/// Is the schema complete?
pub fn is_current(conn: &mut DbConnection) -> bool {
    match conn {
        DbConnection::Sqlite(conn) => conn.has_pending_migration(SQLITE),
        #[cfg(feature = "mysql")]
        DbConnection::Mysql(conn) => conn.has_pending_migration(MYSQL),
    }
    .is_ok_and(|pending| !pending)
}

/// Notes the first migration as run where the old system's tables are there already.
fn adopt(conn: &mut DbConnection) -> anyhow::Result<bool> {
    if conn.has_table("__diesel_schema_migrations")? {
        return Ok(false);
    }
    let found = SEED_TABLES
        .iter()
        .map(|table| conn.has_table(table))
        .collect::<QueryResult<Vec<_>>>()?;
    if found.iter().all(|there| !there) {
        return Ok(false);
    }
    if !found.iter().all(|there| *there) {
        bail!(
            "the database holds some, but not all, of the tables tickets, messages and users: it is neither empty nor a casedb"
        );
    }
    conn.batch_execute(
        "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)",
    )?;
    diesel::sql_query(format!(
        "INSERT INTO __diesel_schema_migrations (version) VALUES ('{SEED_VERSION}')"
    ))
    .execute(conn)?;
    Ok(true)
}

#[derive(diesel::QueryableByName)]
struct Lease {
    #[diesel(sql_type = BigInt)]
    until_seconds: i64,
}

/// A lease row rather than a named lock: named locks are not shared between the nodes of a Galera cluster.
fn take_lease(conn: &mut DbConnection, owner: i64) -> anyhow::Result<()> {
    conn.batch_execute(
        "CREATE TABLE IF NOT EXISTS casedesk_migrating (id INTEGER PRIMARY KEY, owner BIGINT NOT NULL, until_seconds BIGINT NOT NULL)",
    )
    .context("creating the migration lease")?;
    let started = std::time::Instant::now();
    while started.elapsed() < Duration::from_secs(PATIENCE_SECONDS) {
        let now = chrono::Utc::now().timestamp();
        let until = now + LEASE_SECONDS;
        let insert =
            format!("INSERT INTO casedesk_migrating (id, owner, until_seconds) VALUES (1, {owner}, {until})");
        if diesel::sql_query(insert).execute(conn).is_ok() {
            return Ok(());
        }
        let take_over = format!(
            "UPDATE casedesk_migrating SET owner = {owner}, until_seconds = {until} WHERE id = 1 AND until_seconds < {now}"
        );
        if diesel::sql_query(take_over)
            .execute(conn)
            .is_ok_and(|rows| rows == 1)
        {
            return Ok(());
        }
        let held: Vec<Lease> =
            diesel::sql_query("SELECT until_seconds FROM casedesk_migrating").load(conn)?;
        if let Some(lease) = held.first() {
            tracing::info!(
                seconds = lease.until_seconds - now,
                "another node is migrating; waiting"
            );
        }
        std::thread::sleep(Duration::from_millis(300));
    }
    bail!("another node has been migrating for too long (table casedesk_migrating)")
}
