//! What the server counts about itself, in the words of Prometheus.

use std::fmt::Write;

use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

/// The two live doors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Door {
    WebSocket,
    SocketIo,
}

/// Why the server ended a live connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cut {
    /// It did not read what it was told.
    Slow,
    /// It did not answer the heartbeat.
    Silent,
    /// Its session was revoked.
    Revoked,
    /// It may have been, and that could not be looked up.
    Doubted,
    /// It said more than anybody can mean.
    Flood,
    /// It did not speak the protocol.
    Broken,
}

impl EncodeLabelValue for Door {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> std::fmt::Result {
        encoder.write_str(match self {
            Self::WebSocket => "websocket",
            Self::SocketIo => "socket_io",
        })
    }
}

impl EncodeLabelValue for Cut {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> std::fmt::Result {
        encoder.write_str(match self {
            Self::Slow => "slow",
            Self::Silent => "silent",
            Self::Revoked => "revoked",
            Self::Doubted => "doubted",
            Self::Flood => "flood",
            Self::Broken => "broken",
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByOutcome {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByState {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByDoor {
    door: Door,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByReason {
    reason: Cut,
}

/// The counters.
pub struct Metrics {
    registry: Registry,
    connections: Family<ByDoor, Gauge>,
    cut: Family<ByReason, Counter>,
    replayed: Counter,
    /// Calls from other servers arrive.
    redis_up: Gauge,
    mails: Family<ByOutcome, Counter>,
    outbox: Family<ByState, Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("casedesk");
        let (connections, cut) = (Family::default(), Family::default());
        let (replayed, redis_up) = (Counter::default(), Gauge::default());
        registry.register(
            "live_connections",
            "Open live connections",
            Family::clone(&connections),
        );
        registry.register(
            "live_cut",
            "Live connections that the server ended",
            Family::clone(&cut),
        );
        registry.register(
            "live_replayed_events",
            "Events read from the database for clients that had missed them",
            replayed.clone(),
        );
        registry.register(
            "redis_up",
            "Whether calls of other servers arrive",
            redis_up.clone(),
        );
        let mails = Family::default();
        registry.register(
            "mail_attempts",
            "Tries to send a mail, by what came of them",
            Family::clone(&mails),
        );
        let outbox = Family::default();
        registry.register("mails", "Mails in the outbox, by state", Family::clone(&outbox));
        Self {
            registry,
            mails,
            outbox,
            connections,
            cut,
            replayed,
            redis_up,
        }
    }
}

impl Metrics {
    /// A live connection is open for as long as this is kept.
    pub fn open(&self, door: Door) -> Open {
        let gauge = self.connections.get_or_create(&ByDoor { door }).clone();
        gauge.inc();
        Open(gauge)
    }

    /// The server ended a live connection.
    pub fn cut(&self, reason: Cut) {
        self.cut.get_or_create(&ByReason { reason }).inc();
    }

    /// A client has caught up.
    pub fn replayed(&self, events: usize) {
        self.replayed.inc_by(events as u64);
    }

    /// A mail was tried.
    pub(super) fn mail(&self, outcome: &'static str) {
        self.mails.get_or_create(&ByOutcome { outcome }).inc();
    }

    /// How the outbox stands.
    pub fn outbox(&self, waiting: i64, failed: i64) {
        for (state, count) in [("waiting", waiting), ("failed", failed)] {
            self.outbox.get_or_create(&ByState { state }).set(count);
        }
    }

    pub(super) fn redis(&self, up: bool) {
        self.redis_up.set(i64::from(up));
    }

    /// All of them as text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        if let Err(error) = encode(&mut text, &self.registry) {
            tracing::error!(%error, "the metrics could not be written");
        }
        text
    }
}

/// An open live connection.
pub struct Open(Gauge);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_read_as_prometheus_expects() {
        let metrics = Metrics::default();
        let open = metrics.open(Door::SocketIo);
        drop(metrics.open(Door::WebSocket));
        metrics.cut(Cut::Slow);
        let text = metrics.text();
        for line in [
            r#"casedesk_live_connections{door="socket_io"} 1"#,
            r#"casedesk_live_connections{door="websocket"} 0"#,
            r#"casedesk_live_cut_total{reason="slow"} 1"#,
            "casedesk_redis_up 0",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        drop(open);
    }
}
