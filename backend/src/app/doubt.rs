//! Commits whose answer was lost: they may stand, and then those who listen must hear of them.

use std::time::Duration;

use super::{App, bus::Call};
use crate::actions::Told;

/// When the database is asked: soon, and again for what it has not decided by then.
const LOOKS: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(4),
    Duration::from_secs(25),
];
/// While it does not answer even then.
const AGAIN: Duration = Duration::from_secs(30);

impl App {
    /// What may have been committed is looked up, here and at the other servers, as if one of them had called it out.
    pub(super) fn tell_what_stands(&self, told: &Told) {
        let revoked = told.revoked.iter().map(|user| Call::Sessions { user: *user });
        let calls: Vec<Call> = self.calls(&told.events).into_iter().chain(revoked).collect();
        if calls.is_empty() {
            return;
        }
        self.expect_late(&told.events);
        let app = self.clone();
        tokio::spawn(async move {
            let (mut looks, mut failed) = (LOOKS.into_iter(), true);
            while let Some(pause) = looks.next().or(failed.then_some(AGAIN)) {
                tokio::time::sleep(pause).await;
                failed = false;
                for call in &calls {
                    app.bus.call(call.clone());
                    if let Err(error) = app.answer(String::new(), call.clone()).await {
                        error.log();
                        failed = true;
                    }
                }
            }
        });
    }
}
