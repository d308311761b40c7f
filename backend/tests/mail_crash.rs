//! Servers that die while mails wait and while they are being sent: nothing is lost, and a repeat is known as one.

use std::collections::{BTreeMap, BTreeSet};

use casedesk::db::outbox::MailRow;
use serde_json::json;
use shared::notifications::{MailState, NotificationKind};

use crate::support::{
    Smtp,
    database::{Database, is_mysql},
    eventually,
    outbox::{answered, answered_ticket, bob, is_empty, rows, to_customer},
    process::{Process, first_log_in, post, start_with},
    smtp::{Act, Protection, Taken, desk_with},
};

/// Tickets, each with a mail to the agent and one to its customer.
const TICKETS: usize = 250;
/// Kills while the mail server is down, and as many while it takes mails.
const KILLS: usize = 5;

/// The server and what it runs on.
struct Bench {
    database: Database,
    folder: tempfile::TempDir,
    settings: Vec<(&'static str, String)>,
    server: Process,
}

impl Bench {
    /// Ends the server without a warning and starts it anew.
    fn kill(&mut self) {
        self.server.child.kill().unwrap();
        self.server.child.wait().unwrap();
        // Another server would wait until the claim has lapsed.
        self.database.execute(
            "UPDATE notifications SET mail_claimed_at = '2020-01-01 00:00:00' WHERE mail = 'sending'",
        );
        self.server = start_with(&self.database, &self.folder, &self.settings);
    }

    fn open(&self) -> i64 {
        // In this order: what is made of a notice in between is then among the notifications.
        self.database.number("SELECT COUNT(*) AS n FROM notices")
            + self
                .database
                .number("SELECT COUNT(*) AS n FROM notifications WHERE mail IN ('waiting', 'sending')")
    }
}

fn address(n: usize) -> String {
    format!("customer{n}@example.com")
}

#[actix_web::test]
async fn five_hundred_mails_survive_ten_kills_and_a_dead_mail_server() {
    let smtp = Smtp::start().await;
    let (port, mut settings) = (smtp.port, smtp.settings());
    settings.retain(|(name, _)| *name != "SMTP_CA_FILE");
    drop(smtp);
    let (database, folder) = (Database::empty(), tempfile::tempdir().unwrap());
    let server = start_with(&database, &folder, &settings);
    let mut bench = Bench {
        database,
        folder,
        settings,
        server,
    };
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let cookie = first_log_in(&http, &bench.server.url).await;
    for n in 1..=TICKETS {
        let url = bench.server.url.clone();
        let ticket = json!({"customer_name": "客户", "customer_email": address(n), "title": format!("第 {n} 张"), "description": "d"});
        let (status, created, _) = post(&http, format!("{url}/case/api/tickets"), ticket, "")
            .await
            .unwrap();
        assert_eq!(status, 201, "{created}");
        let said = json!({"content": format!("回复第 {n} 张")});
        let path = format!("{url}/case/api/tickets/{}/messages", created["ticket_id"]);
        assert_eq!(post(&http, path, said, &cookie).await.unwrap().0, 201);
        if n % (TICKETS / KILLS) == 0 {
            bench.kill();
        }
    }
    let smtp = Smtp::with(Protection::Plain, "127.0.0.1", port).await;
    bench.kill();
    for round in 1..KILLS {
        let enough = round * TICKETS * 2 / KILLS;
        for some in [enough - TICKETS / KILLS, enough] {
            eventually("some mails arrive", async || smtp.taken().len() >= some).await;
        }
        bench.kill();
    }
    eventually("the outbox is empty", async || bench.open() == 0).await;

    let mut customers = BTreeSet::new();
    let mut copies: BTreeMap<String, Vec<Taken>> = BTreeMap::new();
    for mail in smtp.taken() {
        assert_eq!(mail.to.len(), 1);
        customers.insert(mail.to[0].clone());
        copies.entry(mail.id()).or_default().push(mail);
    }
    for n in 1..=TICKETS {
        assert!(customers.contains(&address(n)), "{} is missing", address(n));
    }
    assert_eq!(
        copies.len(),
        2 * TICKETS,
        "one to the agent and one to the customer"
    );
    let repeats: Vec<&Vec<Taken>> = copies.values().filter(|copies| copies.len() > 1).collect();
    assert!(repeats.len() <= KILLS, "at most one for each kill while sending");
    for repeat in repeats {
        assert_eq!(repeat.len(), 2);
        // The port changes with each start, and the link with it.
        let words = |mail: &Taken| mail.text().split("http").next().unwrap().to_owned();
        let seen = |mail: &Taken| (mail.to.clone(), words(mail), mail.header("X-Outbox-Id"));
        assert_eq!(seen(&repeat[0]), seen(&repeat[1]));
    }
}

/// As a server leaves it that dies while it sends.
const LEFT_BEHIND: &str =
    "UPDATE notifications SET mail = 'sending', mail_claim = 'dead', mail_claimed_at = '2020-01-01 00:00:00'";

#[actix_web::test]
async fn what_a_dead_server_left_does_not_wait_behind_a_backlog() {
    let smtp = Smtp::start().await;
    let app = desk_with(&smtp, &[("MAIL_PER_MINUTE", "1")]).await;
    for n in 0..6 {
        answered_ticket(&app, &format!("积压 {n}")).await;
    }
    smtp.has_taken(1).await;
    // One that none of the same ticket stands before.
    let all = rows(&app).await;
    let last = all
        .iter()
        .rfind(|row| row.kind == NotificationKind::Created)
        .unwrap();
    app.database
        .execute(&format!("{LEFT_BEHIND} WHERE id = {}", last.id));
    app.clock.advance(61);
    smtp.has_taken(2).await;
    let next = smtp.taken().pop().unwrap();
    assert_eq!(next.header("X-Outbox-Id"), Some(last.id.to_string()));
}

#[actix_web::test]
async fn what_a_dead_server_may_have_sent_says_the_same_the_second_time() {
    let smtp = Smtp::start().await;
    smtp.script(|moment| match moment.step {
        "connect" => Act::Cut,
        _ => Act::Usual,
    });
    let app = desk_with(&smtp, &[("MAIL_HOLD_SECONDS", "60")]).await;
    let ticket = answered_ticket(&app, "死掉的").await;
    app.clock.advance(61);
    answered(&app, "connect").await;
    let his = |rows: Vec<MailRow>| rows.into_iter().find(|row| row.user_id.0 == 0).unwrap();
    let waiting = his(rows(&app).await);
    assert_eq!((waiting.mail, waiting.mail_attempts), (MailState::Waiting, 0));
    let id = waiting.id;
    app.database.execute(&format!("{LEFT_BEHIND} WHERE id = {id}"));
    eventually("another server has found it and cannot send it", async || {
        let row = his(rows(&app).await);
        row.mail == MailState::Waiting && row.mail_attempts == 1
    })
    .await;
    bob(&app).await.says(ticket, "后来的话").await;
    smtp.script(|_| Act::Usual);
    app.clock.advance(61);
    eventually("all is sent", async || is_empty(&app).await).await;
    let mails = to_customer(&smtp);
    assert_eq!(mails.len(), 2);
    assert!(!mails[0].text().contains("后来的话") && mails[1].text().contains("后来的话"));
}

#[actix_web::test]
async fn a_mail_that_cannot_be_made_holds_up_no_other() {
    let smtp = Smtp::start().await;
    let app = desk_with(&smtp, &[("MAIL_HOLD_SECONDS", "60")]).await;
    let broken = answered_ticket(&app, "坏了").await;
    answered_ticket(&app, "好的").await;
    // No moment that anybody could read.
    app.database.execute(&match is_mysql() {
        true => format!(
            "SET STATEMENT sql_mode = '' FOR UPDATE messages SET created_at = '0000-00-00' WHERE ticket_id = {broken}"
        ),
        false => format!("UPDATE messages SET created_at = 'never' WHERE ticket_id = {broken}"),
    });
    app.clock.advance(61);
    eventually("the other arrives", async || to_customer(&smtp).len() == 1).await;
    assert_eq!(answered(&app, "could not be made").await, MailState::Waiting);
}
