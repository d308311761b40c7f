//! What is measured of each server, in which order.

use std::{
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result};

use crate::{
    child::Server,
    clients::Clients,
    fan::{self, Kind, Outcome, Plan, rooms},
    idle::{self, Idle},
    insert::{self, Inserts},
    limit, ours,
    target::{Dialect, Target},
};

/// The plain door's path.
const PATH: &str = shared::endpoint::LIVE_PATH;
/// Messages a second of the open loop.
pub const RATE: u32 = 200;

/// What is measured of every server.
#[derive(Clone, Copy)]
pub struct Figures {
    pub idle: Idle,
    pub rooms_50: Outcome,
    pub room_1: Outcome,
    pub rooms_500: Outcome,
    pub steady: Outcome,
    pub stalled: Outcome,
    /// The same while all of them read.
    pub unstalled: Outcome,
}

/// What only ours has.
#[derive(Clone, Copy)]
pub struct Ours {
    pub figures: Figures,
    pub typing_50: Outcome,
    pub typing_1: Outcome,
    /// While agents have their lists open.
    pub watched: Outcome,
    /// Two agents in each room, few rooms: several small frames after one another on each connection.
    pub agents: Outcome,
    /// Very many connections, little said, and while that goes on others come and go.
    pub crowd: Outcome,
    /// What each of them costs, with all that the server has come to hold since its start.
    pub crowd_kib_each: f64,
    /// How much of that are files.
    pub crowd_mapped_kib_each: f64,
}

/// One database's run.
pub struct Database {
    pub limit: Figures,
    /// The limit's, if it stores each message before it tells of it: at the pace of [`Figures::steady`].
    pub stored_limit: Outcome,
    pub ours: Ours,
    pub inserts: Inserts,
}

/// How many agents watch in [`Ours::watched`].
pub const WATCHING: usize = 50;
/// How many connections there are in [`Ours::crowd`], in so many rooms.
pub const CROWD: usize = 10_000;
const CROWD_ROOMS: usize = 500;
/// Messages a second there.
pub const CROWD_RATE: u32 = 50;
/// How long it lasts, in seconds, unless `BENCH_CROWD_SECONDS` says otherwise.
const CROWD_SECONDS: u64 = 60;

/// How many members stop reading in [`Figures::stalled`].
pub const STALLED: usize = 100;

/// npm's `socket.io`; none where it cannot be started.
pub async fn node(time: Duration) -> Result<Option<Figures>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../frontend/bench/socket_io_server.mjs");
    match Server::start(Command::new("node").arg(script).stderr(Stdio::null())) {
        Ok(server) => {
            let target = Target::new(
                &server,
                Dialect::SocketIo,
                "/socket.io/?EIO=4&transport=websocket",
            );
            figures(&Clients::start(), &server, &Arc::new(target), time)
                .await
                .map(Some)
        }
        Err(_) => {
            println!("Without npm's socket.io: it needs Node.js on PATH and `npm ci` in frontend/.\n");
            Ok(None)
        }
    }
}

/// Ours on that database, and beside it what it cannot be faster than.
pub async fn database(url: &str, data_dir: &Path, time: Duration) -> Result<Database> {
    let clients = Clients::start();
    let limit = {
        let server = Server::of_role("limit", &[])?;
        let target = Arc::new(Target::new(&server, Dialect::Plain, "/ws"));
        figures(&clients, &server, &target, time).await?
    };
    let server = Server::of_role("ours", &ours::settings(url, data_dir)?)?;
    let empty = (server.resident_kib(), server.mapped_kib());
    let target = Arc::new(Target::new(&server, Dialect::Plain, PATH));
    let figures = figures(&clients, &server, &target, time).await?;
    let typing = |rooms, members| Plan {
        kind: Kind::Typing,
        ..fan::rooms(rooms, members)
    };
    let watched = Plan {
        watching: WATCHING,
        ..rooms(50, 20)
    };
    let crowd = Plan {
        rate: Some(CROWD_RATE),
        restless: true,
        ..rooms(CROWD_ROOMS, CROWD / CROWD_ROOMS)
    };
    let lasts = match std::env::var("BENCH_CROWD_SECONDS") {
        Ok(seconds) => seconds.parse().context("BENCH_CROWD_SECONDS")?,
        Err(_) => CROWD_SECONDS,
    };
    let crowd = fan::measure(&clients, &server, &target, crowd, Duration::from_secs(lasts)).await?;
    let ours = Ours {
        figures,
        crowd,
        crowd_kib_each: crowd.resident_kib.saturating_sub(empty.0) as f64 / CROWD as f64,
        crowd_mapped_kib_each: crowd.mapped_kib.saturating_sub(empty.1) as f64 / CROWD as f64,
        typing_50: fan::measure(&clients, &server, &target, typing(50, 20), time).await?,
        typing_1: fan::measure(&clients, &server, &target, typing(1, 1_000), time).await?,
        watched: fan::measure(&clients, &server, &target, watched, time).await?,
        agents: fan::measure(
            &clients,
            &server,
            &Arc::new(target.of_agents()),
            rooms(16, 2),
            time,
        )
        .await?,
    };
    let config = ours::config(url, &data_dir.display().to_string())?.database;
    let tickets = server.hello.rooms.clone();
    let inserts =
        actix_web::rt::task::spawn_blocking(move || insert::measure(&config, &tickets, RATE, time)).await??;
    let storing = Server::of_role("limit", &[(limit::STORE, url)])?;
    let storing_target = Arc::new(Target::new(&storing, Dialect::Plain, "/ws"));
    let stored_limit = fan::measure(&clients, &storing, &storing_target, steady(), time).await?;
    Ok(Database {
        limit,
        stored_limit,
        ours,
        inserts,
    })
}

fn steady() -> Plan {
    Plan {
        rate: Some(RATE),
        ..rooms(50, 20)
    }
}

async fn figures(
    clients: &Clients,
    server: &Server,
    target: &Arc<Target>,
    time: Duration,
) -> Result<Figures> {
    // Long messages, so that what the kernel holds for a member is soon full.
    let unstalled = Plan {
        length: 2_000,
        ..rooms(4, 50)
    };
    let stalled = Plan {
        stalled: STALLED / 4,
        ..unstalled
    };
    Ok(Figures {
        idle: idle::measure(clients, server, target).await?,
        rooms_50: fan::measure(clients, server, target, rooms(50, 20), time).await?,
        room_1: fan::measure(clients, server, target, rooms(1, 1_000), time).await?,
        rooms_500: fan::measure(clients, server, target, rooms(500, 2), time).await?,
        steady: fan::measure(clients, server, target, steady(), time).await?,
        stalled: fan::measure(clients, server, target, stalled, time).await?,
        unstalled: fan::measure(clients, server, target, unstalled, time).await?,
    })
}
