//! How long to wait before trying again: doubling, with jitter, so that a restart is not met by everybody at once.

/// Waits that grow from the first to the longest.
pub(crate) struct Backoff {
    first_ms: f64,
    longest_ms: f64,
}

/// Before connecting again.
pub(crate) const CONNECT: Backoff = Backoff {
    first_ms: 500.0,
    longest_ms: 15_000.0,
};
/// Before asking again for anything.
pub(crate) const ASK: Backoff = Backoff {
    first_ms: 1_000.0,
    longest_ms: 30_000.0,
};

impl Backoff {
    /// The wait before attempt `attempt` (from 0); `random` is in 0..1.
    pub(crate) fn wait_ms(&self, attempt: u32, random: f64) -> u32 {
        let full = (self.first_ms * 2_f64.powi(attempt.min(10) as i32)).min(self.longest_ms);
        (full * (0.5 + random * 0.5)) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stay_bounded() {
        assert_eq!(CONNECT.wait_ms(0, 0.0), 250);
        assert_eq!(CONNECT.wait_ms(0, 1.0), 500);
        assert_eq!(CONNECT.wait_ms(3, 1.0), 4_000);
        assert_eq!(CONNECT.wait_ms(99, 1.0), 15_000);
        assert_eq!(ASK.wait_ms(0, 1.0), 1_000);
        assert_eq!(ASK.wait_ms(4, 1.0), 16_000);
        assert_eq!(ASK.wait_ms(5, 1.0), 30_000);
    }
}
