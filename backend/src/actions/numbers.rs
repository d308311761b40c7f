//! Ticket numbers: `TK` + day + at least four digits, taken from memory so that creates do not wait for one another.

use std::sync::{Mutex, PoisonError};

use chrono::NaiveDate;

use crate::{
    db::{self, connection::DbConnection},
    error::Result,
};

/// The last number given out today. The unique index decides; this only makes a clash rare.
#[derive(Debug, Default)]
pub struct Numbers {
    last: Mutex<Option<(NaiveDate, u64)>>,
}

impl Numbers {
    /// The next number of a (local) day.
    pub fn next(&self, conn: &mut DbConnection, day: NaiveDate) -> Result<String> {
        let prefix = format!("TK{}", day.format("%Y%m%d"));
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let previous = match *last {
            Some((known, count)) if known == day => count,
            _ => highest(conn, &prefix)?,
        };
        *last = Some((day, previous + 1));
        Ok(format!("{prefix}{:04}", previous + 1))
    }

    /// Another node has taken the number: look again at what is stored.
    pub fn forget(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

fn highest(conn: &mut DbConnection, prefix: &str) -> Result<u64> {
    let stored = db::tickets::highest_numbers(conn, prefix)?;
    let count = |number: &String| number.strip_prefix(prefix)?.parse().ok();
    Ok(stored.iter().filter_map(count).max().unwrap_or(0))
}
