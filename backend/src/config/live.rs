//! The live connections: their heartbeat, and the way to the other servers.

use std::time::Duration;

use chrono::TimeDelta;
use shared::Secret;

use super::{ConfigError, Vars, bad};

/// What another server said of its people holds so long after its last word.
pub const HOLDS_ELSEWHERE: Duration = Duration::from_secs(50);
/// Moments are stored in whole seconds, and somebody has to look.
const SLACK: Duration = Duration::from_secs(2);
/// So much the clocks of several servers may differ.
pub const SKEW: Duration = Duration::from_secs(30);

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

    /// How long after something was stored a line that was cut before may still count as one: here, or at another server,
    /// which may have died after its last word of it and has a clock of its own. Nobody waits for that longer than an hour.
    pub fn until_known_dead(&self) -> TimeDelta {
        let here = self.ping_interval.saturating_add(self.ping_timeout);
        let most = match self.redis_url {
            Some(_) => here.saturating_add(HOLDS_ELSEWHERE + SKEW),
            None => here,
        };
        TimeDelta::from_std(most.saturating_add(SLACK))
            .map_or(TimeDelta::hours(1), |most| most.min(TimeDelta::hours(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn until_known_dead(pairs: &[(&str, &str)]) -> Option<TimeDelta> {
        let find = |name: &str| {
            let (_, value) = pairs.iter().find(|(key, _)| *key == name)?;
            Some((*value).to_owned())
        };
        let config = LiveConfig::from_vars(&Vars(&find)).ok()?;
        Some(config.until_known_dead())
    }

    #[test]
    fn a_line_that_died_is_noticed_within_45_seconds_by_default() {
        assert_eq!(until_known_dead(&[]), Some(TimeDelta::seconds(47)));
        assert_eq!(
            until_known_dead(&[("REDIS_URL", "redis://127.0.0.1")]),
            Some(TimeDelta::seconds(127))
        );
        assert_eq!(
            until_known_dead(&[("LIVE_PING_INTERVAL_MS", &u64::MAX.to_string())]),
            Some(TimeDelta::hours(1))
        );
    }
}
