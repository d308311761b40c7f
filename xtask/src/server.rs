//! Builds the server with or without MySQL support, and starts it: for good, or beside a test.

use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::{apt, process, root};

/// Which databases the binary can talk to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Databases {
    /// SQLite, MySQL and MariaDB.
    All,
    /// Only the built-in SQLite.
    SqliteOnly,
}

/// What this machine can build; installs MariaDB's client library if the settings ask for MySQL.
pub(crate) fn databases() -> Result<Databases> {
    if has_mysql_library() {
        return Ok(Databases::All);
    }
    if mysql_is_wanted(&|name| setting(name)) {
        ensure_mysql_library()?;
        return Ok(Databases::All);
    }
    eprintln!("      no MariaDB client library here: this build speaks SQLite only");
    eprintln!("      (for MySQL and MariaDB: apt-get install libmariadb-dev pkg-config)");
    Ok(Databases::SqliteOnly)
}

/// Installs the library that MySQL support links to.
pub(crate) fn ensure_mysql_library() -> Result<()> {
    match has_mysql_library() {
        true => Ok(()),
        false => apt::install(&["libmariadb-dev", "pkg-config"], "MySQL and MariaDB support"),
    }
}

fn has_mysql_library() -> bool {
    let known = |library| process::output(Command::new("pkg-config").args(["--exists", library])).is_ok();
    known("libmariadb") || known("mysqlclient")
}

fn mysql_is_wanted(setting: &dyn Fn(&str) -> Option<String>) -> bool {
    match setting("DATABASE_URL") {
        Some(url) => url.starts_with("mysql:") || url.starts_with("mariadb:"),
        None => setting("DB_HOST").is_some(),
    }
}

/// A setting as the server will see it: from the environment, else from `.env`; empty counts as absent.
fn setting(name: &str) -> Option<String> {
    let file = std::fs::read_to_string(root::repo().join(".env")).unwrap_or_default();
    std::env::var(name)
        .ok()
        .or_else(|| dotenv_value(&file, name))
        .filter(|value| !value.is_empty())
}

fn dotenv_value(file: &str, name: &str) -> Option<String> {
    let value = file
        .lines()
        .find_map(|line| line.trim().strip_prefix(name)?.trim_start().strip_prefix('='))?;
    Some(value.trim().trim_matches(['"', '\'']).to_owned())
}

/// Builds the server and returns the binary's path.
pub(crate) fn build(profile: &str, databases: Databases) -> Result<PathBuf> {
    let mut cargo = cargo_build(profile, databases);
    process::run(cargo.args(["--bin", "casedesk"])).context("the server does not build")?;
    Ok(root::target().join(profile).join("casedesk"))
}

/// What every build of the server has in common.
pub(crate) fn cargo_build(profile: &str, databases: Databases) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--package", "casedesk", "--profile", profile]);
    if databases == Databases::SqliteOnly {
        cargo.args(["--no-default-features", "--features", "dkim"]);
    }
    cargo.current_dir(root::repo());
    cargo
}

/// Becomes the server. Signals then reach it directly.
pub(crate) fn exec(binary: &Path, args: &[String]) -> Result<ExitCode> {
    let mut command = Command::new(binary);
    if args.first().is_none_or(|first| first.starts_with('-')) {
        command.arg("serve");
    }
    command.args(args).current_dir(root::repo());
    become_it(command).with_context(|| format!("starting {}", binary.display()))
}

#[cfg(unix)]
fn become_it(mut command: Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    Err(command.exec().into())
}

#[cfg(not(unix))]
fn become_it(mut command: Command) -> Result<ExitCode> {
    let status = command.status()?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// A server started for a test; it ends, and its data go, when this is dropped.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    address: String,
    log: PathBuf,
    // After `child`: the folder goes once nobody writes to it.
    _data: root::Scratch,
}

impl Running {
    /// Starts the binary on a free port, with an empty data folder and none of our own settings.
    pub(crate) fn start(binary: &Path, database_url: Option<&str>) -> Result<Self> {
        Self::start_with(binary, database_url, &[])
    }

    /// The same with these settings.
    pub(crate) fn start_with(
        binary: &Path,
        database_url: Option<&str>,
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        let data = root::Scratch::new("server")?;
        let log = data.path().join("server.log");
        let address = format!("127.0.0.1:{}", root::free_port()?);
        let (host, port) = address.split_once(':').unwrap_or_default();
        let mut command = Command::new(binary);
        command.arg("serve").env_clear().current_dir(data.path());
        command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command
            .env("HOST", host)
            .env("PORT", port)
            .env("DATA_DIR", data.path());
        command.envs(database_url.map(|url| ("DATABASE_URL", url)));
        command.envs(settings.iter().copied());
        command
            .stdin(Stdio::null())
            .stdout(File::create(&log)?)
            .stderr(File::options().append(true).open(&log)?);
        let child = process::start(&mut command)?;
        let mut running = Self {
            child,
            address,
            log,
            _data: data,
        };
        running.wait_until_ready()?;
        Ok(running)
    }

    /// `http://127.0.0.1:<port>`
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The end of what the server logged.
    pub(crate) fn log_tail(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines
            .iter()
            .skip(lines.len().saturating_sub(40))
            .map(|line| format!("      | {line}\n"))
            .collect()
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let start = Instant::now();
        while !answers_ready(&self.address) {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended at its start ({status}):\n{}", self.log_tail());
            }
            if start.elapsed() > Duration::from_secs(30) || process::interrupted() {
                bail!("the server did not get ready within 30 s:\n{}", self.log_tail());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        process::stop(&mut self.child);
    }
}

/// Whether `GET /readyz` is answered with 200.
fn answers_ready(address: &str) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        write!(
            stream,
            "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(settings: &[(&str, &str)]) -> bool {
        mysql_is_wanted(&|name| {
            settings
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn only_a_mysql_address_asks_for_mysql() {
        assert!(!wanted(&[]));
        assert!(!wanted(&[("DATABASE_URL", "sqlite://data/casedesk.db")]));
        assert!(wanted(&[("DATABASE_URL", "mysql://desk@localhost/casedb")]));
        assert!(wanted(&[("DB_HOST", "localhost")]));
        assert!(!wanted(&[
            ("DATABASE_URL", "sqlite://x.db"),
            ("DB_HOST", "localhost")
        ]));
    }

    #[test]
    fn reads_the_dotenv_file() {
        let file = "# DB_HOST=commented\nDB_HOSTNAME=other\nDB_HOST = \"db.example\"\n";
        assert_eq!(dotenv_value(file, "DB_HOST").as_deref(), Some("db.example"));
        assert_eq!(dotenv_value(file, "PORT"), None);
    }
}
