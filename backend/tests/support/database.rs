//! A database for one test: a SQLite file, or a MySQL database that is dropped afterwards.

use casedesk::db::connection::{DbConnection, Target};
use diesel::{QueryableByName, RunQueryDsl, connection::SimpleConnection};
use shared::Secret;
use tempfile::TempDir;

/// A database that vanishes with this value.
pub struct Database {
    target: Target,
    place: Place,
}

enum Place {
    File { _folder: TempDir },
    Mysql { server: String, name: String },
}

/// Do the tests run on MySQL?
pub fn is_mysql() -> bool {
    server().is_some()
}

/// The server's URL up to and with the slash before a database's name.
fn server() -> Option<String> {
    let url = std::env::var("TEST_DATABASE_URL")
        .ok()
        .filter(|url| !url.is_empty())?;
    let rest = url
        .strip_prefix("mysql://")
        .expect("TEST_DATABASE_URL begins with mysql://");
    let authority = rest.split('/').next().expect("TEST_DATABASE_URL names a server");
    Some(format!("mysql://{authority}/"))
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

#[derive(QueryableByName)]
struct Text {
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
    t: Option<String>,
}

impl Database {
    /// A new one, empty.
    pub fn empty() -> Self {
        match server() {
            None => {
                let folder = tempfile::tempdir().unwrap();
                let target = Target::Sqlite(folder.path().join("casedesk.db"));
                Self {
                    target,
                    place: Place::File { _folder: folder },
                }
            }
            Some(server) => {
                let name = format!("casedesk_test_{}", uuid::Uuid::new_v4().simple());
                let mut conn = Target::Mysql(Secret::new(server.as_str())).connect().unwrap();
                let create =
                    format!("CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci");
                conn.batch_execute(&create).unwrap();
                let target = Target::Mysql(Secret::new(format!("{server}{name}")));
                Self {
                    target,
                    place: Place::Mysql { server, name },
                }
            }
        }
    }

    /// A `casedb` as the old system's SQL makes it.
    pub fn of_the_old_system() -> Self {
        let database = Self::empty();
        let schema = if is_mysql() {
            include_str!("../../../migrations/mysql/2026-02-06-000000_seed/up.sql")
        } else {
            include_str!("../../../migrations/sqlite/2026-02-06-000000_seed/up.sql")
        };
        database.execute(schema);
        database
    }

    /// Where it is.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// `DATABASE_URL`.
    pub fn url(&self) -> String {
        match &self.target {
            Target::Sqlite(path) => format!("sqlite://{}", path.display()),
            Target::Mysql(url) => url.expose().to_owned(),
        }
    }

    /// A connection of one's own.
    pub fn connect(&self) -> DbConnection {
        self.target.connect().unwrap()
    }

    /// Cuts everybody else's connections; there are none to a file.
    pub fn cut_connections(&self) {
        if matches!(self.place, Place::File { .. }) {
            return;
        }
        let name = self.text("SELECT DATABASE()").unwrap();
        let others = format!(
            "SELECT CAST(id AS CHAR) AS t FROM information_schema.processlist WHERE db = '{name}' AND id <> CONNECTION_ID()"
        );
        for id in self.texts(&others).into_iter().flatten() {
            // One may be gone already.
            drop(self.connect().batch_execute(&format!("KILL {id}")));
        }
    }

    /// Runs statements.
    pub fn execute(&self, sql: &str) {
        self.connect().batch_execute(sql).unwrap();
    }

    /// The number that a query answers.
    pub fn number(&self, sql: &str) -> i64 {
        let rows: Vec<Number> = diesel::sql_query(format!("SELECT ({sql}) AS n"))
            .load(&mut self.connect())
            .unwrap();
        rows[0].n
    }

    /// How many rows a table has.
    pub fn count(&self, table: &str) -> i64 {
        self.number(&format!("SELECT COUNT(*) FROM {table}"))
    }

    /// The text that a query answers.
    pub fn text(&self, sql: &str) -> Option<String> {
        self.texts(&format!("SELECT ({sql}) AS t")).remove(0)
    }

    /// The texts in the column `t` of a query.
    pub fn texts(&self, sql: &str) -> Vec<Option<String>> {
        let rows: Vec<Text> = diesel::sql_query(sql).load(&mut self.connect()).unwrap();
        rows.into_iter().map(|row| row.t).collect()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Place::Mysql { server, name } = &self.place {
            let dropped = Target::Mysql(Secret::new(server.as_str()))
                .connect()
                .map(|mut conn| conn.batch_execute(&format!("DROP DATABASE IF EXISTS {name}")));
            if !matches!(dropped, Ok(Ok(()))) {
                eprintln!("the test database {name} is left over: {:?}", dropped.err());
            }
        }
    }
}
