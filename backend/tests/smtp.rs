//! The connection to the mail server: protected, or nothing is said on it.

use std::sync::{Arc, Mutex};

use shared::{endpoint::Nothing, mails::GetMailStatus, notifications::MailState};

use crate::support::{
    Smtp,
    outbox::{all_sent, answered, answered_ticket, bob, to_customer},
    smtp::{Act, Protection, desk, desk_with},
};

#[actix_web::test]
async fn a_connection_is_protected_or_nothing_is_said() {
    for protection in [Protection::Implicit, Protection::StartTls] {
        let smtp = Smtp::with(protection, "127.0.0.1", 0).await;
        let account = [("SMTP_USERNAME", "desk@example.com"), ("SMTP_PASSWORD", "授权码")];
        let app = desk_with(&smtp, &account).await;
        answered_ticket(&app, "加密").await;
        let mails = smtp.has_taken(2).await;
        assert!(mails.iter().all(|mail| mail.secure), "{protection:?}");
        assert!(mails[0].account.as_deref().unwrap().starts_with("AUTH "));
    }
}

#[actix_web::test]
async fn a_server_that_knows_only_login_is_logged_in_at() {
    let smtp = Smtp::with(Protection::Implicit, "127.0.0.1", 0).await;
    smtp.script(|moment| match moment.step {
        "ehlo" => Act::Say("250-mail.test\r\n250 AUTH LOGIN"),
        _ => Act::Usual,
    });
    let account = [("SMTP_USERNAME", "desk@example.com"), ("SMTP_PASSWORD", "授权码")];
    let app = desk_with(&smtp, &account).await;
    answered_ticket(&app, "登录").await;
    let mails = smtp.has_taken(2).await;
    assert_eq!(
        mails[0].account.as_deref(),
        Some("AUTH LOGIN desk@example.com 授权码")
    );
}

#[actix_web::test]
async fn without_valid_protection_neither_password_nor_mail_leaves() {
    let account = [("SMTP_USERNAME", "desk@example.com"), ("SMTP_PASSWORD", "secret")];
    let silent = async |smtp: &Smtp, settings: &[(&str, &str)], words: &str| {
        let mut settings = settings.to_vec();
        settings.extend(account);
        let app = desk_with(smtp, &settings).await;
        answered_ticket(&app, "不安全").await;
        assert_eq!(answered(&app, words).await, MailState::Waiting, "{words}");
        assert!(smtp.taken().is_empty());
    };
    let spoken = Arc::new(Mutex::new(Vec::new()));
    let listen = |smtp: &Smtp| {
        let spoken = Arc::clone(&spoken);
        smtp.script(move |moment| {
            spoken.lock().unwrap().push(moment.step);
            Act::Usual
        });
    };
    // Nobody vouches for the certificate.
    let smtp = Smtp::with(Protection::Implicit, "127.0.0.1", 0).await;
    listen(&smtp);
    let stranger = Smtp::with(Protection::Implicit, "127.0.0.1", 0).await;
    let ca = stranger.setting("SMTP_CA_FILE");
    silent(&smtp, &[("SMTP_CA_FILE", &ca)], "SMTP_CA_FILE").await;
    // It is somebody else's.
    let smtp = Smtp::with(Protection::StartTls, "mail.example.com", 0).await;
    listen(&smtp);
    silent(&smtp, &[], "another name").await;
    // It has expired.
    let smtp = Smtp::expired(Protection::Implicit).await;
    listen(&smtp);
    silent(&smtp, &[], "expired").await;
    // Somebody in between has taken STARTTLS out.
    let smtp = Smtp::start().await;
    listen(&smtp);
    silent(&smtp, &[("SMTP_TLS", "starttls")], "no STARTTLS").await;
    let spoken = spoken.lock().unwrap().clone();
    assert!(spoken.contains(&"ehlo"));
    for secret in ["auth", "mail", "rcpt", "data"] {
        assert!(!spoken.contains(&secret), "{secret} after {spoken:?}");
    }
}

#[actix_web::test]
async fn an_operator_may_do_without_the_check_of_his_server_but_not_without_protection() {
    let settings = [
        ("SMTP_CA_FILE", ""),
        ("SMTP_UNVERIFIED_SERVER", "127.0.0.1"),
        ("SMTP_USERNAME", "desk@example.com"),
        ("SMTP_PASSWORD", "secret"),
    ];
    for smtp in [
        Smtp::of_authority().await,
        Smtp::expired(Protection::StartTls).await,
        Smtp::with(Protection::Implicit, "mail.example.com", 0).await,
    ] {
        let app = desk_with(&smtp, &settings).await;
        answered_ticket(&app, "自签证书").await;
        let mails = smtp.has_taken(2).await;
        assert!(mails.iter().all(|mail| mail.secure && mail.account.is_some()));
        let status = bob(&app)
            .await
            .call(GetMailStatus, (), Nothing {})
            .await
            .good()
            .status;
        assert!(status.unverified && status.down.is_none(), "{status:?}");
    }
    let smtp = Smtp::start().await;
    let mut settings = settings.to_vec();
    settings.push(("SMTP_TLS", "starttls"));
    let app = desk_with(&smtp, &settings).await;
    answered_ticket(&app, "没有加密").await;
    assert_eq!(answered(&app, "no STARTTLS").await, MailState::Waiting);
    assert!(smtp.taken().is_empty());
}

#[actix_web::test]
async fn what_was_slipped_in_before_the_protection_is_not_believed() {
    let smtp = Smtp::with(Protection::StartTls, "127.0.0.1", 0).await;
    smtp.script(|moment| match moment.step {
        "starttls" => Act::Say("220 go on\r\n250-mail.test\r\n250 AUTH PLAIN"),
        _ => Act::Usual,
    });
    let app = desk(&smtp).await;
    answered_ticket(&app, "注入").await;
    let mails = smtp.has_taken(2).await;
    assert!(mails.iter().all(|mail| mail.secure));
}

#[actix_web::test]
async fn a_refused_log_in_is_told_and_no_mail_pays_for_it() {
    let smtp = Smtp::with(Protection::Implicit, "127.0.0.1", 0).await;
    smtp.script(|moment| match moment.step {
        "auth" => Act::Say("535 Login Fail. Please enter your authorization code to login."),
        _ => Act::Usual,
    });
    let account = [("SMTP_USERNAME", "desk@example.com"), ("SMTP_PASSWORD", "wrong")];
    let app = desk_with(&smtp, &account).await;
    answered_ticket(&app, "授权码").await;
    assert_eq!(answered(&app, "log-in: 535").await, MailState::Waiting);
    smtp.script(|_| Act::Usual);
    all_sent(&app).await;
    assert_eq!(to_customer(&smtp).len(), 1);
}
