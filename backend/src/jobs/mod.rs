//! What happens without anybody asking: housekeeping now; mail and deadlines will stand beside it.

use std::time::Duration;

use tokio::sync::watch;

use crate::{
    actions,
    app::{App, mailer::Mailer},
    error::Result,
};

/// How often the house is kept.
const EVERY: Duration = Duration::from_secs(3600);

/// Keeps house for as long as the process lives.
pub async fn keep_house(app: App) {
    let mut clock = tokio::time::interval(EVERY);
    loop {
        clock.tick().await;
        if let Err(error) = sweep(&app).await {
            error.log();
        }
    }
}

/// Sends mail until it is told to stop.
pub async fn send_mail(app: App, mailer: Mailer, stop: watch::Receiver<bool>) {
    app.send_mail(mailer, stop).await;
}

/// Makes notifications of what people are to be told, for as long as the process lives.
pub async fn spread_notices(app: App) {
    app.spread_notices().await;
}

/// Tells agents who has a ticket open, for as long as the process lives.
pub async fn tell_presence(app: App) {
    app.tell_presence().await;
}

/// Tells the lists what is new, for as long as the process lives.
pub async fn tell_lists(app: App) {
    app.hub.tell_lists().await;
}

/// Follows the other servers on the same database, for as long as the process lives.
pub async fn follow_others(app: App) {
    app.follow_others().await;
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
