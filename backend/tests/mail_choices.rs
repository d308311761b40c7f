//! Which mails somebody gets: switched in the account, or by the link in a mail.

use shared::{
    ErrorCode, Lang, Status,
    endpoint::Nothing,
    mails::{GetMailChoices, MailChoice, MailChoices, STOP_PATH, SetMailChoices, StopMails, StopRequest},
    notifications::NotificationKind,
};

use crate::support::{
    Smtp, TestApp, eventually,
    outbox::{bob, is_empty, to_customer},
    smtp::{Taken, desk},
};

async fn settled(app: &TestApp) {
    eventually("the outbox is empty", async || is_empty(app).await).await;
}

/// The address in a mail's own button.
fn button(mail: &Taken) -> String {
    let header = mail.header("List-Unsubscribe").unwrap();
    header.trim_matches(['<', '>', ' ']).to_owned()
}

fn token(mail: &Taken) -> String {
    button(mail).split_once("token=").unwrap().1.to_owned()
}

#[actix_web::test]
async fn a_customer_switches_kinds_off_and_on() {
    let smtp = Smtp::start().await;
    let app = desk(&smtp).await;
    let (ann, bob) = (app.customer("ann").await, bob(&app).await);
    let choices = ann.call(GetMailChoices, (), Nothing {}).await.good();
    let on = |kind, on| MailChoice { kind, on };
    assert_eq!(
        choices.kinds,
        [
            on(NotificationKind::Message, true),
            on(NotificationKind::Status, true)
        ]
    );
    let off = MailChoices {
        kinds: vec![
            on(NotificationKind::Message, false),
            on(NotificationKind::Created, false),
        ],
        lang: Lang::En,
    };
    let stored = ann.call(SetMailChoices, (), off).await.good();
    assert_eq!(
        stored.kinds,
        [
            on(NotificationKind::Message, false),
            on(NotificationKind::Status, true)
        ]
    );
    assert_eq!(ann.call(GetMailChoices, (), Nothing {}).await.good(), stored);
    let ticket = ann.submits("少发邮件").await;
    bob.says(ticket, "这句不发邮件").await;
    settled(&app).await;
    // The answer took the ticket up, which is another kind.
    let [mail] = to_customer(&smtp).try_into().unwrap();
    assert!(mail.subject().contains("Ticket in progress") && !mail.text().contains("这句不发邮件"));
    let again = MailChoices {
        kinds: vec![on(NotificationKind::Message, true)],
        lang: Lang::Zh,
    };
    ann.call(SetMailChoices, (), again).await.good();
    bob.says(ticket, "这句发").await;
    settled(&app).await;
    let mails = to_customer(&smtp);
    assert!(mails[1].subject().contains("有新回复") && mails[1].text().contains("这句发"));
}

#[actix_web::test]
async fn whoever_chose_english_reads_every_word_of_ours_in_english() {
    let smtp = Smtp::start().await;
    let app = desk(&smtp).await;
    let english = MailChoices {
        kinds: Vec::new(),
        lang: Lang::En,
    };
    bob(&app).await.call(SetMailChoices, (), english).await.good();
    app.nobody().submits("No log-in").await;
    settled(&app).await;
    let mails = smtp.taken();
    let his = mails.iter().find(|mail| mail.to == ["bob@example.com"]).unwrap();
    for part in [his.text(), his.html()] {
        assert!(
            part.contains("Technical support") && part.contains("Medium"),
            "{part}"
        );
        assert!(!part.contains("技术支持"), "{part}");
    }
}

#[actix_web::test]
async fn the_link_in_a_mail_stops_such_mails_without_a_log_in() {
    let smtp = Smtp::start().await;
    let app = desk(&smtp).await;
    let bob = bob(&app).await;
    let ticket = app.nobody().submits("退订").await;
    bob.says(ticket, "第一条").await;
    settled(&app).await;
    let [mail] = to_customer(&smtp).try_into().unwrap();
    assert_eq!(
        mail.header("List-Unsubscribe-Post").as_deref(),
        Some("List-Unsubscribe=One-Click")
    );
    let link = button(&mail);
    assert!(
        link.starts_with(&format!("http://{}{STOP_PATH}?token=", app.address)),
        "{link}"
    );
    assert!(!link.contains("zhangsan") && mail.text().contains(&link));
    assert!(mail.html().contains(&link), "{}", mail.html());
    // Looking at it stops nothing: mail scanners follow links.
    let path = link.split_once(&app.address.to_string()).unwrap().1.to_owned();
    assert_eq!(app.nobody().get(&path).await.status, 200);
    bob.says(ticket, "第二条").await;
    settled(&app).await;
    assert_eq!(to_customer(&smtp).len(), 2);
    // The mail program's own button.
    let click = app
        .nobody()
        .request("POST", &path)
        .header("content-type", "application/x-www-form-urlencoded")
        .body("List-Unsubscribe=One-Click");
    assert_eq!(app.nobody().send(click).await.status, 200);
    bob.says(ticket, "第三条").await;
    settled(&app).await;
    assert_eq!(to_customer(&smtp).len(), 2);
    // Of another kind they still come, and on another ticket of the same address none of this kind.
    bob.moves(ticket, Status::Resolved).await;
    let other = app.nobody().submits("另一张").await;
    settled(&app).await;
    assert_eq!(to_customer(&smtp).len(), 3);
    bob.moves(other, Status::Processing).await;
    settled(&app).await;
    bob.says(other, "也不发").await;
    settled(&app).await;
    assert_eq!(to_customer(&smtp).len(), 4);
    // And back.
    let request = StopRequest {
        token: token(&mail),
        on: true,
    };
    let stopped = app.nobody().call(StopMails, (), request).await.good();
    assert_eq!((stopped.kind, stopped.on), (NotificationKind::Message, true));
    bob.says(ticket, "又来了").await;
    settled(&app).await;
    assert_eq!(to_customer(&smtp).len(), 5);
}

#[actix_web::test]
async fn nobody_stops_anothers_mails() {
    let smtp = Smtp::start().await;
    let app = desk(&smtp).await;
    let bob = bob(&app).await;
    app.nobody().submits("别人的").await;
    settled(&app).await;
    let mails = smtp.taken();
    let mine = mails.iter().find(|mail| mail.to == ["bob@example.com"]).unwrap();
    let own = token(mine);
    let (who, rest) = own.split_once('.').unwrap();
    let (kind, signature) = rest.split_once('.').unwrap();
    for forged in [
        String::new(),
        "u1".into(),
        format!("u1.{kind}.{signature}"),
        format!("{who}.new_message.{signature}"),
        format!("{who}.{kind}.{}", "0".repeat(32)),
        format!("{who}.{kind}."),
        format!("{who}.nonsense.{signature}"),
    ] {
        let request = StopRequest {
            token: forged.clone(),
            on: false,
        };
        app.nobody()
            .call(StopMails, (), request)
            .await
            .refused(ErrorCode::LinkInvalid);
        let click = app
            .nobody()
            .request("POST", &format!("{STOP_PATH}?token={forged}"));
        assert_eq!(app.nobody().send(click).await.status, 404, "{forged}");
    }
    let kinds = bob.call(GetMailChoices, (), Nothing {}).await.good().kinds;
    assert!(kinds.iter().all(|choice| choice.on));
    let nobody = app.nobody();
    nobody
        .call(GetMailChoices, (), Nothing {})
        .await
        .refused(ErrorCode::Unauthenticated);
    let choices = MailChoices {
        kinds: Vec::new(),
        lang: Lang::Zh,
    };
    nobody
        .call(SetMailChoices, (), choices)
        .await
        .refused(ErrorCode::Unauthenticated);
}
