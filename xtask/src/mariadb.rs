//! A private MariaDB for the tests: own folder, own port, gone afterwards.

use std::fs::File;
use std::io::Read;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::{apt, process, root};

/// How much an acknowledged write is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Safety {
    /// Tests: every byte is thrown away.
    None,
    /// Measurements: each commit reaches the disk, as in production.
    Durable,
}

impl Safety {
    fn settings(self) -> [&'static str; 3] {
        match self {
            Self::None => [
                "--innodb-flush-log-at-trx-commit=2",
                "--innodb-flush-method=nosync",
                "--innodb-buffer-pool-size=128M",
            ],
            Self::Durable => [
                "--innodb-flush-log-at-trx-commit=1",
                "--innodb-flush-method=O_DIRECT",
                "--innodb-buffer-pool-size=512M",
            ],
        }
    }
}

const SETTINGS: [&str; 11] = [
    "--no-defaults",
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_unicode_ci",
    "--sql-mode=STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION",
    "--max-connections=1000",
    "--innodb-log-file-size=64M",
    "--innodb-fast-shutdown=2",
    "--performance-schema=OFF",
    "--skip-log-bin",
];

/// A running instance; it is stopped and its data removed when this is dropped.
#[derive(Debug)]
pub(crate) struct MariaDb {
    child: Child,
    port: u16,
    log: PathBuf,
    // After `child`: the folder goes once nobody writes to it.
    _folder: root::Scratch,
}

impl MariaDb {
    /// Creates a data folder and starts an instance on it; returns once it accepts connections.
    pub(crate) fn start(safety: Safety) -> Result<Self> {
        ensure_installed()?;
        let folder = root::Scratch::new("mariadb")?;
        let data = folder.path().join("data");
        std::fs::create_dir(&data)?;
        let as_user = if apt::is_root() {
            "--user=mysql"
        } else {
            "--skip-symbolic-links"
        };
        if apt::is_root() {
            process::run(Command::new("chown").args(["-R", "mysql:"]).arg(folder.path()))?;
        }
        process::output(
            Command::new(program("mariadb-install-db")?)
                .args([
                    "--no-defaults",
                    "--auth-root-authentication-method=normal",
                    "--skip-test-db",
                    as_user,
                ])
                .arg(format!("--datadir={}", data.display())),
        )
        .context("creating the test database's folder")?;

        let port = root::free_port()?;
        let log = folder.path().join("mariadb.log");
        let file = |option: &str, name: &str| format!("--{option}={}", folder.path().join(name).display());
        let child = process::start(
            Command::new(program("mariadbd")?)
                .args(SETTINGS)
                .args(safety.settings())
                .arg(as_user)
                .arg(format!("--port={port}"))
                .args([
                    file("datadir", "data"),
                    file("socket", "sock"),
                    file("pid-file", "pid"),
                    file("tmpdir", ""),
                ])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(File::create(&log)?),
        )?;
        let mut running = Self {
            child,
            port,
            log,
            _folder: folder,
        };
        running.wait_until_ready()?;
        Ok(running)
    }

    /// The address up to the database's name: `mysql://root@127.0.0.1:<port>/`
    pub(crate) fn url(&self) -> String {
        format!("mysql://root@127.0.0.1:{}/", self.port)
    }

    /// Creates an empty database and returns its address.
    pub(crate) fn create(&self, name: &str) -> Result<String> {
        process::output(
            Command::new(program("mariadb")?)
                .args([
                    "--no-defaults",
                    "--protocol=tcp",
                    "--host=127.0.0.1",
                    "--user=root",
                ])
                .arg(format!("--port={}", self.port))
                .arg(format!("--execute=CREATE OR REPLACE DATABASE {name}")),
        )?;
        Ok(format!("{}{name}", self.url()))
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let start = Instant::now();
        while !greets(self.port) {
            let log = || std::fs::read_to_string(&self.log).unwrap_or_default();
            if let Some(status) = self.child.try_wait()? {
                bail!("MariaDB ended at its start ({status}):\n{}", log());
            }
            if start.elapsed() > Duration::from_secs(60) || process::interrupted() {
                bail!("MariaDB did not get ready within 60 s:\n{}", log());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for MariaDb {
    fn drop(&mut self) {
        process::stop(&mut self.child);
    }
}

/// MariaDB speaks first: a connection that gets a byte is a ready server.
fn greets(port: u16) -> bool {
    let listen = || -> std::io::Result<usize> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.read(&mut [0; 1])
    };
    listen().is_ok_and(|bytes| bytes == 1)
}

fn ensure_installed() -> Result<()> {
    if ["mariadbd", "mariadb-install-db", "mariadb"]
        .iter()
        .all(|name| program(name).is_ok())
    {
        return Ok(());
    }
    apt::install(&["mariadb-server"], "the tests on MariaDB")
}

/// Servers live in `sbin`, which ordinary users often do not have on `PATH`.
fn program(name: &str) -> Result<PathBuf> {
    let elsewhere = || {
        let dirs = ["/usr/sbin", "/usr/local/sbin", "/usr/libexec"];
        dirs.iter()
            .map(|dir| PathBuf::from(dir).join(name))
            .find(|file| file.is_file())
    };
    process::find(name)
        .or_else(elsewhere)
        .with_context(|| format!("{name} is not installed"))
}
