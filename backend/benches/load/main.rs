//! `cargo xtask bench`: one server per database, 10,000 tickets, closed-loop load; prints one table. No judgement.

mod data;
mod http;
mod live;

use std::{env, time::Duration};

use anyhow::{Context, Result};
use casedesk::{
    clock::Clock,
    config::{Config, Vars},
    server::Server,
};

use crate::http::{Call, Figures};

/// Connections that ask at once.
const CONNECTIONS: usize = 16;

fn main() -> Result<()> {
    let tickets: i32 = number("BENCH_TICKETS", 10_000)?;
    let seconds: u64 = number("BENCH_SECONDS", 3)?;
    println!(
        "{tickets} tickets with 5 messages each, {CONNECTIONS} connections, {seconds} s a row; load and server share this machine\n"
    );
    println!("| database | what | per second | p50 ms | p99 ms | not 2xx |");
    println!("| --- | --- | ---: | ---: | ---: | ---: |");
    let folder = tempfile::tempdir()?;
    let sqlite = format!("sqlite://{}", folder.path().join("bench.db").display());
    let mysql = env::var("BENCH_DATABASE_URL").ok();
    for (name, url) in [Some(("SQLite", sqlite)), mysql.map(|url| ("MySQL", url))]
        .into_iter()
        .flatten()
    {
        let data_dir = folder.path().join(name).display().to_string();
        actix_web::rt::System::new().block_on(measure(
            name,
            &url,
            &data_dir,
            tickets,
            Duration::from_secs(seconds),
        ))?;
    }
    Ok(())
}

fn number<T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    name: &str,
    default: T,
) -> Result<T> {
    match env::var(name) {
        Ok(text) => text.parse().with_context(|| format!("{name}: `{text}`")),
        Err(_) => Ok(default),
    }
}

async fn measure(database: &str, url: &str, data_dir: &str, tickets: i32, time: Duration) -> Result<()> {
    let settings = |name: &str| match name {
        "PORT" => Some("0".to_owned()),
        "DATABASE_URL" => Some(url.to_owned()),
        "DATA_DIR" => Some(data_dir.to_owned()),
        "ADMIN_PASSWORD" => Some(data::PASSWORD.to_owned()),
        _ => None,
    };
    let config = Config::from_vars(&Vars(&settings))?;
    let server = Server::start(config, Clock::default()).await?;
    let (app, address, handle) = (server.app.clone(), server.address, server.handle());
    let serving = actix_web::rt::spawn(server.run());
    data::fill(&app, tickets).await?;
    let cookie = data::log_in(&app).await?;

    let print = |what: &str, figures: &Figures| println!("| {database} | {what} | {figures} |");
    for call in calls(tickets) {
        let figures = http::load(address, &cookie, &call, CONNECTIONS, time).await?;
        print(call.what, &figures);
    }
    let memory = resident_kib().map_or_else(String::new, |kib| format!("{} MiB", kib / 1024));
    print(
        "send to receive, one room of two",
        &live::send_to_receive(address, &cookie, time).await?,
    );
    println!("| {database} | resident memory, load generator included | {memory} | | | |");
    handle.stop(false).await;
    serving.await??;
    Ok(())
}

fn calls(tickets: i32) -> Vec<Call> {
    let get = |what, path: &'static str| Call {
        what,
        path,
        body: None,
        ids: tickets,
    };
    vec![
        get("list, page 1", "/case/api/tickets?page=1&per_page=20"),
        get(
            "list by status",
            "/case/api/tickets?page=1&per_page=20&status=pending",
        ),
        get("list, any page", "/case/api/tickets?page={page}&per_page=20"),
        get("detail", "/case/api/tickets/{id}"),
        get("messages", "/case/api/tickets/{id}/messages"),
        get("statistics", "/case/api/statistics"),
        Call {
            what: "create",
            path: "/case/api/tickets",
            body: Some(data::NEW_TICKET),
            ids: tickets,
        },
        Call {
            what: "reply",
            path: "/case/api/tickets/{id}/messages",
            body: Some(r#"{"content":"收到，我马上处理"}"#),
            ids: tickets,
        },
    ]
}

fn resident_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}
