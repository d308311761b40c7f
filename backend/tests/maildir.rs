//! Through a real mail server into a Maildir, and read there by a parser that is not ours.

use std::collections::BTreeMap;

use shared::{
    Lang, Status,
    mails::{MailChoices, SetMailChoices},
    tickets::CreateTicket,
};

use crate::{
    dkim,
    mail_words::{Seen, seen},
    support::{certificates::authority, eventually, new_ticket, postfix::Postfix, spawn_app_with},
};

/// What lies in the Maildir about tickets of this title, by recipient.
fn delivered(postfix: &Postfix, title: &str) -> BTreeMap<String, Seen> {
    seen(&postfix.delivered())
        .into_iter()
        .filter(|mail| mail.subject.contains(title))
        .map(|mail| (mail.to[0].1.clone(), mail))
        .collect()
}

#[actix_web::test]
#[ignore = "Postfix has to be started by root, dkimpy to be installed: `cargo xtask test` does both"]
async fn postfix_delivers_every_mail_as_it_was_meant() {
    let authority = authority("127.0.0.1");
    let postfix = Postfix::start(&authority.certificate, &authority.key);
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, &authority.root).unwrap();
    let app = spawn_app_with(&[
        ("SMTP_SERVER", "127.0.0.1"),
        ("SMTP_PORT", &postfix.port.to_string()),
        ("SMTP_TLS", "starttls"),
        ("SMTP_CA_FILE", &ca.display().to_string()),
        ("EMAIL_SENDER", "云户工单 <desk@example.com>"),
        ("DKIM_KEY_FILE", &dkim::key("rsa")),
        ("DKIM_SELECTOR", "desk"),
        ("MAIL_HOLD_SECONDS", "60"),
        ("MAIL_PER_MINUTE", "1000"),
    ])
    .await;
    let bob = app.agent("bob").await;
    let title = "打印机坏了 😀 𠮷：二楼的打印机自从换了路由器以后再也连不上网络了，请尽快派人来看一下，谢谢";
    let text = "第一行\n.\n..两个点开头的行\nFrom 开头的行\n很长的一行：".to_owned() + &"汉字".repeat(1500);
    let ticket = app.nobody().submits(title).await;
    bob.says(ticket, &text).await;
    bob.moves(ticket, Status::Resolved).await;
    app.clock.advance(61);
    let expected = 3; // two agents and the customer
    eventually("Postfix delivers", async || postfix.delivered().len() == expected).await;

    let number = bob.sees(ticket).await.ticket_number;
    let mails = delivered(&postfix, title);
    let mail = &mails["zhangsan@example.com"];
    assert_eq!(mail.subject, format!("[{number}] bob 有新回复：{title}"));
    assert_eq!(
        mail.from,
        [("bob · 云户工单".to_owned(), "desk@example.com".to_owned())]
    );
    assert_eq!(mail.to, [("张三".to_owned(), "zhangsan@example.com".to_owned())]);
    assert!(mail.text.replace("\r\n", "\n").contains(&text), "{}", mail.text);
    assert!(mail.html.contains("很长的一行") && mail.html.contains(title));
    assert!(mail.defects.is_empty(), "{:?}", mail.defects);
    let mail = &mails["bob@example.com"];
    assert_eq!(mail.subject, format!("[{number}] 新工单：{title}"));
    assert!(mail.text.contains("无法登录系统，提示密码错误"));

    let english = MailChoices {
        kinds: Vec::new(),
        lang: Lang::En,
    };
    bob.call(SetMailChoices, (), english).await.good();
    let title = "The printer is down: \"no route to host\" since the router was changed, café & <b>";
    let text = "First line\n.\n..two dots\nFrom here on: ".to_owned() + &"long ".repeat(600);
    let guest = app.nobody();
    let request = guest
        .request_of(CreateTicket, (), &new_ticket(title))
        .header("accept-language", "en");
    let ticket = guest.send_as(CreateTicket, request).await.good().ticket_id;
    bob.says(ticket, &text).await;
    app.clock.advance(61);
    eventually("Postfix delivers", async || {
        postfix.delivered().len() == 2 * expected
    })
    .await;
    let number = bob.sees(ticket).await.ticket_number;
    let mails = delivered(&postfix, title);
    let mail = &mails["zhangsan@example.com"];
    assert_eq!(mail.subject, format!("[{number}] bob replied: {title}"));
    assert!(
        mail.text.replace("\r\n", "\n").contains(text.trim_end()),
        "{}",
        mail.text
    );
    assert!(mail.html.contains(title), "{}", mail.html);
    assert!(mail.defects.is_empty(), "{:?}", mail.defects);
    let mail = &mails["bob@example.com"];
    assert_eq!(mail.subject, format!("[{number}] New ticket: {title}"));
    assert!(mail.text.contains("Technical support"));

    // What Postfix added and wrapped has broken no signature.
    let raw: Vec<Vec<u8>> = postfix
        .delivered()
        .iter()
        .map(|file| std::fs::read(file).unwrap())
        .collect();
    assert_eq!(dkim::verdicts("rsa", &raw), [true; 6]);
    let changed = [dkim::with_one_byte_changed(&raw[0], "\nSubject: =?utf-8?")];
    assert_eq!(dkim::verdicts("rsa", &changed), [false]);
}
