//! Ours: the real server on an empty database, with tickets in work, a guest's session for each, and an agent's.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use casedesk::{
    actions::{self, Tx},
    app::App,
    clock::Clock,
    config::{Config, Vars},
    db::tickets::{self, InsertTicket},
    error::Result as Outcome,
    server::Server,
};
use shared::{
    Priority, Status,
    sessions::{GUEST_COOKIE, SESSION_COOKIE},
};

use crate::child::{self, Hello};

/// The rooms that are measured, and after them those that only the insert limit writes to.
pub const TICKETS: i32 = 532;
const URL: &str = "DATABASE_URL";
const DATA_DIR: &str = "DATA_DIR";

/// What the child is told.
pub fn settings<'a>(url: &'a str, data_dir: &'a Path) -> Result<[(&'static str, &'a str); 2]> {
    let data_dir = data_dir.to_str().context("a folder's name")?;
    Ok([(URL, url), (DATA_DIR, data_dir)])
}

/// The server's settings on that database; everything else is as it is by default.
pub fn config(url: &str, data_dir: &str) -> Result<Config> {
    let settings = |name: &str| match name {
        "PORT" => Some("0".to_owned()),
        URL => Some(url.to_owned()),
        DATA_DIR => Some(data_dir.to_owned()),
        "ADMIN_PASSWORD" => Some("bench-password".to_owned()),
        _ => None,
    };
    Ok(Config::from_vars(&Vars(&settings))?)
}

/// Serves until the parent is done.
pub async fn serve() -> Result<()> {
    let config = config(&std::env::var(URL)?, &std::env::var(DATA_DIR)?)?;
    let server = Server::start(config, Clock::default()).await?;
    let (app, address) = (server.app.clone(), server.address);
    actix_web::rt::spawn(server.run());
    let (rooms, agent) = fill(&app).await?;
    let hello = Hello {
        address,
        rooms,
        agent: Some(agent),
    };
    child::serve_parent(&hello).await
}

async fn fill(app: &App) -> Result<(Vec<(i32, String)>, String)> {
    app.write(|tx| {
        let rooms = (0..TICKETS).map(|n| ticket(tx, n)).collect::<Outcome<_>>()?;
        let agent = actions::accounts::find(tx, "admin")?.ok_or(shared::ErrorCode::UserNotFound)?;
        let session = actions::sessions::open(tx, &agent, "bench")?;
        Ok((rooms, format!("{SESSION_COOKIE}={}", session.token.expose())))
    })
    .await
    .map_err(|error| anyhow!("filling the database: {error}"))
}

fn ticket(tx: &mut Tx<'_>, n: i32) -> Outcome<(i32, String)> {
    let row = InsertTicket {
        ticket_number: &format!("TK20260206{n:05}"),
        customer_name: "张三",
        customer_email: "zhangsan@example.com",
        customer_phone: None,
        title: "报表模块导出失败",
        description: "今天早上开始出现这个问题，昨天还是正常的。",
        kind: "技术支持",
        priority: Priority::Medium,
        status: Status::Processing,
        created_at: tx.now,
        updated_at: tx.now,
        customer_id: None,
        create_key: None,
        lang: None,
    };
    let id = tickets::insert(tx.conn, &row)?;
    let session = actions::sessions::open_guest(tx, id, "bench")?;
    Ok((id.0, format!("{GUEST_COOKIE}={}", session.token.expose())))
}
