//! Whatever people write, a mail says it and does nothing else; read by Python's parser, which is not ours.

use std::{collections::BTreeSet, path::PathBuf};

use base64::Engine;
use serde::Deserialize;
use shared::{
    Lang, Status,
    mails::{MailChoices, SetMailChoices},
    tickets::{AssignTicket, AssigneeRef, Assignment, CreateTicket},
};

use crate::support::{
    Smtp,
    database::is_mysql,
    eventually, new_ticket,
    outbox::{CUSTOMER, is_empty, to_customer},
    process::python,
    smtp::{Taken, desk_with},
};

/// A mail as Python's parser sees it.
#[derive(Debug, Deserialize)]
pub struct Seen {
    pub headers: Vec<String>,
    pub defects: Vec<String>,
    pub from: Vec<(String, String)>,
    pub to: Vec<(String, String)>,
    pub subject: String,
    pub parts: Vec<String>,
    pub text: String,
    pub html: String,
    pub tags: BTreeSet<String>,
    pub attributes: BTreeSet<String>,
    pub links: Vec<String>,
}

fn seen_of(mails: &[Taken]) -> Vec<Seen> {
    let folder = tempfile::tempdir().unwrap();
    let files = mails.iter().enumerate().map(|(n, mail)| {
        let file = folder.path().join(format!("{n:04}.eml"));
        std::fs::write(&file, &mail.raw).unwrap();
        file
    });
    seen(&files.collect::<Vec<_>>())
}

/// The mails in these files.
pub fn seen(files: &[PathBuf]) -> Vec<Seen> {
    python("mails.py", files)
}

/// What has been tried on other systems, and on ours as rows of an old one, which checked nothing.
fn evil() -> Vec<String> {
    let hidden = base64::engine::general_purpose::STANDARD.encode("x\r\nBcc: evil@evil.cn\r\n\r\nx");
    vec![
        "标题\r\nBcc: evil@evil.cn\r\nContent-Type: text/html\r\n\r\n<b>x</b>".into(),
        format!("=?utf-8?B?{hidden}?= =?utf-8?Q?=0D=0ABcc:_evil@evil.cn?="),
        "\u{202e}gpj.exe {{ 1234 * 5678 }}{% for x in ticket %}{{ ticket.__class__ }}{# #}".into(),
        "<script>alert(1)</script><img src=http://evil.cn/x.png onerror=alert(1)>\"'><a href=http://evil.cn>"
            .into(),
        "\"Bob\" <evil@evil.cn>, other@evil.cn; group: evil@evil.cn;".into(),
        "长".repeat(250),
        ".\r\n.\r\nMAIL FROM:<evil@evil.cn>\r\nRCPT TO:<evil@evil.cn>\r\nDATA\r\n.\r\n".into(),
        "javascript:alert(1) http://evil.cn/ &lt;b&gt; &#60;script&#62; \u{7}\u{1b}[31m 😀 𠮷".into(),
    ]
}

#[actix_web::test]
async fn every_mail_has_its_headers_its_recipient_and_our_links_alone() {
    for lang in [Lang::Zh, Lang::En] {
        every_mail_is_in_order(lang).await;
    }
}

async fn every_mail_is_in_order(lang: Lang) {
    let smtp = Smtp::start().await;
    let app = desk_with(&smtp, &[("MAIL_HOLD_SECONDS", "60")]).await;
    let (bob, eve) = (app.agent("bob").await, app.agent("eve").await);
    for agent in [&bob, &eve] {
        let choices = MailChoices {
            kinds: Vec::new(),
            lang,
        };
        agent.call(SetMailChoices, (), choices).await.good();
    }
    for words in evil() {
        let guest = app.nobody();
        let request = guest
            .request_of(CreateTicket, (), &new_ticket("坏"))
            .header("accept-language", lang.tag());
        let ticket = guest.send_as(CreateTicket, request).await.good().ticket_id;
        let name: String = words.replace('\'', "").chars().take(40).collect();
        app.database.execute(&format!(
            "UPDATE users SET full_name = '{name}' WHERE username IN ('bob', 'eve')"
        ));
        let said = bob.says(ticket, "坏").await;
        let assignment = Assignment {
            assignee: Some(Some(AssigneeRef::Name("eve".into()))),
        };
        bob.call(AssignTicket, ticket, assignment).await.good();
        bob.moves(ticket, Status::Resolved).await;
        // The API refuses most of this in one-line fields; a row of the old system may hold it all the same.
        let quoted = words.replace('\'', "''");
        let short: String = quoted
            .chars()
            .take(100)
            .collect::<String>()
            .trim_end_matches('\'')
            .replace("''", "");
        app.database.execute(&format!(
            "UPDATE tickets SET title = '{quoted}', description = '{quoted}', resolution = '{quoted}', \
             customer_name = '{short}', customer_phone = 'x{{{{ 1 }}}}' WHERE id = {ticket}"
        ));
        app.database.execute(&format!(
            "UPDATE messages SET content = '{quoted}', sender_name = '{short}' WHERE id = {}",
            said.id
        ));
    }
    // A status by itself, after the messages have gone.
    app.clock.advance(61);
    eventually("the outbox is empty", async || is_empty(&app).await).await;
    let first = smtp.taken().len();
    for row in app.database.texts("SELECT CAST(id AS CHAR) AS t FROM tickets") {
        bob.moves(shared::TicketId(row.unwrap().parse().unwrap()), Status::Closed)
            .await;
    }
    app.clock.advance(61);
    eventually("the outbox is empty", async || is_empty(&app).await).await;
    let mails = smtp.taken();
    assert_eq!(mails.len() - first, evil().len());
    assert!(
        first >= 4 * evil().len(),
        "created for each agent, said, assigned: {first}"
    );

    let allowed: BTreeSet<&str> = [
        "From",
        "To",
        "Reply-To",
        "Subject",
        "Date",
        "Message-ID",
        "In-Reply-To",
        "References",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "X-Outbox-Id",
        "List-Id",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
        "MIME-Version",
        "Content-Type",
    ]
    .into();
    let tags: BTreeSet<String> = [
        "a", "body", "br", "head", "html", "meta", "p", "span", "style", "table", "td", "title", "tr",
    ]
    .map(str::to_owned)
    .into();
    let home = format!("http://{}/case/", app.address);
    for (mail, taken) in seen_of(&mails).into_iter().zip(&mails) {
        let shown = format!("{mail:#?}");
        for (name, value) in [
            ("Auto-Submitted", "auto-generated"),
            ("X-Auto-Response-Suppress", "All"),
            ("Reply-To", "<desk@example.com>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ] {
            assert_eq!(taken.header(name).as_deref(), Some(value), "{shown}");
        }
        let list = taken.header("List-Id").unwrap();
        assert!(list.ends_with(".example.com>"), "{list}");
        let to_admin = taken.to == ["admin@example.com"];
        let written_in = format!("lang=\"{}\"", lang.tag());
        assert!(to_admin || taken.html().contains(&written_in), "{shown}");
        let names: BTreeSet<&str> = mail.headers.iter().map(String::as_str).collect();
        assert_eq!(names, allowed, "{shown}");
        assert_eq!(mail.headers.len(), allowed.len(), "each once: {shown}");
        assert!(mail.defects.is_empty(), "{shown}");
        let [(_, from)] = mail.from.as_slice() else {
            panic!("{shown}")
        };
        let [(_, to)] = mail.to.as_slice() else {
            panic!("{shown}")
        };
        assert_eq!(
            (from.as_str(), [to.clone()].as_slice()),
            ("desk@example.com", taken.to.as_slice())
        );
        assert!(
            [
                CUSTOMER,
                "bob@example.com",
                "eve@example.com",
                "admin@example.com"
            ]
            .contains(&to.as_str()),
            "{shown}"
        );
        assert!(
            mail.subject.starts_with("[TK") && !mail.subject.contains(['\r', '\n']),
            "{shown}"
        );
        assert_eq!(mail.parts, ["multipart/alternative", "text/plain", "text/html"]);
        assert!(mail.tags.is_subset(&tags), "{:?}", mail.tags.difference(&tags));
        assert!(
            mail.attributes.iter().all(|name| !name.starts_with("on")),
            "{shown}"
        );
        assert!(
            mail.links.iter().all(|link| link.starts_with(&home)),
            "{:?}",
            mail.links
        );
        assert!(
            !mail.text.contains("7006652") && !mail.html.contains("7006652"),
            "a template in a text ran: {shown}"
        );
    }
    // What was said is there, letter by letter.
    let told = seen_of(&mails);
    for words in evil() {
        let plain = casedesk::domain::mail::plain(&words);
        let plain = plain.trim();
        assert!(
            told.iter()
                .any(|mail| mail.text.replace("\r\n", "\n").contains(plain)),
            "{words}"
        );
        let flat = plain.replace('\n', "");
        assert!(told.iter().any(|mail| mail.html.contains(&flat)), "{words}");
    }
    drop(eve);
}

#[actix_web::test]
async fn a_title_without_end_and_one_with_a_nul_make_mails_all_the_same() {
    let smtp = Smtp::start().await;
    let app = desk_with(&smtp, &[]).await;
    let bob = app.agent("bob").await;
    // As an old system may have stored them; MySQL's column ends a title by itself.
    let (nul, long) = match is_mysql() {
        true => ("CONCAT('a', CHAR(0), 'b')", "REPEAT('x', 200)"),
        false => ("'a' || char(0) || 'b'", "hex(zeroblob(500000))"),
    };
    let most = if is_mysql() { "REPEAT('x', 100)" } else { long };
    for (title, name) in [(nul, nul), (long, most)] {
        let ticket = app.nobody().submits("标题").await;
        app.database.execute(&format!(
            "UPDATE tickets SET title = {title}, customer_name = {name}, description = {nul} WHERE id = {ticket}"
        ));
        bob.says(ticket, "收到").await;
        eventually("the outbox is empty", async || is_empty(&app).await).await;
        let mail = to_customer(&smtp).pop().unwrap();
        assert!(mail.text().contains("收到"));
        assert!(mail.subject().chars().count() <= 200, "{}", mail.subject().len());
        assert!(
            !mail.raw.contains(&0) && mail.raw.len() < 100_000,
            "{} bytes",
            mail.raw.len()
        );
    }
    assert_eq!(to_customer(&smtp).len(), 2);
}
