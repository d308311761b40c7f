//! What operators see and do: the outbox, the state of the mail server, a test mail.

use shared::{
    ErrorCode, NotificationId,
    endpoint::Nothing,
    mails::{
        CancelFailedMails, CancelMail, GetMailStatus, ListMails, Mail, MailQuery, MailWay, RetryFailedMails,
        RetryMail, Speaker, TestMail, TestReport, TestRequest,
    },
    notifications::{MailState, NotificationKind},
    tickets::Choice,
};

use crate::support::{
    Client, Smtp, eventually,
    outbox::{CUSTOMER, all_sent, answered, answered_ticket, bob, is_empty, to_customer},
    smtp::{Act, Protection, desk, desk_with},
    spawn_app, spawn_app_with,
};

async fn mails(agent: &Client, state: Option<MailState>) -> Vec<Mail> {
    let query = MailQuery {
        state: state.map_or(Choice::Any, Choice::Is),
        ..MailQuery::default()
    };
    agent.call(ListMails, (), query).await.good().mails
}

async fn test_to(agent: &Client, address: &str) -> TestReport {
    let request = TestRequest { to: address.into() };
    agent.call(TestMail, (), request).await.good()
}

#[actix_web::test]
async fn an_operator_sees_what_failed_and_why_and_sends_it_again() {
    let smtp = Smtp::start().await;
    smtp.script(|moment| {
        let bad = moment.step == "rcpt" && moment.text.contains(CUSTOMER);
        if bad {
            Act::Say("550 5.1.1 no such mailbox")
        } else {
            Act::Usual
        }
    });
    let app = desk(&smtp).await;
    let ticket = answered_ticket(&app, "退信").await;
    answered(&app, "550").await;
    let bob = bob(&app).await;
    let [failed] = mails(&bob, Some(MailState::Failed)).await.try_into().unwrap();
    assert_eq!(
        (
            failed.kind,
            failed.ticket_id,
            failed.recipient_name.as_str(),
            failed.recipient_email.as_str()
        ),
        (NotificationKind::Message, ticket, "张三", CUSTOMER)
    );
    assert_eq!(
        failed.answer.as_deref(),
        Some("RCPT TO: 550 5.1.1 no such mailbox")
    );
    eventually("the agents' mail", async || !smtp.taken().is_empty()).await;
    eventually("it is noted", async || is_empty(&app).await).await;
    let all = mails(&bob, None).await;
    assert!(
        all.iter()
            .any(|mail| mail.state == MailState::Sent && mail.sent_at.is_some())
    );
    assert!(all.iter().all(|mail| mail.state != MailState::Joined));
    let status = bob.call(GetMailStatus, (), Nothing {}).await.good().status;
    assert_eq!((status.way, status.failed, status.waiting), (MailWay::Smtp, 1, 0));
    assert_eq!(status.place, format!("127.0.0.1:{}", smtp.port));
    smtp.script(|_| Act::Usual);
    let again = bob.call(RetryMail, failed.id, Nothing {}).await.good().mail;
    assert_eq!(again.state, MailState::Waiting);
    all_sent(&app).await;
    assert_eq!(to_customer(&smtp).len(), 1);
    bob.call(RetryMail, failed.id, Nothing {})
        .await
        .refused(ErrorCode::MailNotChangeable);
    bob.call(CancelMail, failed.id, Nothing {})
        .await
        .refused(ErrorCode::MailNotChangeable);
}

#[actix_web::test]
async fn all_that_failed_goes_out_again_or_is_given_up_at_once() {
    let smtp = Smtp::start().await;
    smtp.script(|moment| match moment.step {
        "rcpt" => Act::Say("550 5.7.1 not today"),
        _ => Act::Usual,
    });
    let app = desk(&smtp).await;
    for title in ["一", "二", "三"] {
        answered_ticket(&app, title).await;
    }
    let bob = bob(&app).await;
    let failed = async || bob.call(GetMailStatus, (), Nothing {}).await.good().status.failed;
    eventually("all have failed", async || {
        is_empty(&app).await && failed().await >= 6
    })
    .await;
    let count = failed().await;
    let again = bob.call(RetryFailedMails, (), Nothing {}).await.good();
    assert_eq!(again.changed, count);
    eventually("all have failed again", async || {
        app.clock.advance(1);
        is_empty(&app).await && failed().await == count
    })
    .await;
    assert!(smtp.taken().is_empty());
    smtp.script(|_| Act::Usual);
    bob.call(RetryFailedMails, (), Nothing {}).await.good();
    eventually("all have gone", async || {
        app.clock.advance(1);
        is_empty(&app).await && failed().await == 0
    })
    .await;
    assert_eq!(smtp.taken().len() as i64, count);

    smtp.script(|moment| match moment.step {
        "rcpt" => Act::Say("550 5.7.1 not today"),
        _ => Act::Usual,
    });
    answered_ticket(&app, "四").await;
    eventually("they have failed", async || {
        is_empty(&app).await && failed().await >= 2
    })
    .await;
    let count = failed().await;
    let given_up = bob.call(CancelFailedMails, (), Nothing {}).await.good();
    assert_eq!((given_up.changed, failed().await), (count, 0));
    let cancelled = mails(&bob, Some(MailState::Cancelled)).await;
    assert_eq!(cancelled.len() as i64, count);
    assert!(
        cancelled
            .iter()
            .all(|mail| mail.answer.as_deref() == Some("cancelled by bob"))
    );
    assert_eq!(bob.call(RetryFailedMails, (), Nothing {}).await.good().changed, 0);
}

#[actix_web::test]
async fn a_mail_that_is_sent_at_once_still_tells_all_that_waits() {
    let smtp = Smtp::start().await;
    let app = desk_with(&smtp, &[("MAIL_HOLD_SECONDS", "60")]).await;
    let ticket = answered_ticket(&app, "马上发").await;
    let bob = bob(&app).await;
    bob.says(ticket, "还有一句").await;
    let waiting = mails(&bob, Some(MailState::Waiting)).await;
    let first = waiting
        .iter()
        .rfind(|mail| mail.recipient_email == CUSTOMER)
        .unwrap();
    bob.call(RetryMail, first.id, Nothing {}).await.good();
    eventually("it is sent", async || is_empty(&app).await).await;
    let [mail] = to_customer(&smtp).try_into().unwrap();
    assert!(mail.text().contains("回复 马上发") && mail.text().contains("还有一句"));
}

#[actix_web::test]
async fn a_cancelled_mail_stays_here() {
    let smtp = Smtp::start().await;
    let app = desk_with(&smtp, &[("MAIL_HOLD_SECONDS", "60")]).await;
    answered_ticket(&app, "撤回").await;
    let bob = bob(&app).await;
    let waiting = mails(&bob, Some(MailState::Waiting)).await;
    let said = waiting.iter().filter(|mail| mail.recipient_email == CUSTOMER);
    for mail in said {
        let cancelled = bob.call(CancelMail, mail.id, Nothing {}).await.good().mail;
        assert_eq!(cancelled.state, MailState::Cancelled);
        assert_eq!(cancelled.answer.as_deref(), Some("cancelled by bob"));
    }
    app.clock.advance(100);
    tokio::time::sleep(std::time::Duration::from_millis(1200)).await;
    assert!(to_customer(&smtp).is_empty());
}

#[actix_web::test]
async fn the_outbox_is_the_agents_alone() {
    let app = spawn_app().await;
    for (client, code) in [
        (app.nobody(), ErrorCode::Unauthenticated),
        (app.customer("ann").await, ErrorCode::Forbidden),
    ] {
        client
            .call(ListMails, (), MailQuery::default())
            .await
            .refused(code);
        client.call(GetMailStatus, (), Nothing {}).await.refused(code);
        client
            .call(TestMail, (), TestRequest { to: "a@b.cn".into() })
            .await
            .refused(code);
        client
            .call(RetryMail, NotificationId(1), Nothing {})
            .await
            .refused(code);
        client
            .call(CancelMail, NotificationId(1), Nothing {})
            .await
            .refused(code);
    }
    let bob = app.agent("bob").await;
    bob.call(RetryMail, NotificationId(987), Nothing {})
        .await
        .refused(ErrorCode::MailNotFound);
    for bad in ["", "nobody", "a@b.cn\r\nRCPT TO:<x@y.cn>"] {
        bob.call(TestMail, (), TestRequest { to: bad.into() })
            .await
            .refused_field("to");
    }
    let far = MailQuery {
        page: Some(u32::MAX),
        per_page: Some(100),
        ..MailQuery::default()
    };
    assert!(bob.call(ListMails, (), far).await.good().mails.is_empty());
    for query in ["page=0", "per_page=101", "state=lost"] {
        assert_eq!(
            bob.get(&format!("/case/api/mails?{query}")).await.status,
            422,
            "{query}"
        );
    }
}

#[actix_web::test]
async fn a_test_tells_every_step_and_no_password() {
    let smtp = Smtp::with(Protection::StartTls, "127.0.0.1", 0).await;
    let account = [
        ("SMTP_USERNAME", "desk@example.com"),
        ("SMTP_PASSWORD", "KANARI-secret"),
    ];
    let app = desk_with(&smtp, &account).await;
    let bob = app.agent("bob").await;
    let report = test_to(&bob, "me@example.com").await;
    assert!(report.sent, "{report:?}");
    assert_eq!(report.answer, "250 2.0.0 queued");
    let said: Vec<(Speaker, &str)> = report
        .lines
        .iter()
        .map(|line| (line.speaker, line.text.as_str()))
        .collect();
    for line in [
        (Speaker::Server, "220 mail.test ESMTP"),
        (Speaker::Client, "STARTTLS"),
        (Speaker::Server, "235 welcome"),
        (Speaker::Client, "RCPT TO:<me@example.com>"),
        (Speaker::Server, "250 2.0.0 queued"),
    ] {
        assert!(said.contains(&line), "{line:?} in {said:#?}");
    }
    let shown = format!("{report:?}");
    assert!(
        !shown.contains("KANARI") && !shown.contains("S0FOQVJJ"),
        "{shown}"
    );
    eventually("the test mail", async || smtp.taken().len() == 1).await;
    assert_eq!(smtp.taken()[0].subject(), "云户工单测试邮件");
    assert!(mails(&bob, None).await.is_empty(), "it is past the outbox");
}

#[actix_web::test]
async fn a_failed_test_says_where_and_what_to_do() {
    let smtp = Smtp::with(Protection::Implicit, "127.0.0.1", 0).await;
    let account = [("SMTP_USERNAME", "desk@example.com"), ("SMTP_PASSWORD", "x")];
    let app = desk_with(&smtp, &account).await;
    let bob = app.agent("bob").await;
    for (step, words, place, hint) in [
        (
            "auth",
            "535 Login Fail",
            "log-in: 535 Login Fail",
            "SMTP_PASSWORD",
        ),
        ("mail", "501 not you", "MAIL FROM: 501 not you", "EMAIL_SENDER"),
        ("rcpt", "550 unknown", "RCPT TO: 550 unknown", "收件人"),
    ] {
        smtp.script(move |moment| {
            if moment.step == step {
                Act::Say(words)
            } else {
                Act::Usual
            }
        });
        let report = test_to(&bob, "me@example.com").await;
        assert_eq!((report.sent, report.answer.as_str()), (false, place));
        assert!(report.hint.unwrap().contains(hint));
        assert!(report.lines.iter().any(|line| line.text == words));
    }
    let app = spawn_app().await;
    let report = test_to(&app.agent("bob").await, "me@example.com").await;
    assert!(!report.sent && report.hint.unwrap().contains("SMTP_SERVER"));
}

#[actix_web::test]
async fn a_server_that_cannot_be_used_is_described_in_words() {
    // The port is that of a server that speaks in the clear first.
    let smtp = Smtp::start().await;
    let app = desk_with(&smtp, &[("SMTP_TLS", "implicit")]).await;
    let report = test_to(&app.agent("bob").await, "me@example.com").await;
    assert!(report.answer.contains("SMTP_TLS=starttls"), "{}", report.answer);
    assert!(report.hint.unwrap().contains("465"));

    // It shows the certificate of an authority as its own.
    let smtp = Smtp::of_authority().await;
    let app = desk_with(&smtp, &[]).await;
    let report = test_to(&app.agent("bob").await, "me@example.com").await;
    assert!(report.answer.contains("CA:FALSE"), "{}", report.answer);

    // It never comes to an end.
    let smtp = Smtp::start().await;
    smtp.script(|moment| match moment.step {
        "mail" => Act::Babble,
        _ => Act::Usual,
    });
    let app = desk_with(&smtp, &[]).await;
    let report = test_to(&app.agent("bob").await, "me@example.com").await;
    assert!(report.answer.contains("is not SMTP"), "{}", report.answer);
    let heard: usize = report.lines.iter().map(|line| line.text.len()).sum();
    assert!(heard < 16 * 1024, "{heard} bytes of it are shown");

    // It knows TLS 1.0 only.
    let port = speaks_only_tls_1_0().await;
    let settings = [
        ("SMTP_SERVER", "127.0.0.1"),
        ("SMTP_PORT", &port),
        ("SMTP_TLS", "implicit"),
        ("EMAIL_SENDER", "desk@example.com"),
    ];
    let app = spawn_app_with(&settings).await;
    let report = test_to(&app.agent("bob").await, "me@example.com").await;
    assert!(report.answer.contains("outdated TLS"), "{}", report.answer);
    assert!(!report.sent);
}

/// What such a server answers to a client that offers 1.2 at least.
async fn speaks_only_tls_1_0() -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    const PROTOCOL_VERSION: [u8; 7] = [21, 3, 1, 0, 2, 2, 70];
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    actix_web::rt::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let read = stream.read(&mut [0; 4096]).await.unwrap();
        assert!(read > 0);
        stream.write_all(&PROTOCOL_VERSION).await.unwrap();
    });
    port.to_string()
}

#[actix_web::test]
async fn while_no_mail_can_leave_the_status_says_why() {
    let smtp = Smtp::start().await;
    smtp.script(|moment| match moment.step {
        "connect" => Act::Say("421 maintenance"),
        _ => Act::Usual,
    });
    let app = desk(&smtp).await;
    answered_ticket(&app, "维护").await;
    let bob = bob(&app).await;
    let status = async || bob.call(GetMailStatus, (), Nothing {}).await.good().status;
    eventually("it is known", async || {
        status().await.down.as_deref() == Some("greeting: 421 maintenance")
    })
    .await;
    assert!(status().await.waiting > 0);
    smtp.script(|_| Act::Usual);
    all_sent(&app).await;
    eventually("it is over", async || status().await.down.is_none()).await;
    eventually("the outbox is empty", async || is_empty(&app).await).await;
    let metrics = app.nobody().get("/metrics").await;
    let text = metrics.text();
    for line in [
        "casedesk_mail_attempts_total{outcome=\"sent\"}",
        "casedesk_mail_attempts_total{outcome=\"down\"}",
        "casedesk_mails{state=\"waiting\"} 0",
        "casedesk_mails{state=\"failed\"} 0",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[actix_web::test]
async fn trouble_is_told_only_as_long_as_something_waits_for_its_end() {
    let smtp = Smtp::start().await;
    smtp.script(|_| Act::Say("421 maintenance"));
    let app = desk(&smtp).await;
    answered_ticket(&app, "维护").await;
    let bob = bob(&app).await;
    let status = async || bob.call(GetMailStatus, (), Nothing {}).await.good().status;
    eventually("it is known", async || status().await.down.is_some()).await;
    // One that is being tried just now cannot be given up.
    eventually("all are given up", async || {
        for mail in mails(&bob, Some(MailState::Waiting)).await {
            bob.call(CancelMail, mail.id, Nothing {}).await;
        }
        status().await.waiting == 0
    })
    .await;
    eventually("it is over", async || status().await.down.is_none()).await;
}

#[actix_web::test]
async fn a_mail_that_is_due_keeps_its_place_and_one_that_went_out_its_address() {
    let smtp = Smtp::start().await;
    smtp.script(|_| Act::Say("421 maintenance"));
    let app = desk(&smtp).await;
    let bob = bob(&app).await;
    let first = answered_ticket(&app, "先说的").await;
    app.clock.advance(60);
    answered_ticket(&app, "后说的").await;
    app.clock.advance(60);
    eventually("it is due at once", async || {
        // While it is under way it cannot be.
        let waiting = mails(&bob, Some(MailState::Waiting)).await;
        let of_first = waiting
            .iter()
            .find(|mail| mail.ticket_id == first && mail.recipient_email == CUSTOMER);
        match of_first {
            Some(mail) => bob.call(RetryMail, mail.id, Nothing {}).await.status() == 200,
            None => false,
        }
    })
    .await;
    smtp.script(|_| Act::Usual);
    all_sent(&app).await;
    let order: Vec<bool> = to_customer(&smtp)
        .iter()
        .map(|mail| mail.subject().contains("先说的"))
        .collect();
    assert_eq!(order, [true, false]);

    app.database
        .execute("UPDATE users SET email = 'new@example.com' WHERE username = 'bob'");
    let sent = mails(&bob, Some(MailState::Sent)).await;
    let his: Vec<&str> = sent
        .iter()
        .filter(|mail| mail.recipient_name == "bob")
        .map(|mail| mail.recipient_email.as_str())
        .collect();
    assert_eq!(his, ["bob@example.com"; 2]);
}
