//! The live connections: their heartbeat, and the way to the other servers.

use std::time::Duration;

use chrono::TimeDelta;
use shared::Secret;

use super::{ConfigError, Vars, bad};

/// Live connections.
#[derive(Debug, Clone)]
pub struct LiveConfig {
    /// `LIVE_PING_INTERVAL_MS`: how often the server pings. Default 25000.
    pub ping_interval: Duration,
    /// `LIVE_PING_TIMEOUT_MS`: how long an answer may take. Default 20000.
    pub ping_timeout: Duration,
    /// `REDIS_URL`: how several servers on one database wake each other, `redis://:password@host:6379/0`. Unset: there
    /// is one server.
    pub redis_url: Option<Secret>,
}

impl LiveConfig {
    pub(super) fn from_vars(vars: &Vars<'_>) -> Result<Self, ConfigError> {
        let interval: u64 = vars.parse("LIVE_PING_INTERVAL_MS", 25_000)?;
        let timeout: u64 = vars.parse("LIVE_PING_TIMEOUT_MS", 20_000)?;
        if interval == 0 {
            return Err(bad("LIVE_PING_INTERVAL_MS", "0 would ping without a pause"));
        }
        let redis_url = vars.text("REDIS_URL");
        if redis_url
            .as_ref()
            .is_some_and(|url| !url.starts_with("redis://") && !url.starts_with("redis+unix://"))
        {
            return Err(bad(
                "REDIS_URL",
                "it must begin with redis:// (TLS is not supported yet)",
            ));
        }
        Ok(Self {
            redis_url: redis_url.map(Secret::new),
            ping_interval: Duration::from_millis(interval),
            ping_timeout: Duration::from_millis(timeout),
        })
    }

    /// How long a line that was cut may still count as one; nobody waits for that longer than an hour.
    pub fn until_known_dead(&self) -> TimeDelta {
        let patience = self.ping_interval.saturating_add(self.ping_timeout);
        TimeDelta::from_std(patience)
            .map_or(TimeDelta::hours(1), |patience| patience.min(TimeDelta::hours(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_died_is_noticed_within_45_seconds_by_default() {
        let patience = |interval: &str| {
            let interval = Some(interval.to_owned()).filter(|interval| !interval.is_empty());
            let find = |name: &str| interval.clone().filter(|_| name == "LIVE_PING_INTERVAL_MS");
            let config = LiveConfig::from_vars(&Vars(&find)).ok();
            config.map(|live| live.until_known_dead())
        };
        assert_eq!(patience(""), Some(TimeDelta::seconds(45)));
        assert_eq!(patience(&u64::MAX.to_string()), Some(TimeDelta::hours(1)));
    }
}
