//! Through a real mail server into a Maildir, and read there by a parser that is not ours.

use std::collections::BTreeMap;

use shared::Status;

use crate::{
    mail_words::{Seen, seen},
    support::{certificates::authority, eventually, postfix::Postfix, spawn_app_with},
};

#[actix_web::test]
#[ignore = "Postfix has to be started by root: `cargo xtask test` does"]
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

    let mails: BTreeMap<String, Seen> = seen(&postfix.delivered())
        .into_iter()
        .map(|mail| (mail.to[0].1.clone(), mail))
        .collect();
    let number = bob.sees(ticket).await.ticket_number;
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
}
