//! The outbox: whatever the mail server does, each mail arrives once, and nothing waits for a mail.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use shared::{
    ErrorCode, Status,
    notifications::MailState,
    tickets::{AssignTicket, AssigneeRef, Assignment, CreateTicket, SetStatus, StatusChange},
};

use crate::support::{
    Smtp,
    database::is_mysql,
    eventually, new_ticket,
    outbox::{
        CUSTOMER, HOUR, all_sent, answered, answered_ticket, bob, database_is_back, is_empty, rows, states,
        to_customer,
    },
    smtp::{Act, Protection, Taken, desk, desk_with},
};

/// Is the customer the one in its `To`?
fn is_to_customer(mail: &str) -> bool {
    let parsed = mail_parser::MessageParser::default()
        .parse(mail.as_bytes())
        .unwrap();
    parsed.to().unwrap().first().unwrap().address() == Some(CUSTOMER)
}

/// Only what goes to customers is disturbed.
fn is_customers(text: &str, step: &str) -> bool {
    match step {
        "rcpt" => text.contains(CUSTOMER),
        "message" => is_to_customer(text),
        _ => true,
    }
}

#[actix_web::test]
async fn whatever_goes_wrong_for_a_while_the_mail_arrives_once() {
    let faults: [(&str, Act); 24] = [
        ("connect", Act::Cut),
        ("connect", Act::Babble),
        ("connect", Act::Say("421 too busy")),
        ("connect", Act::Say("not SMTP at all")),
        ("ehlo", Act::Cut),
        ("ehlo", Act::Say("")),
        ("ehlo", Act::Say("550 go away")),
        ("ehlo", Act::Babble),
        ("starttls", Act::Say("454 TLS is not at hand")),
        ("starttls", Act::Cut),
        ("auth", Act::Say("454 try again")),
        ("auth", Act::Cut),
        ("tls", Act::Cut),
        ("secure ehlo", Act::Cut),
        ("mail", Act::Say("451 later")),
        ("mail", Act::Cut),
        ("rcpt", Act::Say("450 4.2.0 greylisted, come back in 5 minutes")),
        ("rcpt", Act::Cut),
        ("data", Act::Say("452 no room")),
        ("data", Act::Cut),
        ("body", Act::Cut),
        ("body", Act::Hang),
        ("message", Act::Say("451 not now")),
        ("message", Act::Cut),
    ];
    let account = [("SMTP_USERNAME", "desk@example.com"), ("SMTP_PASSWORD", "secret")];
    let tried = faults.map(async |(step, act)| {
        let protected = matches!(step, "starttls" | "auth" | "tls" | "secure ehlo");
        let (protection, account) = match protected {
            true => (Protection::StartTls, &account[..]),
            false => (Protection::Plain, &[][..]),
        };
        let smtp = Smtp::with(protection, "127.0.0.1", 0).await;
        let left = Arc::new(AtomicUsize::new(2));
        let (at, does, times) = (step, act.clone(), Arc::clone(&left));
        smtp.script(move |moment| {
            let is_here = match at {
                "secure ehlo" => moment.step == "ehlo" && moment.secure,
                at => moment.step == at,
            };
            let strikes = is_here
                && is_customers(&moment.text, at)
                && times
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1))
                    .is_ok();
            if strikes { does.clone() } else { Act::Usual }
        });
        let settings = [account, &[("SMTP_TIMEOUT_SECONDS", "1")]].concat();
        let app = desk_with(&smtp, &settings).await;
        answered_ticket(&app, "故障").await;
        all_sent(&app).await;
        assert_eq!(left.load(Ordering::Relaxed), 0, "{step} {act:?} struck twice");
        assert_eq!(to_customer(&smtp).len(), 1, "{step} {act:?}");
    });
    join_all(tried).await;
}

#[actix_web::test]
async fn a_connection_that_was_kept_and_has_ended_costs_no_mail_a_try() {
    for act in [
        Act::Say("421 idle for too long"),
        Act::Cut,
        Act::Babble,
        Act::Hang,
    ] {
        let smtp = Smtp::start().await;
        let patience = if act == Act::Hang { "1" } else { "20" };
        let app = desk_with(&smtp, &[("SMTP_TIMEOUT_SECONDS", patience)]).await;
        let does = act.clone();
        smtp.script(move |moment| match moment.step {
            "rset" => does.clone(),
            _ => Act::Usual,
        });
        for title in ["一", "二"] {
            answered_ticket(&app, title).await;
            eventually("its mails are gone", async || is_empty(&app).await).await;
        }
        let rows = rows(&app).await;
        assert!(rows.iter().all(|row| row.mail_attempts == 0), "{act:?}");
        let sent = rows.iter().filter(|row| row.mail == MailState::Sent).count();
        assert_eq!(smtp.taken().len(), sent, "{act:?}");
        assert!(smtp.connections() >= sent, "{act:?}: each needed a new one");
        let metrics = app.nobody().get("/metrics").await.text().into_owned();
        assert!(!metrics.contains("outcome=\"down\""), "{act:?}: {metrics}");
    }
}

#[actix_web::test]
async fn a_large_mail_that_is_cut_in_its_middle_arrives_whole_and_once() {
    let smtp = Smtp::start().await;
    let left = AtomicUsize::new(2);
    smtp.script(move |moment| {
        let strikes = moment.step == "body"
            && left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1))
                .is_ok();
        if strikes { Act::Cut } else { Act::Usual }
    });
    let app = desk_with(&smtp, &[("MAIL_HOLD_SECONDS", "60")]).await;
    let bob = bob(&app).await;
    let ticket = app.nobody().submits("很长的信").await;
    for n in 0..30 {
        bob.says(ticket, &format!("{n} {}", "很长的话".repeat(16_000)))
            .await;
    }
    all_sent(&app).await;
    let [mail] = to_customer(&smtp).try_into().unwrap();
    assert!(mail.raw.len() > 900_000, "{} bytes", mail.raw.len());
    assert!(mail.text().contains("29 很长的话"));
    assert!(mail.html().trim_end().ends_with("</html>"), "cut off");
}

#[actix_web::test]
async fn a_server_that_says_nothing_more_stops_nobody_for_good() {
    let tried = ["connect", "ehlo", "mail", "rcpt", "data"].map(async |step| {
        let smtp = Smtp::start().await;
        let once = AtomicUsize::new(0);
        smtp.script(move |moment| {
            if moment.step == step
                && is_customers(&moment.text, step)
                && once.fetch_add(1, Ordering::Relaxed) == 0
            {
                return if step == "rcpt" {
                    Act::Drip("250 o k a y")
                } else {
                    Act::Hang
                };
            }
            Act::Usual
        });
        let app = desk_with(&smtp, &[("SMTP_TIMEOUT_SECONDS", "1")]).await;
        answered_ticket(&app, "沉默").await;
        all_sent(&app).await;
        assert_eq!(to_customer(&smtp).len(), 1, "{step}");
    });
    join_all(tried).await;
}

#[actix_web::test]
async fn a_mail_that_was_taken_but_not_acknowledged_comes_again_under_the_same_id() {
    let smtp = Smtp::start().await;
    let struck = AtomicUsize::new(0);
    smtp.script(move |moment| {
        let first = moment.step == "message"
            && is_to_customer(&moment.text)
            && struck.fetch_add(1, Ordering::Relaxed) == 0;
        if first { Act::TakeAndCut } else { Act::Usual }
    });
    let app = desk(&smtp).await;
    let ticket = answered_ticket(&app, "重复").await;
    smtp.has_taken(2).await;
    // What is said now must not slip into a mail that may have been read already.
    answered(&app, "cut").await;
    let bob = bob(&app).await;
    bob.says(ticket, "后来的话").await;
    all_sent(&app).await;
    let mails = to_customer(&smtp);
    assert_eq!(mails.len(), 3);
    assert_eq!(mails[0].id(), mails[1].id());
    assert_eq!(mails[0].text(), mails[1].text());
    assert_eq!(mails[0].header("X-Outbox-Id"), mails[1].header("X-Outbox-Id"));
    assert!(mails[2].id() != mails[0].id() && mails[2].text().contains("后来的话"));
}

#[actix_web::test]
async fn a_mail_that_was_sent_while_the_database_is_away_is_not_sent_again() {
    let smtp = Smtp::start().await;
    let at_it = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&at_it);
    smtp.script(move |moment| match moment.step {
        "message" if is_to_customer(&moment.text) => {
            seen.fetch_add(1, Ordering::Relaxed);
            Act::Wait(Duration::from_secs(1))
        }
        _ => Act::Usual,
    });
    let app = desk(&smtp).await;
    answered_ticket(&app, "无库").await;
    eventually("the server is at it", async || at_it.load(Ordering::Relaxed) == 1).await;
    let database = Arc::clone(&app.database);
    let away = actix_web::web::block(move || {
        let started = std::time::Instant::now();
        if is_mysql() {
            while started.elapsed() < Duration::from_secs(4) {
                database.cut_connections();
            }
        } else {
            // Longer than a write waits for the one who holds it.
            let mut conn = database.connect();
            conn.begin_immediate().unwrap();
            std::thread::sleep(Duration::from_secs(14));
        }
    });
    away.await.unwrap();
    database_is_back(&app).await;
    eventually("it is noted", async || {
        states(&app).await.first() == Some(&MailState::Sent)
    })
    .await;
    all_sent(&app).await;
    assert_eq!(to_customer(&smtp).len(), 1);
    assert!(rows(&app).await.iter().all(|row| row.mail_attempts == 0));
}

#[actix_web::test]
async fn a_refusal_for_good_is_the_end_of_that_mail_and_of_no_other() {
    for (step, words) in [
        ("rcpt", "550 5.1.1 no such user"),
        ("message", "554 5.7.1 looks like spam"),
    ] {
        let smtp = Smtp::start().await;
        smtp.script(move |moment| {
            let bad = moment.step == step && moment.text.contains("lisi@example.com");
            if bad { Act::Say(words) } else { Act::Usual }
        });
        let app = desk(&smtp).await;
        let mut input = new_ticket("退信");
        input.customer_email = Some("lisi@example.com".into());
        let ticket = app.nobody().call(CreateTicket, (), input).await.good().ticket_id;
        let bob = bob(&app).await;
        bob.says(ticket, "到不了").await;
        assert_eq!(answered(&app, words).await, MailState::Failed);
        answered_ticket(&app, "到得了").await;
        eventually("the other arrives", async || to_customer(&smtp).len() == 1).await;
        app.clock.advance(100 * HOUR);
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert_eq!(states(&app).await[0], MailState::Failed, "it is not tried again");
    }
}

#[actix_web::test]
async fn after_three_days_a_mail_is_given_up() {
    let smtp = Smtp::start().await;
    smtp.script(|moment| {
        let full = moment.step == "rcpt" && moment.text.contains(CUSTOMER);
        if full {
            Act::Say("452 mailbox full")
        } else {
            Act::Usual
        }
    });
    let app = desk(&smtp).await;
    answered_ticket(&app, "满了").await;
    assert_eq!(answered(&app, "452").await, MailState::Waiting);
    app.clock.advance(71 * HOUR);
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(states(&app).await[0], MailState::Waiting);
    app.clock.advance(2 * HOUR);
    assert_eq!(
        answered(&app, "given up after three days").await,
        MailState::Failed
    );
}

#[actix_web::test]
async fn a_day_without_a_mail_server_loses_nothing_and_keeps_the_order() {
    let smtp = Smtp::start().await;
    let port = smtp.port;
    let app = desk(&smtp).await;
    drop(smtp);
    let bob = bob(&app).await;
    let mut tickets = Vec::new();
    for n in 0..12 {
        let ticket = app.nobody().submits(&format!("停机 {n}")).await;
        bob.says(ticket, "第一条").await;
        tickets.push(ticket);
    }
    answered(&app, "connect").await;
    app.clock.advance(12 * HOUR);
    for ticket in &tickets {
        bob.moves(*ticket, Status::Resolved).await;
    }
    app.clock.advance(12 * HOUR);
    let smtp = Smtp::with(Protection::Plain, "127.0.0.1", port).await;
    all_sent(&app).await;
    let mut told: BTreeMap<String, String> = BTreeMap::new();
    for mail in to_customer(&smtp) {
        let ticket = mail
            .header("References")
            .unwrap()
            .split(' ')
            .next()
            .unwrap()
            .to_owned();
        told.entry(ticket).or_default().push_str(&mail.text());
    }
    assert_eq!(told.len(), tickets.len());
    for text in told.values() {
        let (said, moved) = (text.find("第一条").unwrap(), text.find("变为「已解决」").unwrap());
        assert!(said < moved, "{text}");
    }
}

#[actix_web::test]
async fn one_recipients_mails_of_a_ticket_do_not_overtake_each_other() {
    let smtp = Smtp::start().await;
    let struck = AtomicUsize::new(0);
    smtp.script(move |moment| {
        let first = moment.step == "message"
            && is_to_customer(&moment.text)
            && struck.fetch_add(1, Ordering::Relaxed) == 0;
        if first { Act::Say("451 later") } else { Act::Usual }
    });
    let app = desk(&smtp).await;
    let ticket = answered_ticket(&app, "顺序").await;
    answered(&app, "451").await;
    let bob = bob(&app).await;
    bob.says(ticket, "第二条").await;
    // Another ticket's mail does not wait.
    answered_ticket(&app, "别的").await;
    eventually("the other ticket's mail", async || to_customer(&smtp).len() == 1).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(to_customer(&smtp).len(), 1);
    all_sent(&app).await;
    let mails = to_customer(&smtp);
    assert!(mails[0].text().contains("回复 别的"));
    assert!(mails[1].text().contains("回复 顺序") && mails[2].text().contains("第二条"));
}

#[actix_web::test]
async fn what_one_agent_is_told_does_not_overtake_what_all_were() {
    let smtp = Smtp::start().await;
    let app = desk_with(&smtp, &[("MAIL_HOLD_SECONDS", "60")]).await;
    let (ann, bob, eve) = (app.customer("ann").await, bob(&app).await, app.agent("eve").await);
    let ticket = ann.submits("先后").await;
    eventually("the new ticket is told", async || is_empty(&app).await).await;
    let before = smtp.taken().len();
    ann.says(ticket, "还没有人接手").await;
    app.clock.advance(10);
    let to_eve = Assignment {
        assignee: Some(Some(AssigneeRef::Name("eve".into()))),
    };
    bob.call(AssignTicket, ticket, to_eve).await.good();
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert_eq!(smtp.taken().len(), before, "the message is still held back");
    app.clock.advance(61);
    eventually("both are told", async || is_empty(&app).await).await;
    let rows = rows(&app).await;
    let eves: Vec<_> = rows.iter().filter(|row| row.user_id == eve.id).collect();
    let mut sent: Vec<_> = smtp.taken().split_off(before);
    sent.retain(|mail| mail.to == ["eve@example.com"]);
    assert_eq!(eves.len(), 3, "{rows:?}");
    assert!(
        sent[0].text().contains("还没有人接手") && sent.len() == 2,
        "{sent:?}"
    );
}

#[actix_web::test]
async fn many_mails_share_a_connection() {
    let smtp = Smtp::start().await;
    let app = desk(&smtp).await;
    for n in 0..5 {
        answered_ticket(&app, &format!("连接 {n}")).await;
    }
    smtp.has_taken(10).await;
    assert_eq!(smtp.connections(), 1);
}

#[actix_web::test]
async fn two_servers_on_one_database_send_nothing_twice() {
    let smtp = Smtp::start().await;
    let app = desk(&smtp).await;
    let other = app.another().await;
    let bob = bob(&app).await;
    let mut expected = Vec::new();
    for n in 0..40 {
        let asked = if n % 2 == 0 { &app } else { &other };
        let ticket = asked.nobody().submits(&format!("双机 {n}")).await;
        expected.push(ticket);
        bob.says(ticket, "一次").await;
    }
    // The clock stands still: a claim must not seem left behind while a mail is under way.
    eventually("the outbox is empty", async || is_empty(&app).await).await;
    let mails = smtp.taken();
    let mut ids: Vec<String> = smtp.taken().iter().map(Taken::id).collect();
    ids.sort();
    let all = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), all, "a mail came twice");
    assert!(
        mails.iter().any(|mail| mail.connection != mails[0].connection),
        "both took part"
    );
    assert_eq!(to_customer(&smtp).len(), expected.len());
}

#[actix_web::test]
async fn what_is_refused_or_repeated_is_told_once_or_not_at_all() {
    let smtp = Smtp::start().await;
    let app = desk(&smtp).await;
    let guest = app.nobody();
    let mut ids = Vec::new();
    for _ in 0..3 {
        let request = guest
            .request_of(CreateTicket, (), &new_ticket("一次"))
            .header("idempotency-key", "once");
        ids.push(guest.send_as(CreateTicket, request).await.good().ticket_id);
    }
    assert!(ids.iter().all(|id| *id == ids[0]));
    let bob = bob(&app).await;
    let message = shared::messages::NewMessage {
        client_id: Some("same".into()),
        ..crate::support::client::saying("同一条")
    };
    for _ in 0..3 {
        bob.call(shared::messages::PostMessage, ids[0], message.clone())
            .await
            .good();
    }
    let wrong = StatusChange {
        status: Some(Status::Processing),
        resolution: None,
    };
    bob.call(SetStatus, ids[0], wrong)
        .await
        .refused(ErrorCode::TransitionNotAllowed);
    all_sent(&app).await;
    assert_eq!(to_customer(&smtp).len(), 1);
    assert_eq!(states(&app).await.len(), 2, "said, and taken up");
    let mut told: Vec<_> = smtp.taken().into_iter().flat_map(|mail| mail.to).collect();
    let all = told.len();
    told.sort();
    told.dedup();
    assert_eq!(told.len(), all, "nobody was told of the ticket twice");
}

#[actix_web::test]
async fn a_stopping_server_finishes_the_mail_it_is_at() {
    let smtp = Smtp::start().await;
    smtp.script(|moment| match moment.step {
        "message" => Act::Wait(Duration::from_millis(800)),
        _ => Act::Usual,
    });
    let app = desk(&smtp).await;
    answered_ticket(&app, "停").await;
    smtp.has_taken(1).await;
    let app = app.restart().await;
    smtp.script(|_| Act::Usual);
    all_sent(&app).await;
    let mut ids: Vec<String> = smtp.taken().iter().map(Taken::id).collect();
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all, "each was noted as sent before the end");
}
