//! Which database, and how many connections to it.

use std::path::{Path, PathBuf};

use shared::Secret;

use super::{ConfigError, Vars, bad};

/// Where the database is.
#[derive(Debug, Clone)]
pub enum Target {
    /// A file, made when missing.
    Sqlite(PathBuf),
    /// `mysql://user:password@host:port/name`; holds a password.
    Mysql(Secret),
}

impl Target {
    /// Is this the embedded database?
    pub fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }
}

/// The database.
#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    /// `DATABASE_URL` (`sqlite://path` or `mysql://user:password@host/name`), or the old system's `DB_HOST`,
    /// `DB_PORT`, `DB_USER`, `DB_PASSWORD`, `DB_NAME_CASE`. Default: `casedesk.db` in `DATA_DIR`.
    pub target: Target,
    /// `DB_POOL_SIZE`: connections kept open for reading, and on MySQL as many again for writing. Default 8.
    pub pool_size: u32,
}

impl DatabaseConfig {
    pub(super) fn from_vars(vars: &Vars<'_>, data_dir: &Path) -> Result<Self, ConfigError> {
        let target = match (vars.text("DATABASE_URL"), vars.text("DB_HOST")) {
            (Some(url), _) => from_url(&url)?,
            (None, Some(host)) => from_old_names(vars, &host)?,
            (None, None) => Target::Sqlite(data_dir.join("casedesk.db")),
        };
        Ok(Self {
            target,
            pool_size: vars.parse("DB_POOL_SIZE", 8)?.max(1),
        })
    }
}

fn from_url(url: &str) -> Result<Target, ConfigError> {
    if let Some(path) = url.strip_prefix("sqlite://") {
        return match path {
            "" | ":memory:" => Err(bad("DATABASE_URL", "sqlite:// needs the path of a file")),
            path => Ok(Target::Sqlite(PathBuf::from(path))),
        };
    }
    if url.starts_with("mysql://") {
        return mysql(url.to_owned(), "DATABASE_URL");
    }
    let scheme = url.split_once("://").map_or("nothing", |(scheme, _)| scheme);
    Err(bad(
        "DATABASE_URL",
        format!("it begins with `{scheme}`, not with sqlite:// or mysql://"),
    ))
}

fn from_old_names(vars: &Vars<'_>, host: &str) -> Result<Target, ConfigError> {
    let port: u16 = vars.parse("DB_PORT", 3306)?;
    let user = percent(&vars.text("DB_USER").unwrap_or_else(|| "root".into()));
    let password = percent(&vars.text("DB_PASSWORD").unwrap_or_default());
    let name = vars.text("DB_NAME_CASE").unwrap_or_else(|| "casedb".into());
    mysql(
        format!("mysql://{user}:{password}@{host}:{port}/{name}"),
        "DB_HOST",
    )
}

fn mysql(url: String, variable: &'static str) -> Result<Target, ConfigError> {
    if cfg!(feature = "mysql") {
        Ok(Target::Mysql(Secret::new(url)))
    } else {
        Err(bad(
            variable,
            "this build has SQLite only; install libmariadb-dev and build again for MySQL",
        ))
    }
}

/// Escapes what has a meaning in a URL.
fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}
