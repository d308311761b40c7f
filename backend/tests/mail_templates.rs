//! Mails in the operators' own words: tried before they are stored, taken back, and never a reason that a mail stays away.

use shared::{
    ErrorCode, Lang,
    endpoint::Nothing,
    error::FieldError,
    mail_templates::{
        ListMailTemplates, MAX_SUBJECT, MAX_TEXT, MailTemplate, MailTemplateDraft, MailTemplateKey,
        PreviewMailTemplate, ResetMailTemplate, SaveMailTemplate,
    },
    notifications::NotificationKind,
};

use crate::support::{
    Client, Smtp, TestApp,
    outbox::{all_sent, answered_ticket, bob, to_customer},
    smtp::desk,
    spawn_app,
};

const KEY: MailTemplateKey = MailTemplateKey {
    kind: NotificationKind::Message,
    lang: Lang::Zh,
};

async fn current(agent: &Client) -> MailTemplate {
    let all = agent
        .call(ListMailTemplates, (), Nothing {})
        .await
        .good()
        .templates;
    let of_key = |template: &MailTemplate| (template.kind, template.lang) == (KEY.kind, KEY.lang);
    all.into_iter().find(of_key).unwrap()
}

fn draft(template: &MailTemplate) -> MailTemplateDraft {
    MailTemplateDraft {
        kind: template.kind,
        lang: template.lang,
        subject: "[{{ ticket.number }}] 亲爱的{{ customer.name }}，有回音了".into(),
        text: "{% for message in messages %}{{ message.text }}{% endfor %}\n😀 {{ link }}".into(),
        html: "<p>{{ messages[0].text | breaks if messages }}</p>".into(),
        revision: template.revision,
    }
}

fn parsed(smtp: &Smtp) -> (String, String, String) {
    let mail = to_customer(smtp).pop().unwrap();
    let parsed = mail_parser::MessageParser::default().parse(&mail.raw).unwrap();
    (
        parsed.subject().unwrap().to_owned(),
        parsed.body_text(0).unwrap().into_owned(),
        parsed.body_html(0).unwrap().into_owned(),
    )
}

/// Puts a template past every check into the table, as an older version may have left it.
async fn smuggle(app: &TestApp, subject: &'static str, text: &'static str) {
    let write = move |tx: &mut casedesk::actions::Tx<'_>| {
        let row = casedesk::db::mail_templates::TemplateRow {
            kind: KEY.kind,
            lang: KEY.lang.code().into(),
            subject: subject.into(),
            text_part: text.into(),
            html_part: "<p>h</p>".into(),
            revision: 7,
            changed_at: tx.now,
            changed_by: "old".into(),
        };
        Ok(casedesk::db::mail_templates::insert(tx.conn, &row)?)
    };
    app.app.write(write).await.unwrap();
}

#[actix_web::test]
async fn a_mail_says_what_the_operator_wrote_until_he_takes_it_back() {
    let smtp = Smtp::start().await;
    let app = desk(&smtp).await;
    let bob = bob(&app).await;
    let before = current(&bob).await;
    assert_eq!(
        (before.revision, &before.changed_by, &before.fault),
        (0, &None, &None)
    );
    let saved = bob
        .call(SaveMailTemplate, (), draft(&before))
        .await
        .good()
        .template;
    assert_eq!(saved, current(&bob).await);
    assert!(saved.revision > 0 && saved.changed_at.is_some());
    assert_eq!(saved.changed_by.as_deref(), Some("bob"));
    answered_ticket(&app, "自己的话").await;
    all_sent(&app).await;
    let (subject, text, html) = parsed(&smtp);
    assert!(
        subject.starts_with("[TK") && subject.ends_with("] 亲爱的张三，有回音了"),
        "{subject}"
    );
    assert!(text.starts_with("回复 自己的话\n😀 http"), "{text}");
    // What stands around every mail is still there.
    assert!(
        html.contains("<p>回复 自己的话</p>") && html.contains("不再接收这类邮件"),
        "{html}"
    );

    let back = bob.call(ResetMailTemplate, (), KEY).await.good().template;
    assert_eq!(back, before);
    assert_eq!(current(&bob).await, before);
    answered_ticket(&app, "又是我们的").await;
    all_sent(&app).await;
    assert!(parsed(&smtp).0.contains("有新回复"), "{}", parsed(&smtp).0);
    // There is nothing left to take back, which is no fault.
    bob.call(ResetMailTemplate, (), KEY).await.good();
}

#[actix_web::test]
async fn the_other_language_and_the_other_kinds_stay_as_they_are() {
    let app = spawn_app().await;
    let bob = bob(&app).await;
    let before = bob.call(ListMailTemplates, (), Nothing {}).await.good().templates;
    assert_eq!(before.len(), NotificationKind::ALL.len() * 2);
    bob.call(SaveMailTemplate, (), draft(&current(&bob).await))
        .await
        .good();
    let after = bob.call(ListMailTemplates, (), Nothing {}).await.good().templates;
    let changed: Vec<_> = before
        .iter()
        .zip(&after)
        .filter(|(old, new)| old != new)
        .collect();
    assert_eq!(changed.len(), 1);
    assert_eq!((changed[0].1.kind, changed[0].1.lang), (KEY.kind, KEY.lang));
}

#[actix_web::test]
async fn what_cannot_be_used_is_refused_and_says_where_and_why() {
    let app = spawn_app().await;
    let bob = bob(&app).await;
    let good = draft(&current(&bob).await);
    let long = "长".repeat(MAX_TEXT + 1);
    let title = "长".repeat(MAX_SUBJECT + 1);
    let tried = [
        ("subject", "", "t", "h", None),
        ("subject", title.as_str(), "t", "h", None),
        ("subject", "a\nb", "t", "h", None),
        ("subject", "{% if left_out > 99 %}s{% endif %}", "t", "h", None),
        ("subject", "{{ ticket.title", "t", "h", Some(Some(1))),
        ("text", "s", " \n", "h", None),
        ("text", "s", long.as_str(), "h", None),
        ("text", "s", "a\u{0}b", "h", None),
        ("text", "s", "好\n\n{{ ticket.tilte }}", "h", Some(Some(3))),
        (
            "text",
            "s",
            "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
            "h",
            Some(Some(1)),
        ),
        ("html", "s", "t", "<p>\n{% endif %}", Some(Some(2))),
        ("html", "s", "t", "{{ site | nothing }}", Some(Some(1))),
        ("html", "s", "t", "", None),
    ];
    for (field, subject, text, html, at) in tried {
        let draft = MailTemplateDraft {
            subject: subject.into(),
            text: text.into(),
            html: html.into(),
            ..good.clone()
        };
        let preview = bob
            .call(PreviewMailTemplate, (), draft.clone())
            .await
            .refused_field(field);
        let save = bob.call(SaveMailTemplate, (), draft).await.refused_field(field);
        assert_eq!(preview.fields, save.fields);
        let fault = &save.fields[field];
        match (&fault.error, at) {
            (
                FieldError::Template { line, reason } | FieldError::UnknownWord { line, word: reason },
                Some(at),
            ) => {
                assert_eq!(*line, at, "{reason}");
                assert!(
                    fault.message.contains(reason.as_str()) && !reason.is_empty(),
                    "{fault:?}"
                );
            }
            (error, at) => assert!(at.is_none(), "{subject} {text} {html}: {error:?}"),
        }
    }
    assert_eq!(current(&bob).await.revision, 0);
    for body in [
        r#"{"kind":"no_such","lang":"zh","subject":"s","text":"t","html":"h"}"#,
        r#"{"kind":"message","lang":"fr","subject":"s","text":"t","html":"h"}"#,
        r#"{"lang":"zh","subject":"s","text":"t","html":"h"}"#,
    ] {
        let request = bob
            .request("POST", "/case/api/mails/templates")
            .header("content-type", "application/json")
            .body(body);
        bob.send(request).await.refused(ErrorCode::ValidationFailed);
    }
}

#[actix_web::test]
async fn a_preview_shows_the_mail_and_stores_nothing() {
    let app = spawn_app().await;
    let bob = bob(&app).await;
    let shown = bob
        .call(PreviewMailTemplate, (), draft(&current(&bob).await))
        .await
        .good();
    assert_eq!(shown.subject, "[TK202602060001] 亲爱的张三，有回音了");
    assert!(
        shown.text.contains("网络状态") && shown.html.starts_with("<!doctype html>"),
        "{shown:?}"
    );
    assert_eq!(current(&bob).await.revision, 0);
}

#[actix_web::test]
async fn two_who_change_the_same_template_do_not_undo_each_other() {
    let app = spawn_app().await;
    let bob = bob(&app).await;
    let eve = app.agent("eve").await;
    let seen = current(&bob).await;
    let bobs = bob.call(SaveMailTemplate, (), draft(&seen)).await.good().template;
    eve.call(SaveMailTemplate, (), draft(&seen))
        .await
        .refused(ErrorCode::TemplateChanged);
    let eves = eve.call(SaveMailTemplate, (), draft(&bobs)).await.good().template;
    assert!(eves.revision > bobs.revision);
    // What was written from a template that is gone does not bring it back.
    bob.call(ResetMailTemplate, (), KEY).await.good();
    eve.call(SaveMailTemplate, (), draft(&eves))
        .await
        .refused(ErrorCode::TemplateChanged);
    let both = futures_util::future::join_all(
        [&bob, &eve].map(async |agent| agent.call(SaveMailTemplate, (), draft(&seen)).await.status()),
    )
    .await;
    assert!(both.contains(&200) && both.contains(&409), "{both:?}");
}

#[actix_web::test]
async fn a_broken_template_never_stops_a_mail() {
    let smtp = Smtp::start().await;
    for (subject, text) in [
        ("s", "{{ ticket.gone_since_the_last_version }}"),
        ("{{ broken", "t"),
        (
            "s",
            "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
        ),
        ("{{ '' }}", "t"),
    ] {
        let app = desk(&smtp).await;
        smuggle(&app, subject, text).await;
        let known = to_customer(&smtp).len();
        answered_ticket(&app, "还是要到").await;
        all_sent(&app).await;
        assert_eq!(to_customer(&smtp).len(), known + 1, "{subject} {text}");
        let (subject, text, _) = parsed(&smtp);
        assert!(
            subject.contains("有新回复") && text.contains("回复 还是要到"),
            "{subject} {text}"
        );
        let shown = current(&bob(&app).await).await;
        assert!(
            shown.fault.is_some(),
            "the page says that it cannot be used: {shown:?}"
        );
        app.stop().await;
    }
}

#[actix_web::test]
async fn the_preview_has_a_frame_of_its_own_where_only_its_script_runs() {
    let app = spawn_app().await;
    let page = app.nobody().get("/case/mail-preview").await;
    assert_eq!(page.headers["x-frame-options"], "SAMEORIGIN");
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("default-src 'none'; script-src 'sha256-"),
        "{policy}"
    );
    assert!(policy.contains("style-src 'unsafe-inline'") && policy.contains("frame-ancestors 'self'"));
    assert!(policy.contains("sandbox allow-scripts") && !policy.contains("allow-same-origin"));
    // Every other page stays as strict as it was.
    let other = app.nobody().get("/case/login").await;
    assert_eq!(other.headers["x-frame-options"], "DENY");
    let policy = other.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("style-src 'self';") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
}
