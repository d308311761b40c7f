//! `cargo xtask bench` and `cargo xtask bench live`: the timed runs, on SQLite and on a private, durable MariaDB. They
//! print figures and judge nothing.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::mariadb::{MariaDb, Safety};
use crate::{npm, process, root, server};

/// Builds a load program optimised and runs it against both databases: `live` is connections and rooms, otherwise HTTP.
pub(crate) fn run(args: &[String]) -> Result<ExitCode> {
    process::catch_interrupts()?;
    server::ensure_mysql_library()?;
    let (program, rest) = match args.split_first() {
        Some((first, rest)) if first == "live" => ("live", rest),
        _ => ("load", args),
    };
    if program == "live"
        && let Err(error) = npm::install()
    {
        eprintln!("      {error:#}");
        eprintln!("      so npm's socket.io may be missing from the table");
    }
    let mariadb = MariaDb::start(Safety::Durable)?;
    process::run(
        Command::new("cargo")
            .args(["bench", "--package", "casedesk", "--bench", program, "--"])
            .args(rest)
            .env("BENCH_DATABASE_URL", mariadb.create("casedesk_bench")?)
            .current_dir(root::repo()),
    )?;
    Ok(ExitCode::SUCCESS)
}
