//! The live connection's heartbeat.

use std::time::Duration;

use super::{ConfigError, Vars, bad};

/// Heartbeats.
#[derive(Debug, Clone)]
pub struct LiveConfig {
    /// `LIVE_PING_INTERVAL_MS`: how often the server pings. Default 25000.
    pub ping_interval: Duration,
    /// `LIVE_PING_TIMEOUT_MS`: how long an answer may take. Default 20000.
    pub ping_timeout: Duration,
}

impl LiveConfig {
    pub(super) fn from_vars(vars: &Vars<'_>) -> Result<Self, ConfigError> {
        let interval: u64 = vars.parse("LIVE_PING_INTERVAL_MS", 25_000)?;
        let timeout: u64 = vars.parse("LIVE_PING_TIMEOUT_MS", 20_000)?;
        if interval == 0 {
            return Err(bad("LIVE_PING_INTERVAL_MS", "0 would ping without a pause"));
        }
        Ok(Self {
            ping_interval: Duration::from_millis(interval),
            ping_timeout: Duration::from_millis(timeout),
        })
    }
}
