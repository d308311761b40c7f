//! `cargo xtask bench`: one server per database, 10,000 tickets, closed-loop load; prints one table. No judgement.

mod data;
mod http;
mod live;

use std::{
    env,
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use actix_web::dev::ServerHandle;
use anyhow::{Context, Result};
use casedesk::{
    app::App,
    clock::Clock,
    config::{Config, Vars},
    server::Server,
};

use crate::http::{Call, Figures};

/// Connections that ask at once.
const CONNECTIONS: usize = 16;
/// How often a pair of servers is compared.
const TURNS: u32 = 3;

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

/// A server of this process, and where it is.
struct Running {
    app: App,
    address: SocketAddr,
    cookie: String,
    handle: ServerHandle,
    serving: actix_web::rt::task::JoinHandle<Result<()>>,
}

impl Running {
    async fn start(url: &str, data_dir: &str, more: &[(&str, String)]) -> Result<Self> {
        let settings = |name: &str| match name {
            "PORT" => Some("0".to_owned()),
            "DATABASE_URL" => Some(url.to_owned()),
            "DATA_DIR" => Some(data_dir.to_owned()),
            "ADMIN_PASSWORD" => Some(data::PASSWORD.to_owned()),
            name => more
                .iter()
                .find(|(more, _)| *more == name)
                .map(|(_, value)| value.clone()),
        };
        let config = Config::from_vars(&Vars(&settings))?;
        let server = Server::start(config, Clock::default()).await?;
        let (app, address, handle) = (server.app.clone(), server.address, server.handle());
        let serving = actix_web::rt::spawn(async move { Ok(server.run().await?) });
        let cookie = data::log_in(&app).await?;
        Ok(Self {
            app,
            address,
            cookie,
            handle,
            serving,
        })
    }

    async fn load(&self, call: &Call, time: Duration) -> Result<Figures> {
        http::load(self.address, &self.cookie, call, CONNECTIONS, time).await
    }

    async fn stop(self) -> Result<()> {
        self.handle.stop(false).await;
        self.serving.await?
    }
}

async fn measure(database: &str, url: &str, data_dir: &str, tickets: i32, time: Duration) -> Result<()> {
    let server = Running::start(url, data_dir, &[]).await?;
    data::fill(&server.app, tickets).await?;
    let print = |what: &str, figures: &Figures| println!("| {database} | {what} | {figures} |");
    let (reads, writes) = calls(tickets);
    for call in reads.iter().chain(&writes) {
        print(call.what, &server.load(call, time).await?);
    }
    let memory = resident_kib().map_or_else(String::new, |kib| format!("{} MiB", kib / 1024));
    print(
        "send to receive, one room of two",
        &live::send_to_receive(server.address, &server.cookie, time).await?,
    );
    server.stop().await?;
    for call in &writes {
        let ratio = while_mail_is_down(url, data_dir, call, time).await?;
        println!(
            "| {database} | {} while the mail server is down, of the same without one | {ratio:.2} | | | |",
            call.what
        );
    }
    println!("| {database} | resident memory, load generator included | {memory} | | | |");
    Ok(())
}

/// How many of these calls are answered while every mail waits, of how many where there is no mail server at all. In
/// turns, because both slow down as tables grow.
async fn while_mail_is_down(url: &str, data_dir: &str, call: &Call, time: Duration) -> Result<f64> {
    let nobody = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    let down = [
        ("SMTP_SERVER", "127.0.0.1".to_owned()),
        ("SMTP_PORT", nobody.to_string()),
        ("SMTP_TLS", "none".to_owned()),
        ("EMAIL_SENDER", "desk@example.com".to_owned()),
    ];
    let (mut with, mut without) = (0.0, 0.0);
    for turn in 0..2 * TURNS {
        let is_down = turn % 2 == 0;
        let server = Running::start(url, data_dir, if is_down { &down } else { &[] }).await?;
        let figures = server.load(call, time).await?;
        *if is_down { &mut with } else { &mut without } += figures.rate();
        server.stop().await?;
    }
    Ok(with / without)
}

/// Those that read, and those that write.
fn calls(tickets: i32) -> (Vec<Call>, Vec<Call>) {
    let get = |what, path: &'static str| Call {
        what,
        path,
        body: None,
        ids: tickets,
    };
    let reads = vec![
        get("list, page 1", "/case/api/tickets?page=1&per_page=20"),
        get(
            "list by status",
            "/case/api/tickets?page=1&per_page=20&status=pending",
        ),
        get("list, any page", "/case/api/tickets?page={page}&per_page=20"),
        get("detail", "/case/api/tickets/{id}"),
        get("messages", "/case/api/tickets/{id}/messages"),
        get("statistics", "/case/api/statistics"),
    ];
    let writes = vec![
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
    ];
    (reads, writes)
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
