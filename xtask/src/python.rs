//! The official Python client of Socket.IO, in a private environment below `target/`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::{apt, process, root, server, stamp};

/// What is tried: the newest client as it is published.
const CLIENT: &str = "python-socketio[client]==5.18.1";

/// Makes sure that the client is there; returns the Python that has it.
pub(crate) fn ensure() -> Result<PathBuf> {
    let folder = root::tools().join("python");
    let python = folder.join("bin/python");
    let mark = folder.join("casedesk");
    if python.is_file() && stamp::matches(&mark, CLIENT) {
        return Ok(python);
    }
    if make(&folder).is_err() {
        apt::install(
            &["python3", "python3-venv"],
            "the official Python client of Socket.IO",
        )?;
        make(&folder)?;
    }
    eprintln!("      pip install {CLIENT}");
    process::run(
        Command::new(&python)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                CLIENT,
            ])
            .stdin(Stdio::null()),
    )?;
    stamp::write(&mark, CLIENT)?;
    Ok(python)
}

fn make(folder: &Path) -> Result<()> {
    process::output(Command::new("python3").args(["-m", "venv"]).arg(folder))
        .context("making a Python environment")
        .map(drop)
}

/// Runs the client's tests against a fresh server.
pub(crate) fn run(python: &Path, binary: &Path) -> Result<()> {
    let server = server::Running::start(binary, None)?;
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
