//! What comes from npm: `wasm-opt` for a smaller SPA; Playwright and axe for its tests.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::{apt, process, root, stamp};

/// The oldest Node.js that Playwright runs on.
const NODE_MAJOR: u32 = 20;

/// `wasm-opt`, or `None` (after saying so) on a machine without npm.
pub(crate) fn wasm_opt() -> Result<Option<PathBuf>> {
    if process::find("npm").is_none() || process::find("node").is_none() {
        if ci() {
            bail!("npm is needed for wasm-opt; install Node.js {NODE_MAJOR} or newer");
        }
        if !apt::is_root() || apt::install(&["nodejs", "npm"], "a smaller SPA (wasm-opt)").is_err() {
            eprintln!("      no npm here: the SPA is built without wasm-opt and gets a little larger");
            return Ok(None);
        }
    }
    match install() {
        Ok(()) => Ok(Some(wasm_opt_file())),
        Err(error) if ci() => Err(error),
        Err(error) => {
            eprintln!("      {error:#}");
            eprintln!("      so the SPA is built without wasm-opt and gets a little larger");
            Ok(None)
        }
    }
}

fn wasm_opt_file() -> PathBuf {
    program("wasm-opt")
}

/// A program that comes from npm.
pub(crate) fn program(name: &str) -> PathBuf {
    root::frontend().join("node_modules/.bin").join(name)
}

/// Brings `frontend/node_modules` in line with `package-lock.json`.
pub(crate) fn install() -> Result<()> {
    let lock = root::frontend().join("package-lock.json");
    let wanted = stamp::of(&[lock], &[])?;
    let mark = root::frontend().join("node_modules/.casedesk");
    if stamp::matches(&mark, &wanted) && wasm_opt_file().is_file() {
        return Ok(());
    }
    eprintln!("      npm ci in frontend/");
    process::run(
        Command::new("npm")
            .args([
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--loglevel=error",
            ])
            .current_dir(root::frontend())
            .stdin(Stdio::null())
            .stdout(Stdio::null()),
    )?;
    stamp::write(&mark, &wanted)
}

/// Fails unless Node.js is new enough for Playwright.
pub(crate) fn check_node() -> Result<()> {
    let help = format!("the browser tests need Node.js {NODE_MAJOR} or newer on PATH");
    let text = process::output(Command::new("node").arg("--version")).context(help.clone())?;
    if major(&text).is_none_or(|major| major < NODE_MAJOR) {
        bail!("{help}; this one is {}", text.trim());
    }
    Ok(())
}

/// Whether this is a CI run, where a missing part is a failure.
pub(crate) fn ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}

fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn understands_nodes_version() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("nonsense"), None);
    }
}
