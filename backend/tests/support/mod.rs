//! What tests are written with: a server, a database, people who call the API and people who listen.

pub mod app;
pub mod bad_line;
pub mod certificates;
pub mod client;
pub mod database;
pub mod line;
pub mod live;
pub mod outbox;
pub mod postfix;
pub mod process;
pub mod redis;
pub mod reply;
pub mod smtp;
mod smtp_lines;
pub mod socket_io;
pub mod sql_line;

pub use app::{TestApp, spawn_app, spawn_app_with};
pub use bad_line::BadLine;
pub use client::Client;
pub use line::{Door, Line};
pub use live::Live;
pub use reply::Reply;
pub use smtp::Smtp;
pub use socket_io::{SocketIo, Transport};

use std::time::Duration;

use shared::{TicketId, tickets::NewTicket};

/// Nothing in a test may take longer than this.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Asks again and again until the answer is yes.
pub async fn eventually(what: &str, mut ask: impl AsyncFnMut() -> bool) {
    let asking = async {
        while !ask().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asking)
        .await
        .unwrap_or_else(|_| panic!("never happened: {what}"));
}

/// A ticket with everything that must be there.
pub fn new_ticket(title: &str) -> NewTicket {
    NewTicket {
        customer_name: Some("张三".into()),
        customer_email: Some("zhangsan@example.com".into()),
        customer_phone: Some("13800138000".into()),
        title: title.into(),
        description: "无法登录系统，提示密码错误".into(),
        ..NewTicket::default()
    }
}

/// A ticket that does not exist.
pub const ABSENT: TicketId = TicketId(987_654);

/// A number from the environment: what repeats or lengthens a run.
pub fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}
