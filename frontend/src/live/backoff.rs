//! How long to wait before connecting again: doubling, with jitter, so that a restart is not met by everybody at once.

const FIRST_MS: f64 = 500.0;
const LONGEST_MS: f64 = 15_000.0;

/// The wait before attempt `attempt` (from 0); `random` is in 0..1.
pub(super) fn wait_ms(attempt: u32, random: f64) -> u32 {
    let full = (FIRST_MS * 2_f64.powi(attempt.min(10) as i32)).min(LONGEST_MS);
    (full * (0.5 + random * 0.5)) as u32
}

#[cfg(test)]
mod tests {
    use super::wait_ms;

    #[test]
    fn waits_grow_and_stay_bounded() {
        assert_eq!(wait_ms(0, 0.0), 250);
        assert_eq!(wait_ms(0, 1.0), 500);
        assert_eq!(wait_ms(3, 1.0), 4_000);
        assert_eq!(wait_ms(99, 1.0), 15_000);
    }
}
