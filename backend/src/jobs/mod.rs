//! What happens without anybody asking: housekeeping, mail, news for lists and other servers.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt;
use tokio::sync::watch;

use crate::{
    actions,
    app::{App, mailer::Mailer},
    error::Result,
};

/// How often the house is kept.
const EVERY: Duration = Duration::from_secs(3600);

/// How long after its failure a job starts anew.
const AGAIN: Duration = Duration::from_secs(1);

/// Keeps house for as long as the process lives.
pub async fn keep_house(app: App) {
    kept("keep_house", async || {
        let mut clock = tokio::time::interval(EVERY);
        loop {
            clock.tick().await;
            if let Err(error) = sweep(&app).await {
                error.log();
            }
        }
    })
    .await;
}

/// Sends mail until it is told to stop.
pub async fn send_mail(app: App, mut mailer: Mailer, stop: watch::Receiver<bool>) {
    kept("send_mail", async || {
        app.send_mail(&mut mailer, stop.clone()).await
    })
    .await;
}

/// Makes notifications of what people are to be told, for as long as the process lives.
pub async fn spread_notices(app: App) {
    kept("spread_notices", async || app.spread_notices().await).await;
}

/// Tells agents who has a ticket open, for as long as the process lives.
pub async fn tell_presence(app: App) {
    kept("tell_presence", async || app.tell_presence().await).await;
}

/// Tells the lists what is new, for as long as the process lives.
pub async fn tell_lists(app: App) {
    kept("tell_lists", async || app.hub.tell_lists().await).await;
}

/// Follows the other servers on the same database, for as long as the process lives.
pub async fn follow_others(app: App) {
    kept("follow_others", async || app.follow_others().await).await;
}

/// Runs a job to its end. A mistake of ours that ends it before is logged, and it starts anew: nobody would notice that
/// mails or news have stopped.
async fn kept(name: &'static str, mut job: impl AsyncFnMut()) {
    while AssertUnwindSafe(job()).catch_unwind().await.is_err() {
        tracing::error!(job = name, "a background job has failed; it starts anew");
        tokio::time::sleep(AGAIN).await;
    }
}

/// Removes what nobody needs any more: sessions that ran out, files that a crash left, mails of long ago.
pub async fn sweep(app: &App) -> Result<()> {
    let sessions = app.write(actions::sessions::sweep).await?;
    let notifications = forget_notifications(app).await?;
    // A folder that cannot be read keeps nothing in the database.
    let files = app.sweep_files().await? + app.sweep_mail_files().await?;
    if sessions + files + notifications > 0 {
        tracing::info!(sessions, files, notifications, "swept");
    }
    Ok(())
}

async fn forget_notifications(app: &App) -> Result<usize> {
    let mut forgotten = 0;
    loop {
        let old = app.read(actions::outbox::list_old).await?;
        if old.is_empty() {
            return Ok(forgotten);
        }
        forgotten += app.write(move |tx| actions::outbox::forget(tx, &old)).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_job_that_fails_starts_anew_until_it_is_done() {
        let mut begun = 0;
        kept("test", async || {
            begun += 1;
            assert!(begun == 2, "fails");
        })
        .await;
        assert_eq!(begun, 2);
    }
}
