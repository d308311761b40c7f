//! What others wrote in Python and we are tried with, in a private environment below `target/`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::{apt, process, root, server, stamp};

/// The newest official client of Socket.IO as it is published, and a checker of DKIM signatures.
const PACKAGES: [&str; 2] = ["python-socketio[client]==5.18.1", "dkimpy[ed25519]==1.1.8"];

/// Makes sure that they are there; returns the Python that has them.
pub(crate) fn ensure() -> Result<PathBuf> {
    let folder = root::tools().join("python");
    let python = folder.join("bin/python");
    let mark = folder.join("casedesk");
    let packages = PACKAGES.join(" ");
    if python.is_file() && stamp::matches(&mark, &packages) {
        return Ok(python);
    }
    if make(&folder).is_err() {
        apt::install(
            &["python3", "python3-venv"],
            "the official Python client of Socket.IO and the test of DKIM",
        )?;
        make(&folder)?;
    }
    eprintln!("      pip install {packages}");
    process::run(
        Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(PACKAGES)
            .stdin(Stdio::null()),
    )?;
    stamp::write(&mark, &packages)?;
    Ok(python)
}

fn make(folder: &Path) -> Result<()> {
    process::output(Command::new("python3").args(["-m", "venv"]).arg(folder))
        .context("making a Python environment")
        .map(drop)
}

/// Runs the client's tests against a fresh server.
pub(crate) fn run(python: &Path, binary: &Path) -> Result<()> {
    // A heartbeat as quick as this is felt by every step.
    let settings = [
        ("LIVE_PING_INTERVAL_MS", "1000"),
        ("LIVE_PING_TIMEOUT_MS", "5000"),
    ];
    let server = server::Running::start_with(binary, None, &settings)?;
    let result = process::run(
        Command::new(python)
            .arg("backend/tests/clients/socket_io.py")
            .current_dir(root::repo())
            .env("BASE_URL", server.url()),
    );
    if result.is_err() {
        eprint!("      the server's last lines:\n{}", server.log_tail());
    }
    result
}
