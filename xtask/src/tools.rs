//! The programs that build the SPA: the wasm target, trunk, and the wasm-bindgen that fits `Cargo.lock`.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::progress::Progress;
use crate::{npm, process, root};

/// The newest trunk that builds with our Rust.
const TRUNK: &str = "0.21.14";

/// Where the programs are.
#[derive(Debug)]
pub(crate) struct Tools {
    /// The bundler.
    pub(crate) trunk: PathBuf,
    /// What writes the script between page and wasm.
    pub(crate) bindgen: PathBuf,
    /// What makes wasm smaller; not there on a machine without npm.
    pub(crate) wasm_opt: Option<PathBuf>,
}

/// `cargo xtask tools`.
pub(crate) fn command() -> Result<ExitCode> {
    let tools = Progress::new(1).step("fetching the tools", ensure)?;
    println!("trunk: {}", tools.trunk.display());
    println!("wasm-bindgen: {}", tools.bindgen.display());
    if let Some(wasm_opt) = &tools.wasm_opt {
        println!("wasm-opt: {}", wasm_opt.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes sure that everything the SPA's build needs is there, installing what is missing.
pub(crate) fn ensure() -> Result<Tools> {
    wasm_target()?;
    let trunk = cargo_tool(&Tool {
        name: "trunk",
        krate: "trunk",
        version: TRUNK,
        flags: &["--locked"],
    })?;
    let lock = root::repo().join("Cargo.lock");
    if !lock.exists() {
        process::run(
            Command::new("cargo")
                .arg("generate-lockfile")
                .current_dir(root::repo()),
        )?;
    }
    let lock = std::fs::read_to_string(&lock).context("reading Cargo.lock")?;
    let version = locked_version(&lock, "wasm-bindgen").context("Cargo.lock names no wasm-bindgen")?;
    let bindgen = cargo_tool(&Tool {
        name: "wasm-bindgen",
        krate: "wasm-bindgen-cli",
        version,
        flags: &["--bin", "wasm-bindgen"],
    })?;
    Ok(Tools {
        trunk,
        bindgen,
        wasm_opt: npm::wasm_opt()?,
    })
}

/// Adds the wasm target to the installed Rust, where rustup manages it.
pub(crate) fn wasm_target() -> Result<()> {
    let sysroot = process::output(Command::new("rustc").args(["--print", "sysroot"]))?;
    if Path::new(sysroot.trim())
        .join("lib/rustlib/wasm32-unknown-unknown")
        .is_dir()
    {
        return Ok(());
    }
    eprintln!("      adding Rust's wasm32-unknown-unknown target");
    process::run(Command::new("rustup").args(["target", "add", "wasm32-unknown-unknown"])).context(
        "Rust's wasm32-unknown-unknown target is missing; without rustup, install it as Rust was installed",
    )
}

struct Tool<'a> {
    name: &'a str,
    krate: &'a str,
    version: &'a str,
    flags: &'a [&'a str],
}

/// The tool from `PATH` or from our own folder if the version fits, else freshly built into our own folder.
fn cargo_tool(tool: &Tool<'_>) -> Result<PathBuf> {
    let ours = root::tools().join("bin").join(tool.name);
    let candidates = process::find(tool.name).into_iter().chain([ours.clone()]);
    if let Some(found) = candidates
        .into_iter()
        .find(|file| version_of(file).as_deref() == Some(tool.version))
    {
        return Ok(found);
    }
    eprintln!(
        "      building {} {} (once; some minutes)",
        tool.krate, tool.version
    );
    process::run(
        Command::new("cargo")
            .args(["install", tool.krate, "--version", tool.version])
            // Their extras are downloaders and test drivers, which we do not use.
            .arg("--no-default-features")
            .args(tool.flags)
            // They run for a second or two: the time goes into building them, so build them quickly.
            .args(["--debug", "--force", "--root"])
            .arg(root::tools())
            .arg("--target-dir")
            .arg(root::tools().join("build"))
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_PROFILE_DEV_DEBUG_ASSERTIONS", "false")
            .env("CARGO_PROFILE_DEV_OVERFLOW_CHECKS", "false")
            .env("CARGO_PROFILE_DEV_PANIC", "abort")
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS", "fallback")
            .current_dir(root::repo()),
    )?;
    // The object files are many and nobody needs them again.
    let _kept = std::fs::remove_dir_all(root::tools().join("build"));
    Ok(ours)
}

/// What `tool --version` calls itself: the second word, `trunk 0.21.14`.
fn version_of(file: &Path) -> Option<String> {
    if !file.is_file() {
        return None;
    }
    let text = process::output(Command::new(file).arg("--version")).ok()?;
    text.split_whitespace().nth(1).map(str::to_owned)
}

/// The version of a package in the text of a `Cargo.lock`.
fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let line = lock.lines().skip_while(|line| *line != name).nth(1)?;
    line.strip_prefix("version = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_version_of_exactly_that_package() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(lock, "wasm"), None);
    }
}
