//! The browser tests: Chromium, a Chinese font, Playwright, and a server for them to visit.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::{apt, npm, process, root, server};

/// Makes sure that Chromium, a font for Chinese and Playwright are there; returns Chromium's path.
pub(crate) fn ensure() -> Result<PathBuf> {
    npm::check_node()?;
    npm::install()?;
    if !has_chinese_font() {
        apt::install(&["fonts-noto-cjk"], "Chinese text in the browser tests")?;
    }
    if let Some(chromium) = find_chromium() {
        return Ok(chromium);
    }
    apt::install(&["chromium"], "the browser tests")?;
    match find_chromium() {
        Some(chromium) => Ok(chromium),
        None => bail!("Chromium was installed but is not on PATH; name it in CHROMIUM"),
    }
}

/// Runs all browser tests against a fresh server; `database_url` is `None` for SQLite.
pub(crate) fn run(chromium: &Path, binary: &Path, database_url: Option<&str>) -> Result<()> {
    let server = server::Running::start(binary, database_url)?;
    let result = process::run(
        Command::new("node")
            .arg("e2e/run.mjs")
            .current_dir(root::frontend())
            .env("BASE_URL", server.url())
            .env("CHROMIUM", chromium),
    );
    if result.is_err() {
        eprint!("      the server's last lines:\n{}", server.log_tail());
    }
    result
}

fn find_chromium() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    named.or_else(|| {
        ["chromium", "chromium-browser", "google-chrome"]
            .into_iter()
            .find_map(process::find)
    })
}

fn has_chinese_font() -> bool {
    process::output(Command::new("fc-list").arg(":lang=zh-cn")).is_ok_and(|fonts| !fonts.trim().is_empty())
}
