//! Is anybody still at the other end? After some silence we ask; who does not answer is gone. Pure.

/// How often that is looked after, in milliseconds.
pub(super) const LOOK_MS: u32 = 5_000;
/// The silence before we ask, until the server says otherwise.
const ASK_MS: f64 = 25_000.0;
/// How long the answer may take. With both and two looks in between, a dead line is found within 45 seconds.
const ANSWER_MS: f64 = 10_000.0;

/// What a look finds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Beat {
    Fine,
    /// It has been silent: to be asked now.
    Ask,
    /// It was asked and has not answered.
    Gone,
}

/// When the other end was heard last.
#[derive(Debug)]
pub(super) struct Pulse {
    ask_ms: f64,
    heard_ms: f64,
    /// Since when an answer is due. Only that counts: in a tab behind others a minute may pass from look to look.
    asked_ms: Option<f64>,
}

impl Pulse {
    /// A line that opens now.
    pub(super) fn new(now_ms: f64) -> Self {
        Self {
            ask_ms: ASK_MS,
            heard_ms: now_ms,
            asked_ms: None,
        }
    }

    /// The silence after which the server wants to be asked.
    pub(super) fn ask_after(&mut self, ms: u64) {
        self.ask_ms = ms as f64;
    }

    /// Something was heard, whatever it is.
    pub(super) fn hear(&mut self, now_ms: f64) {
        self.heard_ms = now_ms;
        self.asked_ms = None;
    }

    pub(super) fn look(&mut self, now_ms: f64) -> Beat {
        match self.asked_ms {
            Some(asked) if now_ms - asked >= ANSWER_MS => Beat::Gone,
            None if now_ms - self.heard_ms >= self.ask_ms => {
                self.asked_ms = Some(now_ms);
                Beat::Ask
            }
            _ => Beat::Fine,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When a line is found dead that fell silent at `heard`, looked after every so often.
    fn found_dead(heard: u32, every: u32) -> Option<u32> {
        let mut pulse = Pulse::new(0.0);
        pulse.hear(heard.into());
        let mut looks = (1..20).map(|n| n * every).filter(|now| *now >= heard);
        looks.find(|now| pulse.look((*now).into()) == Beat::Gone)
    }

    #[test]
    fn a_dead_line_is_found_within_45_seconds() {
        // No clock is exact.
        for every in [LOOK_MS - 10, LOOK_MS, LOOK_MS + 20] {
            for heard in 0..LOOK_MS {
                let after = found_dead(heard, every).unwrap() - heard;
                assert!(
                    (35_000..45_000).contains(&after),
                    "{after} ms after {heard}, every {every}"
                );
            }
        }
    }

    #[test]
    fn the_server_says_when_to_ask() {
        let mut pulse = Pulse::new(0.0);
        pulse.ask_after(60_000);
        assert_eq!(pulse.look(59_000.0), Beat::Fine);
        assert_eq!(pulse.look(60_000.0), Beat::Ask);
    }

    #[test]
    fn a_line_that_answers_lives_however_rarely_it_is_looked_after() {
        for every in [5_000, 60_000] {
            let mut pulse = Pulse::new(0.0);
            for now in (1..50).map(|n| f64::from(n * every)) {
                match pulse.look(now) {
                    Beat::Ask => pulse.hear(now + 80.0),
                    beat => assert_eq!(beat, Beat::Fine),
                }
            }
        }
    }
}
