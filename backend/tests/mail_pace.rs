//! How fast mails go: as the account may send, as much as one address should get, and nobody waits for another's mailbox.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use shared::{
    Lang, TicketId,
    mails::{MailChoice, MailChoices, SetMailChoices},
    notifications::{MailState, NotificationKind},
    tickets::{CreateTicket, NewTicket},
};

use crate::{
    mail::assign,
    nodes::heard,
    support::{
        Smtp, TestApp, eventually, new_ticket,
        outbox::{
            CUSTOMER, HOUR, all_sent, answered, answered_ticket, bob, is_empty, put_off, rows, to_customer,
        },
        redis::Redis,
        smtp::{Act, Taken, desk, desk_with},
        spawn_app_with,
    },
};

#[actix_web::test]
async fn no_more_mails_go_out_in_a_minute_than_the_account_may_send() {
    let smtp = Smtp::start().await;
    let app = desk_with(&smtp, &[("MAIL_PER_MINUTE", "3")]).await;
    for n in 0..4 {
        answered_ticket(&app, &format!("限速 {n}")).await;
    }
    smtp.has_taken(3).await;
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert_eq!(smtp.taken().len(), 3);
    app.clock.advance(61);
    smtp.has_taken(6).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(smtp.taken().len(), 6);
}

#[actix_web::test]
async fn when_the_server_says_too_many_everything_waits_and_nothing_is_lost() {
    let smtp = Smtp::start().await;
    let said = AtomicUsize::new(0);
    smtp.script(move |moment| {
        let many = moment.step == "message" && said.fetch_add(1, Ordering::Relaxed) < 2;
        if many {
            Act::Say("550 Mail sending frequency limited")
        } else {
            Act::Usual
        }
    });
    let app = desk(&smtp).await;
    answered_ticket(&app, "太频繁").await;
    all_sent(&app).await;
    assert_eq!(to_customer(&smtp).len(), 1);
    assert!(smtp.connections() < 6, "it does not hammer");
}

#[actix_web::test]
async fn one_recipients_full_mailbox_holds_up_nobody() {
    for said in [
        "552 5.2.2 Mailbox size limit exceeded",
        "421 try again later",
        "550 too many messages for this user",
    ] {
        let smtp = Smtp::start().await;
        smtp.script(move |moment| {
            let his = moment.step == "rcpt" && moment.text.contains(CUSTOMER);
            if his { Act::Say(said) } else { Act::Usual }
        });
        let app = desk(&smtp).await;
        answered_ticket(&app, "满了").await;
        let others = NewTicket {
            customer_email: Some("lisi@example.com".into()),
            ..new_ticket("别人的")
        };
        let ticket = app.nobody().call(CreateTicket, (), others).await.good().ticket_id;
        bob(&app).await.says(ticket, "您好").await;
        app.clock.advance(61);
        eventually(
            &format!("the other one is written to in spite of {said}"),
            async || smtp.taken().iter().any(|mail| mail.to == ["lisi@example.com"]),
        )
        .await;
    }
}

#[actix_web::test]
async fn the_cap_is_of_the_address_whoever_claims_it() {
    let smtp = Smtp::start().await;
    let app = desk_with(&smtp, &[("MAIL_PER_ADDRESS_AND_HOUR", "2")]).await;
    let bob = bob(&app).await;
    for name in ["ann", "eve", "zoe"] {
        let theirs = NewTicket {
            customer_email: Some(CUSTOMER.to_uppercase()),
            ..new_ticket(name)
        };
        let customer = app.customer(name).await;
        let ticket = customer.call(CreateTicket, (), theirs).await.good().ticket_id;
        bob.says(ticket, "您好").await;
    }
    answered_ticket(&app, "访客").await;
    app.clock.advance(61);
    let to_it = || {
        let mails = smtp.taken();
        let to = mails
            .iter()
            .filter(|mail| mail.to[0].eq_ignore_ascii_case(CUSTOMER));
        to.count()
    };
    eventually("two of four", async || to_it() == 2).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(to_it(), 2);
}

#[actix_web::test]
async fn three_days_are_counted_from_the_first_try() {
    let smtp = Smtp::start().await;
    let refused = AtomicUsize::new(0);
    smtp.script(move |moment| {
        let once = moment.step == "rcpt"
            && moment.text.contains(CUSTOMER)
            && refused.fetch_add(1, Ordering::Relaxed) == 0;
        if once {
            Act::Say("451 greylisted")
        } else {
            Act::Usual
        }
    });
    let app = desk_with(&smtp, &[("MAIL_HOLD_SECONDS", "3600")]).await;
    answered_ticket(&app, "放了很久").await;
    // As if no server had run for four days.
    app.clock.advance(96 * HOUR);
    assert_eq!(answered(&app, "451").await, MailState::Waiting);
    all_sent(&app).await;
    assert_eq!(to_customer(&smtp).len(), 1);
}

#[actix_web::test]
async fn what_was_settled_is_forgotten_after_ninety_days_and_nothing_else() {
    let app = spawn_app_with(&[("MAIL_HOLD_SECONDS", "0")]).await;
    let folder = app.folder().join("mail");
    let files = || {
        let names = std::fs::read_dir(&folder).unwrap();
        let mut names: Vec<String> = names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    answered_ticket(&app, "旧").await;
    eventually("its mails are written", async || is_empty(&app).await).await;
    let old = (rows(&app).await.len(), files().len());
    assert!(old.0 >= 2 && old.1 >= 2, "{old:?}");
    for own in ["notes.eml", "000001.txt", "20260105-contract.eml"] {
        std::fs::write(folder.join(own), "the operator's").unwrap();
    }
    app.clock.advance(89 * 24 * HOUR);
    casedesk::jobs::sweep(&app.app).await.unwrap();
    assert_eq!((rows(&app).await.len(), files().len()), (old.0, old.1 + 3));
    // What cannot be removed stands in nobody's way.
    std::fs::create_dir(folder.join("000000-new_ticket-a@b.cn.eml")).unwrap();
    answered_ticket(&app, "新").await;
    eventually("its mails are written", async || is_empty(&app).await).await;
    app.clock.advance(2 * 24 * HOUR);
    casedesk::jobs::sweep(&app.app).await.unwrap();
    let left = rows(&app).await;
    assert!(
        !left.is_empty() && left.iter().all(|row| row.ticket_id.0 == 2),
        "{left:?}"
    );
    // Files have the machine's time, not the test's: those of the new mails are as old.
    std::fs::remove_dir(folder.join("000000-new_ticket-a@b.cn.eml")).unwrap();
    assert_eq!(files(), ["000001.txt", "20260105-contract.eml", "notes.eml"]);
}

#[actix_web::test]
async fn nobody_gets_more_mails_in_an_hour_than_the_cap() {
    let smtp = Smtp::start().await;
    let app = desk_with(&smtp, &[("MAIL_PER_ADDRESS_AND_HOUR", "2")]).await;
    for n in 0..3 {
        answered_ticket(&app, &format!("上限 {n}")).await;
    }
    eventually("two of three", async || to_customer(&smtp).len() == 2).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(to_customer(&smtp).len(), 2);
    all_sent(&app).await;
    assert_eq!(to_customer(&smtp).len(), 3);
}

#[actix_web::test]
async fn what_may_have_arrived_counts_for_the_cap() {
    let smtp = Smtp::start().await;
    smtp.script(|moment| match moment.step {
        "message" => Act::TakeAndCut,
        _ => Act::Usual,
    });
    let app = desk_with(&smtp, &[("MAIL_PER_ADDRESS_AND_HOUR", "2")]).await;
    for n in 0..3 {
        answered_ticket(&app, &format!("也许 {n}")).await;
    }
    eventually("two of three", async || to_customer(&smtp).len() == 2).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(to_customer(&smtp).len(), 2);
    smtp.script(|_| Act::Usual);
    all_sent(&app).await;
}

#[actix_web::test]
async fn a_clock_that_was_set_back_holds_no_mail_up() {
    let smtp = Smtp::start().await;
    let settings = [("MAIL_PER_MINUTE", "2"), ("MAIL_PER_ADDRESS_AND_HOUR", "2")];
    let app = desk_with(&smtp, &settings).await;
    for n in 0..2 {
        answered_ticket(&app, &format!("明天 {n}")).await;
    }
    all_sent(&app).await;
    let sent = to_customer(&smtp).len();
    app.clock.advance(-86_400);
    answered_ticket(&app, "今天").await;
    eventually("it goes out by today's clock", async || {
        to_customer(&smtp).len() > sent
    })
    .await;
}

#[actix_web::test]
async fn two_servers_share_the_mails_pace_and_know_who_has_a_ticket_open_at_the_other() {
    let (redis, smtp) = (Redis::start().await, Smtp::start().await);
    let url = redis.url();
    let settings = [
        ("REDIS_URL", url.as_str()),
        ("MAIL_PER_MINUTE", "3"),
        ("MAIL_HOLD_SECONDS", "30"),
    ];
    let here = desk_with(&smtp, &settings).await;
    let there = here.another().await;
    heard(&here, &there).await;
    let (ann, bob) = (here.customer("ann").await, here.agent("bob").await);
    let open = ann.submits("开着").await;
    let mut ann_there = there.as_user(ann.id).await.live().await;
    ann_there.join(open).await;
    eventually("she is seen from the other server", async || {
        here.app
            .people(open)
            .iter()
            .any(|person| person.user_id == ann.id)
    })
    .await;
    bob.says(open, "您正看着呢").await;
    for n in 0..4 {
        let ticket = here.nobody().submits(&format!("限速 {n}")).await;
        bob.says(ticket, "收到").await;
    }
    here.clock.advance(31);
    let mut minutes = 0;
    eventually("all is sent", async || {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        minutes += 1;
        assert!(
            smtp.taken().len() <= 3 * minutes,
            "{} mails in {minutes} minutes",
            smtp.taken().len()
        );
        here.clock.advance(61);
        is_empty(&here).await
    })
    .await;
    let hers = smtp
        .taken()
        .into_iter()
        .filter(|mail| mail.subject().contains("开着"));
    let hers: Vec<_> = hers.filter(|mail| mail.to == ["ann@example.com"]).collect();
    assert!(hers.is_empty(), "{hers:?}");
}

#[actix_web::test]
async fn a_rush_of_new_tickets_stops_at_the_cap_of_each_agent() {
    let smtp = Smtp::start().await;
    let app = desk_with(&smtp, &[("MAIL_PER_ADDRESS_AND_HOUR", "3")]).await;
    let bob = bob(&app).await.id;
    for n in 0..12 {
        app.nobody().submits(&format!("一拥而上 {n}")).await;
    }
    let taken = || {
        let mails = smtp.taken().into_iter();
        let his = mails.filter(|mail| mail.to == ["bob@example.com"]);
        his.map(|mail| mail.subject()).collect::<Vec<String>>()
    };
    for hour in 1..=4 {
        eventually("his share of the hour", async || taken().len() == 3 * hour).await;
        eventually("the others wait for the next hour, all of them", async || {
            let mut waiting = rows(&app).await;
            waiting.retain(|row| row.user_id == bob && row.mail == MailState::Waiting);
            waiting.len() == 12 - 3 * hour && waiting.iter().all(|row| row.mail_due_at > app.clock.now())
        })
        .await;
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert_eq!(taken().len(), 3 * hour);
        app.clock.advance(HOUR);
    }
    for (n, subject) in taken().iter().enumerate() {
        assert!(subject.ends_with(&format!("一拥而上 {n}")), "{subject} at {n}");
    }
}

/// Waits until what was sent is noted, so that it counts for this minute.
async fn noted(app: &TestApp) {
    eventually("nothing is under way", async || {
        let rows = rows(app).await;
        rows.iter().all(|row| row.mail != MailState::Sending)
    })
    .await;
}

#[actix_web::test]
async fn an_answer_does_not_wait_behind_a_rush_of_new_tickets() {
    let smtp = Smtp::start().await;
    let app = desk_with(&smtp, &[("MAIL_PER_MINUTE", "2")]).await;
    let bob = bob(&app).await;
    let mut ticket = None;
    for n in 0..8 {
        ticket = Some(app.nobody().submits(&format!("一拥而上 {n}")).await);
    }
    smtp.has_taken(2).await;
    bob.says(ticket.unwrap(), "您好").await;
    assert!(to_customer(&smtp).is_empty());
    noted(&app).await;
    app.clock.advance(61);
    smtp.has_taken(4).await;
    assert_eq!(to_customer(&smtp).len(), 1);
}

#[actix_web::test]
async fn an_assignment_takes_the_mail_about_its_new_ticket_along() {
    let smtp = Smtp::start().await;
    let app = desk_with(&smtp, &[("MAIL_PER_MINUTE", "2")]).await;
    let (bob, eve) = (bob(&app).await, app.agent("eve").await);
    let mut ticket = TicketId(0);
    for n in 0..6 {
        ticket = app.nobody().submits(&format!("一拥而上 {n}")).await;
    }
    smtp.has_taken(2).await;
    assign(&bob, ticket, "eve").await;
    noted(&app).await;
    app.clock.advance(61);
    smtp.has_taken(4).await;
    let hers: Vec<String> = smtp.taken()[2..].iter().map(Taken::subject).collect();
    assert!(
        smtp.taken()[2..]
            .iter()
            .all(|mail| mail.to == ["eve@example.com"])
    );
    assert!(hers[0].contains("新工单：一拥而上 5"), "{hers:?}");
    assert!(
        hers[1].contains("一拥而上 5") && !hers[1].contains("新工单"),
        "{hers:?}"
    );
    assert_eq!(eve.sees(ticket).await.assignee.as_deref(), Some("eve"));
}

#[actix_web::test]
async fn a_rush_of_answers_leaves_new_tickets_their_share() {
    let smtp = Smtp::start().await;
    let app = desk_with(&smtp, &[("MAIL_PER_MINUTE", "8")]).await;
    let (bob, ticket) = (bob(&app).await, app.nobody().submits("问答").await);
    eventually("its mails are gone", async || is_empty(&app).await).await;
    app.clock.advance(61);
    smtp.script(|moment| match moment.step {
        "mail" => Act::Say("451 not now"),
        _ => Act::Usual,
    });
    bob.says(ticket, "等一下").await;
    answered(&app, "451").await;
    for n in 0..8 {
        answered_ticket(&app, &format!("第 {n} 张")).await;
    }
    let before = smtp.taken().len();
    smtp.script(|_| Act::Usual);
    let minute = smtp.has_taken(before + 8).await.split_off(before);
    let of_new_tickets = minute.iter().filter(|mail| mail.to != [CUSTOMER]).count();
    assert_eq!(
        of_new_tickets, 2,
        "a quarter of them, while more than enough waits of both"
    );
}

#[actix_web::test]
async fn new_tickets_that_nobody_wants_mails_of_hold_up_no_answer() {
    let smtp = Smtp::start().await;
    let app = desk_with(&smtp, &[]).await;
    let (bob, first) = (bob(&app).await, app.nobody().submits("先来的").await);
    eventually("its mails are gone", async || is_empty(&app).await).await;
    let choices = MailChoices {
        kinds: vec![MailChoice {
            kind: NotificationKind::Created,
            on: false,
        }],
        lang: Lang::Zh,
    };
    bob.call(SetMailChoices, (), choices).await.good();
    app.database
        .execute("UPDATE users SET email = NULL WHERE username <> 'bob'");
    smtp.script(|moment| match moment.step {
        "mail" => Act::Say("451 not now"),
        _ => Act::Usual,
    });
    bob.says(first, "您好").await;
    answered(&app, "451").await;
    for n in 0..20 {
        app.nobody().submits(&format!("没人要 {n}")).await;
    }
    let needless = async || {
        let mut rows = rows(&app).await;
        rows.retain(|row| row.mail == MailState::Cancelled);
        rows.len()
    };
    eventually("some need no mail", async || needless().await > 0).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let passed = needless().await;
    assert!(
        passed <= 4,
        "{passed} were gone through before the answer was tried"
    );
    smtp.script(|_| Act::Usual);
    eventually("all is done", async || is_empty(&app).await).await;
    assert_eq!((needless().await, to_customer(&smtp).len()), (40, 1));
}

#[actix_web::test]
async fn two_servers_keep_to_the_cap_of_an_address_together() {
    let smtp = Smtp::start().await;
    smtp.script(|moment| match moment.step {
        "message" => Act::Wait(Duration::from_secs(2)),
        _ => Act::Usual,
    });
    let settings = [("MAIL_PER_ADDRESS_AND_HOUR", "1"), ("MAIL_HOLD_SECONDS", "60")];
    let app = desk_with(&smtp, &settings).await;
    let _other = app.another().await;
    bob(&app).await;
    // The agents' own cap is used up by a ticket that nobody answers.
    app.nobody().submits("占位").await;
    eventually("the agents have had theirs", async || smtp.taken().len() == 2).await;
    for n in 0..2 {
        answered_ticket(&app, &format!("双机上限 {n}")).await;
    }
    app.clock.advance(61);
    eventually("one of two", async || to_customer(&smtp).len() == 1).await;
    put_off(&app).await;
    assert_eq!(to_customer(&smtp).len(), 1);
    smtp.script(|_| Act::Usual);
    // Once: a claim must not seem left behind while a mail is under way.
    app.clock.advance(HOUR + 1);
    eventually("both", async || to_customer(&smtp).len() == 2).await;
}
