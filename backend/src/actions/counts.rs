//! How many tickets a filter lets through, remembered until the next change: a list must not count the table each time.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use moka::sync::Cache;

use crate::{
    db::{self, connection::DbConnection, tickets::TicketFilter},
    error::Result,
};

/// Counts by filter. A change on this node forgets all; changes on other nodes show within two seconds.
#[derive(Debug)]
pub struct TicketCounts {
    changes: AtomicU64,
    known: Cache<TicketFilter, (u64, i64)>,
}

impl Default for TicketCounts {
    fn default() -> Self {
        Self {
            changes: AtomicU64::new(0),
            known: Cache::builder().max_capacity(1_000).time_to_live(Duration::from_secs(2)).build(),
        }
    }
}

impl TicketCounts {
    /// The count, from memory if nothing changed since.
    pub fn get(&self, conn: &mut DbConnection, filter: &TicketFilter) -> Result<i64> {
        let changes = self.changes.load(Ordering::Acquire);
        if let Some((at, count)) = self.known.get(filter)
            && at == changes
        {
            return Ok(count);
        }
        let count = db::tickets::count(conn, filter)?;
        self.known.insert(filter.clone(), (changes, count));
        Ok(count)
    }

    /// Something about tickets was committed.
    pub fn forget(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
    }
}
