//! Builds the SPA with trunk and precompresses it, unless nothing it is made of has changed.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::precompress::{self, Effort};
use crate::{bundle, process, root, stamp, tools};

/// The most that a first visit may load: wasm, JavaScript and styles as brotli sends them. 300 KiB without the pages
/// about mail and notifications.
pub(crate) const BUDGET: u64 = 325 * 1024;

/// What the SPA weighs.
#[derive(Debug, Default)]
pub(crate) struct Size {
    /// Each file that a first visit loads: name, plain length, length as brotli sends it.
    pub(crate) files: Vec<(String, u64, u64)>,
}

impl Size {
    /// All files together, as brotli sends them.
    pub(crate) fn total(&self) -> u64 {
        self.files.iter().map(|(_, _, brotli)| brotli).sum()
    }
}

/// Whether `frontend/dist` holds this very source, compressed at least this hard.
pub(crate) fn is_fresh(effort: Effort) -> Result<bool> {
    let made = fingerprint()?;
    Ok(match effort {
        Effort::Quick => {
            holds(&made, Effort::Best, true) || holds(&made, effort, true) || holds(&made, effort, false)
        }
        Effort::Best => holds(&made, effort, true),
    })
}

/// Builds and compresses the SPA into `frontend/dist`.
pub(crate) fn build(effort: Effort, tools: &tools::Tools) -> Result<()> {
    let made = fingerprint()?;
    if effort == Effort::Best && holds(&made, Effort::Quick, true) {
        return compress(&made, effort, true);
    }
    fetch()?;
    // Until the end the folder must not pass for finished.
    let _absent = std::fs::remove_file(stamp_file());
    let mut trunk = Command::new(&tools.trunk);
    trunk.args([
        "build",
        "--config",
        "Trunk.toml",
        "--offline",
        "true",
        "--skip-version-check",
        // Its warning about JavaScript it cannot minify comes every time: we do that ourselves afterwards.
        "--log",
        "error",
    ]);
    if tools.wasm_opt {
        trunk.arg("--release");
    } else {
        // Trunk calls wasm-opt in release mode only. The page names the cargo profile for that mode, we for this.
        trunk.args(["--cargo-profile", "wasm", "--minify", "true"]);
    }
    process::run(
        trunk
            .env("PATH", process::path_with(&tools.path)?)
            .env("CARGO_TARGET_DIR", build_dir())
            // Its panics are errors about what it runs; their stack traces only hide those.
            .env_remove("RUST_BACKTRACE")
            // Trunk takes only "true" and "false" where others write "1".
            .env_remove("NO_COLOR")
            .current_dir(root::repo()),
    )
    .context("the SPA does not build")?;
    bundle::join_styles()?;
    if tools.wasm_opt {
        bundle::minify_glue()?;
    }
    compress(&made, effort, tools.wasm_opt)
}

/// The last step, after which the folder counts as finished.
fn compress(made: &str, effort: Effort, wasm_opt: bool) -> Result<()> {
    precompress::folder(&root::spa(), effort)?;
    stamp::write(&stamp_file(), &stamp_text(made, effort, wasm_opt))
}

/// Measures `frontend/dist`.
pub(crate) fn size() -> Result<Size> {
    let mut files = Vec::new();
    stamp::collect(&root::spa(), &[], &mut files)?;
    files.sort();
    let mut size = Size::default();
    for file in files {
        let loaded = file
            .extension()
            .and_then(|e| e.to_str())
            .is_some_and(|e| ["wasm", "js", "css"].contains(&e));
        if loaded {
            let name = file
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let brotli = precompress::size(&precompress::beside(&file, "br"));
            size.files.push((name, precompress::size(&file), brotli));
        }
    }
    if size.files.is_empty() {
        bail!("{} holds no SPA", root::spa().display());
    }
    Ok(size)
}

/// The compilation that trunk will start, so that it can be done ahead of it.
pub(crate) fn cargo_build() -> Command {
    let mut cargo = Command::new("cargo");
    cargo
        .args(["build", "--target", "wasm32-unknown-unknown", "--profile", "wasm"])
        .env("CARGO_TARGET_DIR", build_dir())
        .current_dir(root::frontend());
    cargo
}

/// Downloads the crates beforehand, so that trunk itself can work offline.
fn fetch() -> Result<()> {
    let version = process::output(Command::new("rustc").arg("-vV"))?;
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("rustc names no host")?;
    let mut cargo = Command::new("cargo");
    cargo.args([
        "fetch",
        "--quiet",
        "--target",
        "wasm32-unknown-unknown",
        "--target",
        host,
    ]);
    process::run(cargo.current_dir(root::repo())).context("fetching the crates")
}

/// A target folder of its own: trunk's cargo would otherwise wait for, and overwrite, the server's build.
pub(crate) fn build_dir() -> PathBuf {
    root::repo().join("target/spa")
}

fn stamp_file() -> PathBuf {
    build_dir().join("made-from")
}

fn stamp_text(made_from: &str, effort: Effort, wasm_opt: bool) -> String {
    format!("{made_from} brotli {} wasm-opt {wasm_opt}", effort as i32)
}

fn holds(made_from: &str, effort: Effort, wasm_opt: bool) -> bool {
    let built = root::spa().join("index.html").is_file();
    built && stamp::matches(&stamp_file(), &stamp_text(made_from, effort, wasm_opt))
}

/// A fingerprint of everything the SPA is made of.
fn fingerprint() -> Result<String> {
    let parts = [
        ".cargo/config.toml",
        "frontend",
        "shared",
        "Cargo.lock",
        "Cargo.toml",
        "Trunk.toml",
    ];
    let paths: Vec<PathBuf> = parts.iter().map(|part| root::repo().join(part)).collect();
    stamp::of(&paths, &["dist", "node_modules", "e2e", "tests", "target"])
}
