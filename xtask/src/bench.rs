//! `cargo xtask bench`: the timed runs. Empty until the server answers; the goals are in the design notes.

use std::process::ExitCode;

use anyhow::{Result, bail};

/// Runs the timed comparison.
pub(crate) fn run(_args: &[String]) -> Result<ExitCode> {
    bail!("`cargo xtask bench` measures nothing yet")
}
