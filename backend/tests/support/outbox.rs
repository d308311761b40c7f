//! Looking at the outbox of a server, and waiting until it has done its work.

use std::time::Duration;

use casedesk::db::outbox::MailRow;
use shared::{TicketId, notifications::MailState};

use super::{Client, Smtp, TestApp, eventually, smtp::Taken};

/// The customer of every [`new_ticket`](super::new_ticket).
pub const CUSTOMER: &str = "zhangsan@example.com";
/// In seconds.
pub const HOUR: i64 = 3600;

/// All mails, oldest first, those that are still to become one included.
pub async fn rows(app: &TestApp) -> Vec<MailRow> {
    while !app.app.write(casedesk::actions::notify::spread).await.unwrap() {}
    let list = |tx: &mut casedesk::actions::Tx<'_>| Ok(casedesk::db::outbox::list_all(tx.conn)?);
    app.app.read(list).await.unwrap()
}

/// The states of the customers' mails, oldest first.
pub async fn states(app: &TestApp) -> Vec<MailState> {
    let mut rows = rows(app).await;
    rows.retain(|row| row.user_id.0 == 0);
    rows.into_iter().map(|row| row.mail).collect()
}

/// Is there nothing left to send?
pub async fn is_empty(app: &TestApp) -> bool {
    let open = [MailState::Waiting, MailState::Sending];
    let notices = |tx: &mut casedesk::actions::Tx<'_>| Ok(casedesk::db::notices::count_all(tx.conn)?);
    app.app.read(notices).await.unwrap() == 0 && rows(app).await.iter().all(|row| !open.contains(&row.mail))
}

/// Waits until the database, whose connections were cut, is there again for every request to come: the server asks a
/// connection that has lain idle for half a second before it uses it.
pub async fn database_is_back(app: &TestApp) {
    tokio::time::sleep(Duration::from_millis(600)).await;
    let asks = |tx: &mut casedesk::actions::Tx<'_>| Ok(casedesk::db::notices::count_all(tx.conn)?);
    eventually("the database is back", async || {
        app.app.write(asks).await.is_ok() && app.app.read(asks).await.is_ok()
    })
    .await;
}

/// Waits until every mail of a guest that is not settled has been looked at and put off; at least one is.
pub async fn put_off(app: &TestApp) {
    eventually("a mail is put off", async || {
        let mut open = rows(app).await;
        open.retain(|row| row.user_id.0 == 0 && [MailState::Waiting, MailState::Sending].contains(&row.mail));
        let now = app.clock.now();
        let is_put_off = |row: &MailRow| row.mail == MailState::Waiting && row.mail_due_at > now;
        !open.is_empty() && open.iter().all(is_put_off)
    })
    .await;
}

/// Waits until every customer's mail is sent, hour by hour.
pub async fn all_sent(app: &TestApp) {
    eventually("every mail is sent", async || {
        app.clock.advance(HOUR);
        tokio::time::sleep(Duration::from_millis(100)).await;
        states(app)
            .await
            .iter()
            .all(|state| matches!(state, MailState::Sent | MailState::Joined))
    })
    .await;
}

/// Waits until a mail has met this answer; what has become of it.
pub async fn answered(app: &TestApp, words: &str) -> MailState {
    let met = |row: &MailRow| {
        row.mail_answer
            .as_deref()
            .is_some_and(|answer| answer.contains(words))
    };
    let mut state = None;
    eventually(&format!("the answer {words}"), async || {
        state = rows(app).await.iter().find(|row| met(row)).map(|row| row.mail);
        state.is_some()
    })
    .await;
    state.unwrap()
}

/// The agent.
pub async fn bob(app: &TestApp) -> Client {
    let find = |tx: &mut casedesk::actions::Tx<'_>| Ok(casedesk::db::users::find_by_login(tx.conn, "bob")?);
    match app.app.read(find).await.unwrap() {
        Some(bob) => app.as_user(bob.id).await,
        None => app.agent("bob").await,
    }
}

/// A guest's ticket that an agent has answered, so that there is one mail to a customer.
pub async fn answered_ticket(app: &TestApp, title: &str) -> TicketId {
    let ticket = app.nobody().submits(title).await;
    bob(app).await.says(ticket, &format!("回复 {title}")).await;
    ticket
}

/// What this server has taken for the customer.
pub fn to_customer(smtp: &Smtp) -> Vec<Taken> {
    let mut mails = smtp.taken();
    mails.retain(|mail| mail.to == [CUSTOMER]);
    mails
}
