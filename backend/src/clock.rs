//! Time and chance, injected: nothing else in the server reads the clock or makes random numbers that matter.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicI64, Ordering},
};

use chrono::{NaiveDateTime, SubsecRound, TimeDelta, Utc};
use rand::{Rng, RngCore, SeedableRng, rngs::StdRng};
use shared::Secret;

/// The clock: UTC in whole seconds, as the schema stores moments. A test can move it.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    moved_by_seconds: Arc<AtomicI64>,
}

impl Clock {
    /// Now, in UTC.
    pub fn now(&self) -> NaiveDateTime {
        let moved = TimeDelta::seconds(self.moved_by_seconds.load(Ordering::Relaxed));
        (Utc::now().naive_utc() + moved).trunc_subsecs(0)
    }

    /// Moves the clock; for tests.
    pub fn advance(&self, seconds: i64) {
        self.moved_by_seconds.fetch_add(seconds, Ordering::Relaxed);
    }
}

/// The source of tokens: the operating system's, or a seeded one in tests.
#[derive(Debug, Clone)]
pub struct Chance(Arc<Mutex<StdRng>>);

impl Chance {
    /// Seeded by the operating system.
    pub fn from_os() -> Self {
        Self(Arc::new(Mutex::new(StdRng::from_os_rng())))
    }

    /// A token of 256 random bits in lower-case hex.
    pub fn token(&self) -> Secret {
        let mut bytes = [0; 32];
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fill_bytes(&mut bytes);
        Secret::new(crate::domain::tokens::hex(&bytes))
    }

    /// A number below `end`, which is not 0.
    pub fn below(&self, end: i64) -> i64 {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .random_range(0..end.max(1))
    }
}
