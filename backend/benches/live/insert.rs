//! The database's limit: one durable insert of a message and its commit after the other, on as many connections as write.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use casedesk::{
    config::{DatabaseConfig, Target},
    db::{connection::DbConnection, schema::messages},
};
use diesel::prelude::*;

use crate::ours::TICKETS;

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub struct Inserts {
    pub per_second: f64,
    /// Of one, with nobody beside it, one straight after the other.
    pub p50: f64,
    /// The same so many times a second as messages in the steady row: disk and processor have rested and answer later.
    pub rested_p50: f64,
}

/// Measures with as many connections as the server writes on, and with one, without a rest and `rate` times a second.
/// `rooms`: the tickets there are.
pub fn measure(
    config: &DatabaseConfig,
    rooms: &[(i32, String)],
    rate: u32,
    time: Duration,
) -> Result<Inserts> {
    let writers = if config.target.is_sqlite() {
        1
    } else {
        config.pool_size as usize
    };
    // The last tickets are no rooms.
    let tickets: Vec<i32> = rooms
        .iter()
        .rev()
        .map(|(ticket, _)| *ticket)
        .take(writers + 2)
        .collect();
    anyhow::ensure!(tickets.len() > writers + 1 && writers < TICKETS as usize - 501);
    let [alone, rested, together @ ..] = tickets.as_slice() else {
        anyhow::bail!("no tickets");
    };
    let p50 = middle(insert(&config.target, *alone, Duration::ZERO, time)?)?;
    let rested_p50 = middle(insert(
        &config.target,
        *rested,
        Duration::from_secs(1) / rate,
        time,
    )?)?;

    let threads: Vec<_> = together
        .iter()
        .map(|ticket| {
            let (target, ticket) = (config.target.clone(), *ticket);
            std::thread::spawn(move || insert(&target, ticket, Duration::ZERO, time))
        })
        .collect();
    let mut count = 0;
    for thread in threads {
        count += thread
            .join()
            .map_err(|_| anyhow::anyhow!("a writer panicked"))??
            .len();
    }
    Ok(Inserts {
        per_second: count as f64 / time.as_secs_f64(),
        p50,
        rested_p50,
    })
}

/// In milliseconds.
fn middle(mut took: Vec<Duration>) -> Result<f64> {
    took.sort_unstable();
    let middle = took.get(took.len() / 2).context("nothing was inserted")?;
    Ok(middle.as_secs_f64() * 1e3)
}

/// How long each took; the next one begins when `every` has passed, or at once if that was shorter.
fn insert(target: &Target, ticket: i32, every: Duration, time: Duration) -> Result<Vec<Duration>> {
    let mut conn = target.connect()?;
    let mut took = Vec::new();
    let started = Instant::now();
    let mut seq = 1;
    while started.elapsed() < time {
        let asked = Instant::now();
        insert_one(&mut conn, ticket, seq)?;
        took.push(asked.elapsed());
        seq += 1;
        std::thread::sleep(every.saturating_sub(asked.elapsed()));
    }
    Ok(took)
}

/// One message, committed by itself.
pub fn insert_one(conn: &mut DbConnection, ticket: i32, seq: i64) -> QueryResult<usize> {
    let now = chrono::Utc::now().naive_utc();
    // Only columns that are given: with a default among them diesel would prepare the statement anew each time.
    let insert = diesel::insert_into(messages::table).values((
        messages::ticket_id.eq(ticket),
        messages::sender_id.eq(0),
        messages::sender_name.eq("张三"),
        messages::sender_type.eq("customer"),
        messages::content.eq("t=1234567;请帮我看一下这个问题好吗"),
        messages::is_system.eq(false),
        messages::created_at.eq(now),
        messages::staff_seq.eq(seq),
        messages::customer_seq.eq(seq),
        messages::internal.eq(false),
    ));
    match conn {
        DbConnection::Sqlite(conn) => insert.execute(conn),
        #[cfg(feature = "mysql")]
        DbConnection::Mysql(conn) => insert.execute(conn),
    }
}
