//! Configuration: one small struct per concern, each read from the environment, each error naming its variable.

mod accounts;
mod database;
mod dkim;
mod files;
mod http;
mod live;
mod mail;

use std::{fmt::Display, path::PathBuf, str::FromStr};

pub use accounts::{AccountsConfig, PasswordUpgrade};
pub use database::{DatabaseConfig, Target};
pub use files::FilesConfig;
pub use http::{HttpConfig, host_of, is_loopback};
pub use live::{HOLDS_ELSEWHERE, LiveConfig, SKEW};
pub use mail::{MailConfig, SmtpConfig, Tls};

use crate::domain::zone::Zone;

/// Everything the server can be told.
#[derive(Debug, Clone)]
pub struct Config {
    pub http: HttpConfig,
    pub database: DatabaseConfig,
    pub files: FilesConfig,
    pub accounts: AccountsConfig,
    pub live: LiveConfig,
    pub mail: MailConfig,
    /// `TIMEZONE`: the display time zone, an IANA name. Default `Asia/Shanghai`.
    pub zone: Zone,
    /// `TICKET_TYPES`: comma-separated. Default 技术支持,产品咨询,售后服务.
    pub ticket_types: Vec<String>,
}

/// A value that cannot be used: which variable, and why.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigError {
    pub variable: &'static str,
    pub reason: String,
}

impl Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.variable, self.reason)
    }
}

impl std::error::Error for ConfigError {}

/// Where settings come from: the process environment, or a closure in tests.
pub struct Vars<'a>(pub &'a dyn Fn(&str) -> Option<String>);

impl Vars<'_> {
    /// A variable's value; empty counts as unset.
    pub fn text(&self, name: &str) -> Option<String> {
        (self.0)(name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    /// A variable parsed, or the default.
    pub fn parse<T: FromStr<Err: Display>>(&self, name: &'static str, default: T) -> Result<T, ConfigError> {
        match self.text(name) {
            None => Ok(default),
            Some(text) => text
                .parse()
                .map_err(|error: T::Err| bad(name, format!("`{text}` does not fit: {error}"))),
        }
    }

    /// A comma-separated list.
    pub fn list(&self, name: &str) -> Option<Vec<String>> {
        let items = |text: String| {
            text.split(',')
                .map(|item| item.trim().to_owned())
                .filter(|item| !item.is_empty())
                .collect::<Vec<_>>()
        };
        self.text(name).map(items).filter(|items| !items.is_empty())
    }
}

/// An error that names its variable.
pub fn bad(variable: &'static str, reason: impl Into<String>) -> ConfigError {
    ConfigError {
        variable,
        reason: reason.into(),
    }
}

impl Config {
    /// Reads `.env` (if there is one) and the environment.
    pub fn from_env() -> Result<Self, ConfigError> {
        match dotenvy::dotenv() {
            Ok(_) => {}
            Err(error) if error.not_found() => {}
            Err(error) => return Err(bad(".env", error.to_string())),
        }
        Self::from_vars(&Vars(&|name| std::env::var(name).ok()))
    }

    /// Reads settings from anywhere.
    pub fn from_vars(vars: &Vars<'_>) -> Result<Self, ConfigError> {
        let data_dir: PathBuf = vars.parse("DATA_DIR", PathBuf::from("data"))?;
        let zone = vars.parse("TIMEZONE", chrono_tz::Asia::Shanghai)?;
        let ticket_types = vars
            .list("TICKET_TYPES")
            .unwrap_or_else(|| ["技术支持", "产品咨询", "售后服务"].map(str::to_owned).to_vec());
        if let Some(long) = ticket_types
            .iter()
            .find(|kind| kind.chars().count() > shared::check::limit::TICKET_TYPE)
        {
            return Err(bad(
                "TICKET_TYPES",
                format!("`{long}` is longer than 50 characters"),
            ));
        }
        Ok(Self {
            http: HttpConfig::from_vars(vars)?,
            database: DatabaseConfig::from_vars(vars, &data_dir)?,
            files: FilesConfig::from_vars(vars, &data_dir)?,
            accounts: AccountsConfig::from_vars(vars)?,
            live: LiveConfig::from_vars(vars)?,
            mail: MailConfig::from_vars(vars, &data_dir)?,
            zone: Zone(zone),
            ticket_types,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_vars(&Vars(&|name| {
            pairs
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        }))
    }

    #[test]
    fn nothing_set_is_a_working_instance_on_loopback() {
        let config = read(&[]).unwrap();
        assert!(config.database.target.is_sqlite());
        assert_eq!(config.http.public_url(), "http://127.0.0.1:5000");
        assert!(config.http.is_local_only());
        assert_eq!(config.files.max_bytes, 10 * 1024 * 1024);
    }

    #[test]
    fn a_bad_value_names_its_variable() {
        for (name, value) in [
            ("PORT", "many"),
            ("DATABASE_URL", "postgres://x/y"),
            ("TIMEZONE", "Mars/Base"),
            ("PUBLIC_URL", "desk.example.com"),
            ("MAX_CONTENT_LENGTH", "-1"),
            ("PASSWORD_UPGRADE", "maybe"),
            ("LIVE_PING_INTERVAL_MS", "x"),
            ("REDIS_URL", "localhost:6379"),
        ] {
            assert_eq!(read(&[(name, value)]).unwrap_err().variable, name);
        }
    }

    #[test]
    fn the_old_names_make_a_mysql_url() {
        let config = read(&[
            ("DB_HOST", "db"),
            ("DB_USER", "case"),
            ("DB_PASSWORD", "p@ss/1"),
            ("DB_NAME_CASE", "casedb"),
        ]);
        let Target::Mysql(url) = config.unwrap().database.target else {
            panic!("not MySQL")
        };
        assert_eq!(url.expose(), "mysql://case:p%40ss%2F1@db:3306/casedb");
    }
}
