//! Sums over many tickets, remembered until the next change: a list must not count the table each time.

use std::{
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use moka::sync::Cache;

use crate::error::{Error, Result};

/// How long a sum stands when another node changes tickets; a change on this node shows at once.
const REMEMBERED: Duration = Duration::from_secs(2);

/// Counts up with every committed change of tickets on this node.
#[derive(Debug, Clone, Default)]
pub struct Changes(Arc<AtomicU64>);

impl Changes {
    /// Something about tickets was committed.
    pub fn note(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }

    fn now(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// Sums by what was asked. Many askers of the same sum wait for one computation.
pub struct Remembered<K, V> {
    changes: Changes,
    known: Cache<(u64, K), V>,
}

impl<K, V> Remembered<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Nothing known yet.
    pub fn new(changes: &Changes) -> Self {
        let known = Cache::builder()
            .max_capacity(1_000)
            .time_to_live(REMEMBERED)
            .build();
        Self {
            changes: changes.clone(),
            known,
        }
    }

    /// The sum, from memory if nothing changed since.
    pub fn get(&self, key: K, compute: impl FnOnce() -> Result<V>) -> Result<V> {
        let mut failure = None;
        // The cache shares an error among its askers; ours is not to be cloned, so it goes around.
        let known = self.known.try_get_with((self.changes.now(), key), || {
            compute().map_err(|error| {
                failure = Some(error);
            })
        });
        known.map_err(|_| failure.unwrap_or_else(Error::busy))
    }
}
