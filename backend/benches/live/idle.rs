//! Many connections that only sit in their rooms: how fast they come, and what each costs.

use std::{sync::Arc, time::Duration};

use anyhow::Result;

use crate::{child::Server, clients::Clients, target::Target};

const ROOMS: usize = 500;
const MEMBERS: usize = 10;

/// What came of it.
#[derive(Clone, Copy)]
pub struct Idle {
    pub per_second: f64,
    pub kib_each: f64,
}

/// Opens them, waits a moment, weighs the server.
pub async fn measure(clients: &Clients, server: &Server, target: &Arc<Target>) -> Result<Idle> {
    let before = server.resident_kib();
    let (seated, took) = clients.seat(target, ROOMS, MEMBERS, 0).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let grown = server.resident_kib().saturating_sub(before);
    let count = seated.len() as f64;
    drop(seated);
    tokio::time::sleep(Duration::from_secs(1)).await;
    Ok(Idle {
        per_second: count / took.as_secs_f64(),
        kib_each: grown as f64 / count,
    })
}
