//! Commits whose answer was lost: they may stand, and then those who listen must hear of them.

use std::time::Duration;

use super::App;
use crate::{actions::Told, error::Error};

/// When the database is asked: soon, and again for what it has not decided by then.
const LOOKS: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(4),
    Duration::from_secs(25),
    Duration::from_secs(120),
];

impl App {
    /// What may have been committed is looked up, here and at the other servers, as if one of them had called it out.
    pub(super) fn tell_what_stands(&self, told: Told) {
        for user in &told.revoked {
            self.revoke(*user);
        }
        if told.events.is_empty() && told.revoked.is_empty() {
            return;
        }
        let app = self.clone();
        tokio::spawn(async move {
            for pause in LOOKS {
                tokio::time::sleep(pause).await;
                app.look_again(&told).await.unwrap_or_else(|error| error.log());
            }
        });
    }

    async fn look_again(&self, told: &Told) -> Result<(), Error> {
        for user in &told.revoked {
            self.revoke(*user);
        }
        for call in self.calls(&told.events) {
            self.bus.call(call.clone());
            self.answer(String::new(), call).await?;
        }
        Ok(())
    }
}
