//! `cargo xtask bench`: the timed runs, on SQLite and on a private, durable MariaDB. It prints figures and judges nothing.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::mariadb::{MariaDb, Safety};
use crate::{process, root, server};

/// Builds the load program optimised and runs it against both databases.
pub(crate) fn run(args: &[String]) -> Result<ExitCode> {
    process::catch_interrupts()?;
    server::ensure_mysql_library()?;
    let mariadb = MariaDb::start(Safety::Durable)?;
    process::run(
        Command::new("cargo")
            .args(["bench", "--package", "casedesk", "--bench", "load", "--"])
            .args(args)
            .env("BENCH_DATABASE_URL", mariadb.create("casedesk_bench")?)
            .current_dir(root::repo()),
    )?;
    Ok(ExitCode::SUCCESS)
}
