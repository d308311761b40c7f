//! `cargo xtask bench live`: connections and rooms, ours beside a bare actix-ws broadcast and npm's `socket.io`, each in
//! a process of its own. Prints two tables. No judgement.

mod child;
mod clients;
mod fan;
mod idle;
mod insert;
mod limit;
mod member;
mod ours;
mod report;
mod suite;
mod target;

use std::{env, time::Duration};

use anyhow::{Context, Result};

/// How long a row is measured.
const ROW: Duration = Duration::from_secs(3);

fn main() -> Result<()> {
    let files = rustix::process::Resource::Nofile;
    let mut limit = rustix::process::getrlimit(files);
    limit.current = limit.maximum;
    // The children inherit it.
    rustix::process::setrlimit(files, limit).context("raising the number of open files")?;
    let system = actix_web::rt::System::new();
    match env::var(child::ROLE).as_deref() {
        Ok("limit") => system.block_on(limit::serve()),
        Ok("ours") => system.block_on(ours::serve()),
        Ok(role) => anyhow::bail!("{}: there is no role `{role}`", child::ROLE),
        Err(_) => system.block_on(measure()),
    }
}

async fn measure() -> Result<()> {
    println!(
        "Load and servers share this machine. R x K: R rooms of K members each; per second: frames delivered.\n"
    );
    let node = suite::node(ROW).await?;
    let folder = tempfile::tempdir()?;
    let sqlite = format!("sqlite://{}", folder.path().join("bench.db").display());
    let databases = [
        Some(("SQLite", sqlite)),
        env::var("BENCH_DATABASE_URL").ok().map(|url| ("MySQL", url)),
    ];
    let only = env::var("BENCH_ONLY").ok();
    for (name, url) in databases.into_iter().flatten() {
        if only.as_deref().is_none_or(|only| only == name) {
            let data_dir = folder.path().join(name);
            let figures = suite::database(&url, &data_dir, ROW).await?;
            report::print(name, &figures, node.as_ref());
        }
    }
    Ok(())
}
