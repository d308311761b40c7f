//! The servers as child processes: started, asked for their address, measured from outside, ended by closing their input.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// The environment variable that makes this program a server.
pub const ROLE: &str = "CASEDESK_BENCH_ROLE";

/// The one line a server prints once it listens.
#[derive(Serialize, Deserialize)]
pub struct Hello {
    pub address: SocketAddr,
    /// Tickets, each with a `Cookie` header that opens it.
    #[serde(default)]
    pub rooms: Vec<(i32, String)>,
    /// An agent's `Cookie` header.
    #[serde(default)]
    pub agent: Option<String>,
}

/// A running server.
pub struct Server {
    child: Child,
    pub hello: Hello,
}

impl Server {
    /// This program in another role.
    pub fn of_role(role: &str, settings: &[(&str, &str)]) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.env(ROLE, role).envs(settings.iter().copied());
        Self::start(&mut command)
    }

    /// Starts it and waits for its line.
    pub fn start(command: &mut Command) -> Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().context("a child's output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let hello = serde_json::from_str(&line).context("the server did not start")?;
        Ok(Self { child, hello })
    }

    /// Its resident memory.
    pub fn resident_kib(&self) -> u64 {
        self.memory("VmRSS:")
    }

    /// How much of that are files: the program itself, and SQLite's database. The system takes it back when it wants to.
    pub fn mapped_kib(&self) -> u64 {
        self.memory("RssFile:")
    }

    fn memory(&self, line: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        status
            .lines()
            .find_map(|found| found.strip_prefix(line))
            .and_then(|found| found.split_whitespace().next()?.parse().ok())
            .unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let asked = Instant::now();
        while asked.elapsed() < Duration::from_secs(2) {
            if matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// In the child: prints the line and returns when the parent has closed our input, or is gone.
pub async fn serve_parent(hello: &Hello) -> Result<()> {
    println!("{}", serde_json::to_string(hello)?);
    actix_web::rt::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()))
        .await??;
    Ok(())
}
