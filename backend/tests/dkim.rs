//! Signed mails: what is signed, that it arrives as it was signed, and what an operator is told; checked by dkimpy.

use std::{collections::BTreeMap, path::PathBuf};

use shared::mails::{TestMail, TestRequest};

use crate::support::{
    Smtp, TestApp,
    database::Database,
    eventually,
    outbox::{CUSTOMER, all_sent, bob, is_empty, to_customer},
    process::{command, python, run},
    smtp::{Taken, desk, desk_with},
    spawn_app_with,
};

const NAME: &str = "desk._domainkey.example.com";

/// The file of a key.
pub fn key(name: &str) -> String {
    format!("{}/tests/keys/{name}.pem", env!("CARGO_MANIFEST_DIR"))
}

/// A CaseDesk that signs with this key.
async fn signing(smtp: &Smtp, key_name: &str) -> TestApp {
    let file = key(key_name);
    desk_with(smtp, &[("DKIM_KEY_FILE", &file), ("DKIM_SELECTOR", "desk")]).await
}

/// What a mail has to survive: Chinese, long lines, dots in front, blanks at the end.
const TITLE: &str = "打印机坏了 😀：二楼的打印机自从换了路由器以后再也连不上网络了，请尽快派人来看一下，谢谢";

async fn some_mails(smtp: &Smtp, app: &TestApp) -> Vec<Taken> {
    let bob = bob(app).await;
    let ticket = app.nobody().submits(TITLE).await;
    for text in [
        format!(
            "第一行\n.\n..两个点\n.很长的一行：{}  \n\n\n末行\n\n",
            "汉字".repeat(1500)
        ),
        format!(".plain words only \n.\n..\nFrom here on: {}", "long ".repeat(500)),
    ] {
        bob.says(ticket, &text).await;
        all_sent(app).await;
    }
    to_customer(smtp)
}

/// The tags of the signature.
fn tags(mail: &Taken) -> BTreeMap<String, String> {
    let header = mail.header("DKIM-Signature").unwrap();
    let tag = |part: &str| {
        let (name, value) = part.trim().split_once('=').unwrap();
        (name.to_owned(), value.replace(' ', ""))
    };
    header
        .split(';')
        .filter(|part| !part.trim().is_empty())
        .map(tag)
        .collect()
}

#[actix_web::test]
async fn every_header_that_a_reader_sees_is_signed_and_a_second_sender_would_show() {
    let smtp = Smtp::start().await;
    let app = signing(&smtp, "rsa").await;
    let mails = some_mails(&smtp, &app).await;
    assert_eq!(mails.len(), 2);
    for mail in &mails {
        assert!(mail.raw.starts_with(b"DKIM-Signature: "), "on top");
        let tags = tags(mail);
        let of = |name: &str| tags[name].as_str();
        assert_eq!(
            ["v", "a", "c", "d", "s"].map(of),
            ["1", "rsa-sha256", "relaxed/relaxed", "example.com", "desk"]
        );
        assert!(!tags.contains_key("l") && !tags.contains_key("x"), "{tags:?}");
        let mut signed: Vec<String> = of("h").split(':').map(str::to_lowercase).collect();
        signed.sort();
        let mut there: Vec<String> = mail
            .parsed()
            .headers()
            .iter()
            .map(|header| header.name().to_lowercase())
            .filter(|name| name != "dkim-signature" && !name.starts_with("x-"))
            .collect();
        there.push("from".into());
        there.sort();
        assert_eq!(signed, there);
    }
}

#[actix_web::test]
async fn nothing_is_signed_without_a_key_and_no_file_is() {
    let smtp = Smtp::start().await;
    let app = desk(&smtp).await;
    let mails = some_mails(&smtp, &app).await;
    assert!(mails.iter().all(|mail| mail.header("DKIM-Signature").is_none()));

    let file = key("rsa");
    let app = spawn_app_with(&[
        ("DKIM_KEY_FILE", &file),
        ("DKIM_SELECTOR", "desk"),
        ("EMAIL_SENDER", "desk@example.com"),
        ("MAIL_HOLD_SECONDS", "0"),
    ])
    .await;
    app.nobody().submits(TITLE).await;
    eventually("the files are written", async || is_empty(&app).await).await;
    let files = std::fs::read_dir(app.folder().join("mail")).unwrap();
    let files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    assert!(!files.is_empty());
    for file in files {
        assert!(!std::fs::read_to_string(file).unwrap().contains("DKIM-Signature"));
    }
}

#[actix_web::test]
async fn an_operator_is_told_what_to_publish_or_how_to_begin() {
    let (database, folder) = (Database::empty(), tempfile::tempdir().unwrap());
    let show = |settings: &[(&str, &str)]| {
        let output = run(command(&database, &folder)
            .args(["mail", "dkim"])
            .envs(settings.iter().copied()));
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (code, told, said) = show(&[]);
    assert_eq!((code, told.as_str()), (Some(2), ""));
    for words in [
        "DKIM_KEY_FILE",
        "DKIM_SELECTOR",
        "openssl genrsa -out dkim.pem 2048",
    ] {
        assert!(said.contains(words), "{said}");
    }
    let file = key("rsa");
    let settings = [
        ("DKIM_KEY_FILE", file.as_str()),
        ("DKIM_SELECTOR", "desk"),
        ("EMAIL_SENDER", "云户工单 <desk@example.com>"),
    ];
    let (code, told, said) = show(&settings);
    assert_eq!((code, said.as_str()), (Some(0), ""));
    let (name, value) = record(&told);
    assert_eq!(name, NAME);
    assert!(value.starts_with("v=DKIM1; k=rsa; p=MII"), "{told}");
    let (_, strings) = told.split_once(&format!("{NAME}. IN TXT ")).unwrap();
    assert_eq!(strings.replace("\" \"", "").trim(), format!("\"{value}\""));
    let (code, _, said) = show(&settings[..1]);
    assert_eq!(
        (code, said.contains("DKIM_SELECTOR: ")),
        (Some(2), true),
        "{said}"
    );
}

/// Name and value as `casedesk mail dkim` prints them.
fn record(told: &str) -> (String, String) {
    let of = |label: &str| {
        let line = told.lines().find_map(|line| line.strip_prefix(label)).unwrap();
        line.trim().to_owned()
    };
    (of("name"), of("value"))
}

/// What dkimpy says to each of these mails.
pub fn verdicts(key_name: &str, mails: &[Vec<u8>]) -> Vec<bool> {
    let (database, folder) = (Database::empty(), tempfile::tempdir().unwrap());
    let told = run(command(&database, &folder)
        .args(["mail", "dkim"])
        .env("DKIM_KEY_FILE", key(key_name))
        .env("DKIM_SELECTOR", "desk")
        .env("DKIM_DOMAIN", "example.com"));
    let (name, value) = record(&String::from_utf8(told.stdout).unwrap());
    let files = mails.iter().enumerate().map(|(n, mail)| {
        let file = folder.path().join(format!("{n}.eml"));
        std::fs::write(&file, mail).unwrap();
        file
    });
    python(
        "signatures.py",
        [PathBuf::from(name), PathBuf::from(value)]
            .into_iter()
            .chain(files),
    )
}

/// The mail with one letter of the text after `marker` replaced.
pub fn with_one_byte_changed(raw: &[u8], marker: &str) -> Vec<u8> {
    let at = raw
        .windows(marker.len())
        .position(|window| window == marker.as_bytes())
        .unwrap()
        + marker.len();
    let at = at + raw[at..].iter().position(u8::is_ascii_alphanumeric).unwrap();
    let mut changed = raw.to_vec();
    changed[at] = if raw[at] == b'e' { b'f' } else { b'e' };
    changed
}

#[actix_web::test]
#[ignore = "dkimpy has to be installed: `cargo xtask test` does"]
async fn dkimpy_believes_what_arrives_and_nothing_that_was_changed() {
    for key_name in ["rsa", "rsa_pkcs8", "ed25519"] {
        let smtp = Smtp::start().await;
        let app = signing(&smtp, key_name).await;
        let mails = some_mails(&smtp, &app).await;
        let dotted = |mail: &Taken| mail.raw.windows(3).any(|bytes| bytes == b"\r\n.");
        assert!(mails.iter().any(dotted), "a line begins with a dot");
        let wide = |mail: &Taken| mail.raw.split(|byte| *byte == b'\n').any(|line| line.len() > 998);
        assert!(!mails.iter().any(wide), "no line is too long for a mail server");
        let request = TestRequest { to: CUSTOMER.into() };
        let report = bob(&app).await.call(TestMail, (), request).await.good();
        assert!(report.sent, "{}", report.answer);
        let mails = to_customer(&smtp);
        assert_eq!(mails.len(), 3);
        let raw: Vec<Vec<u8>> = mails.iter().map(|mail| mail.raw.clone()).collect();
        assert_eq!(verdicts(key_name, &raw), [true; 3], "{key_name}");

        let mail = &raw[0];
        let text = String::from_utf8(mail.clone()).unwrap();
        let unsigned = text.split_once("\r\nFrom: ").unwrap().1;
        let changed = [
            with_one_byte_changed(mail, "\r\nSubject: =?utf-8?"),
            with_one_byte_changed(mail, "\r\nFrom: "),
            with_one_byte_changed(mail, "\r\nDate: "),
            with_one_byte_changed(mail, "\r\nList-Unsubscribe: <"),
            with_one_byte_changed(mail, "\r\n\r\n--"),
            [b"From: Eve <eve@example.com>\r\n", mail.as_slice()].concat(),
            [mail.as_slice(), b"more\r\n"].concat(),
            format!("From: {unsigned}").into_bytes(),
        ];
        assert_eq!(verdicts(key_name, &changed), [false; 8], "{key_name}");
    }
}
