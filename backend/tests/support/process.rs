//! The binary as a process of its own, which can be killed.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader},
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::database::Database;

/// The server as a process, ended with this value.
pub struct Process {
    pub child: Child,
    pub url: String,
    /// Kept open: whoever writes into a closed pipe fails.
    _output: Option<std::io::Lines<BufReader<std::process::ChildStdout>>>,
}

impl Process {
    /// One that was started by hand, whose output somebody else reads.
    pub fn of(child: Child, url: String) -> Self {
        Self {
            child,
            url,
            _output: None,
        }
    }

    /// How long processors have worked for it. Linux counts in hundredths of a second.
    pub fn processor_time(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let (_, after_name) = stat.rsplit_once(") ").unwrap();
        let ticks = after_name.split(' ').skip(11).take(2);
        let ticks: u64 = ticks.map(|ticks| ticks.parse::<u64>().unwrap()).sum();
        Duration::from_millis(10 * ticks)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What one of the scripts in `tests/clients` says, as JSON, when it is called with these words.
pub fn python<T: DeserializeOwned>(script: &str, words: impl IntoIterator<Item = impl AsRef<OsStr>>) -> T {
    let output = Command::new("python3")
        .arg(format!("{}/tests/clients/{script}", env!("CARGO_MANIFEST_DIR")))
        .args(words)
        .output()
        .expect("python3 runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// How it is started, on that database and in that folder.
pub fn command(database: &Database, folder: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_casedesk"));
    command
        .env_clear()
        .envs(std::env::vars().filter(|(name, _)| name == "PATH" || name == "LD_LIBRARY_PATH"))
        .env("DATABASE_URL", database.url())
        .env("DATA_DIR", folder.path())
        .env("PORT", "0")
        .env("RUST_LOG", "warn")
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Starts it and waits until it serves.
pub fn start(database: &Database, folder: &TempDir) -> Process {
    start_with(database, folder, &[])
}

/// The same with settings.
pub fn start_with(database: &Database, folder: &TempDir, settings: &[(&str, String)]) -> Process {
    let settings = settings.iter().map(|(name, value)| (name, value));
    let mut child = command(database, folder).envs(settings).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready = lines.next().unwrap().unwrap();
    let url = ready
        .strip_prefix("CaseDesk is ready: ")
        .unwrap_or_else(|| panic!("{ready}"));
    let url = url.trim_end_matches("/case/").to_owned();
    Process {
        child,
        url,
        _output: Some(lines),
    }
}

/// Runs it to its end.
pub fn run(command: &mut Command) -> Output {
    command.output().unwrap()
}

/// Posts JSON: status, answer and the cookie that came with it; none if nobody answers.
pub async fn post(
    http: &reqwest::Client,
    url: String,
    body: Value,
    cookie: &str,
) -> Option<(u16, Value, String)> {
    let reply = http
        .post(url)
        .header("cookie", cookie)
        .json(&body)
        .send()
        .await
        .ok()?;
    let status = reply.status().as_u16();
    let set = reply
        .headers()
        .get("set-cookie")
        .map(|value| value.to_str().unwrap().split(';').next().unwrap().to_owned());
    Some((status, reply.json().await.ok()?, set.unwrap_or_default()))
}

/// Logs in as the first agent and chooses a password; answers the cookie.
pub async fn first_log_in(http: &reqwest::Client, url: &str) -> String {
    let credentials = json!({"username": "admin", "password": "admin123"});
    let (status, _, cookie) = post(http, format!("{url}/case/api/admin/login"), credentials, "")
        .await
        .unwrap();
    assert_eq!(status, 200);
    let change = json!({"current_password": "admin123", "new_password": "a better one"});
    let (status, _, cookie) = post(http, format!("{url}/case/api/me/password"), change, &cookie)
        .await
        .unwrap();
    assert_eq!(status, 200);
    cookie
}
