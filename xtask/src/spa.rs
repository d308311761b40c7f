//! Builds the SPA with trunk and precompresses it, unless nothing it is made of has changed.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::precompress::{self, Effort};
use crate::{bundle, process, root, split, stamp, tools};

/// The most that a first visit may load: wasm, JavaScript and styles as brotli sends them.
pub(crate) const BUDGET: u64 = 300 * 1024;

/// What the SPA weighs.
#[derive(Debug, Default)]
pub(crate) struct Size {
    /// Each file that a first visit loads.
    pub(crate) first: Vec<File>,
    /// The same for what is loaded when it is needed.
    pub(crate) later: Vec<File>,
}

/// One file: name, plain length, length as brotli sends it.
pub(crate) type File = (String, u64, u64);

impl Size {
    /// All files of a first visit together, as brotli sends them.
    pub(crate) fn total(&self) -> u64 {
        self.first.iter().map(|(_, _, brotli)| brotli).sum()
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
    let helpers: Vec<PathBuf> = tools
        .bindgen
        .parent()
        .map(Path::to_path_buf)
        .into_iter()
        .collect();
    process::run(
        Command::new(&tools.trunk)
            .args(["build", "--config", "Trunk.toml", "--dist"])
            .arg(root::spa())
            .args([
                "--release",
                "--features",
                "split",
                "--offline",
                "true",
                "--skip-version-check",
                // Its warning about JavaScript it cannot minify comes every time: we do that ourselves afterwards.
                "--log",
                "error",
            ])
            // Where it finds them, it never downloads.
            .env("PATH", process::path_with(&helpers)?)
            .env("CARGO_TARGET_DIR", build_dir())
            // Its panics are errors about what it runs; their stack traces only hide those.
            .env_remove("RUST_BACKTRACE")
            // Trunk takes only "true" and "false" where others write "1".
            .env_remove("NO_COLOR")
            .current_dir(root::repo()),
    )
    .context("the SPA does not build")?;
    bundle::join_styles()?;
    split::cut(tools)?;
    compress(&made, effort, tools.wasm_opt.is_some())
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
    let page = std::fs::read_to_string(root::spa().join("index.html")).context("reading the built page")?;
    let mut size = Size::default();
    for file in files {
        let counts = file
            .extension()
            .and_then(|e| e.to_str())
            .is_some_and(|e| ["wasm", "js", "css"].contains(&e));
        if counts {
            let name = file
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let brotli = precompress::size(&precompress::beside(&file, "br"));
            // The page names what it loads. What is loaded later is named by the script.
            let list = match page.contains(&name) {
                true => &mut size.first,
                false => &mut size.later,
            };
            list.push((name, precompress::size(&file), brotli));
        }
    }
    if size.first.is_empty() {
        bail!("{} holds no SPA", root::spa().display());
    }
    Ok(size)
}

/// The compilation that trunk will start, so that it can be done ahead of it.
pub(crate) fn cargo_build() -> Command {
    let mut cargo = Command::new("cargo");
    cargo
        .args(["build", "--target", "wasm32-unknown-unknown", "--profile", "wasm"])
        .args(["--features", "split"])
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
        "xtask/src/bundle.rs",
        "xtask/src/split.rs",
    ];
    let paths: Vec<PathBuf> = parts.iter().map(|part| root::repo().join(part)).collect();
    stamp::of(&paths, &["dist", "node_modules", "e2e", "tests", "target"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_trunk_builds_by_itself_is_never_taken_for_the_finished_spa() {
        let config = std::fs::read_to_string(root::repo().join("Trunk.toml")).unwrap();
        let dist = config.lines().find_map(|line| line.strip_prefix("dist = "));
        let dist = root::repo().join(dist.unwrap().trim_matches('"'));
        assert!(!dist.starts_with(root::spa()) && !root::spa().starts_with(&dist));
    }
}
