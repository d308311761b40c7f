//! The checks on the source: format, lints, Rust tests. One cargo command each.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, bail};

use crate::dist::kb;
use crate::test::Options;
use crate::{dist, process, root, spa};

/// Everything is formatted.
pub(crate) fn format() -> Result<()> {
    process::run(&mut cargo(&["fmt", "--all", "--check"])).context("run `cargo fmt --all`")
}

/// No warnings in the native crates (the workspace's default members).
pub(crate) fn lint() -> Result<()> {
    process::run(&mut cargo(&[
        "clippy",
        "--all-targets",
        "--",
        "--deny",
        "warnings",
    ]))
}

/// No warnings in the SPA, which exists for wasm only.
pub(crate) fn lint_spa() -> Result<()> {
    let mut clippy = cargo(&[
        "clippy",
        "--package",
        "frontend",
        "--target",
        "wasm32-unknown-unknown",
        "--features",
        "split",
    ]);
    // The profile and folder of the SPA's build, whose macros and build scripts are there already.
    clippy
        .args(["--profile", "wasm", "--target-dir"])
        .arg(spa::build_dir());
    process::run(clippy.args(["--", "--deny", "warnings"]))
}

/// All Rust tests, on SQLite.
pub(crate) fn tests(options: &Options) -> Result<()> {
    process::run(
        cargo(&["test", "--no-fail-fast"])
            .args(options.filter())
            .envs(options.settings().iter().copied())
            .env("PATH", process::path_with_servers()?)
            .env_remove("TEST_DATABASE_URL"),
    )
}

/// A test that does not run with the others because of what it needs; `programs` is a folder of what it calls.
pub(crate) fn ignored_test(name: &str, programs: Option<&Path>) -> Result<()> {
    let others = process::path_with_servers()?;
    let path = programs
        .map(Path::to_owned)
        .into_iter()
        .chain(std::env::split_paths(&others));
    process::run(
        cargo(&[
            "test",
            "--package",
            "casedesk",
            "--test",
            "main",
            name,
            "--",
            "--ignored",
        ])
        .env("PATH", std::env::join_paths(path)?)
        .env_remove("TEST_DATABASE_URL"),
    )
}

/// The unit tests of the SPA, run natively: a wasm target has nothing to run them.
pub(crate) fn tests_of_spa() -> Result<()> {
    process::run(&mut cargo(&["test", "--no-fail-fast", "--package", "frontend"]))
}

/// The integration tests once more, on the MySQL server at this address.
pub(crate) fn tests_on(database_url: &str, options: &Options) -> Result<()> {
    process::run(
        cargo(&["test", "--no-fail-fast", "--test", "*"])
            .args(options.filter())
            .envs(options.settings().iter().copied())
            .env("PATH", process::path_with_servers()?)
            .env("TEST_DATABASE_URL", database_url),
    )
}

/// The SPA keeps to its budget.
pub(crate) fn spa_size() -> Result<()> {
    let size = spa::size()?;
    dist::print_spa(&size);
    if size.total() > spa::BUDGET {
        bail!(
            "the SPA's first visit loads {:.1} KB, the budget is {:.0} KB",
            kb(size.total()),
            kb(spa::BUDGET)
        );
    }
    Ok(())
}

fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(args).current_dir(root::repo());
    command
}
