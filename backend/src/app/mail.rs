//! Mail as operators ask about it: how it leaves, how the outbox stands, and whether the server takes one.

use chrono::NaiveDateTime;
use shared::{
    EmailAddress, Lang, NotificationId, Permission,
    check::Check,
    mails::{ChangedMails, MailStatus, MailWay, Speaker, TestLine, TestReport},
};

use super::{
    App,
    mailer::{self, Parcel},
};
use crate::{
    actions::{self, Tx, mails},
    config::{Config, MailConfig},
    domain::{
        actor::Actor,
        mail::{Envelope, Rendered, Thread, mime},
    },
    error::{Error, Result},
};

impl App {
    /// How mails leave, and how the outbox stands.
    pub async fn mail_status(&self, actor: &Actor) -> Result<MailStatus> {
        actor.with(Permission::ManageMail)?;
        let (waiting, failed) = self.read(mails::count).await?;
        let config = &self.config().mail;
        let (way, place) = match &config.smtp {
            Some(smtp) => (MailWay::Smtp, format!("{}:{}", smtp.server, smtp.port)),
            None => (MailWay::Files, config.folder.display().to_string()),
        };
        Ok(MailStatus {
            way,
            place,
            sender: config.sender.to_string(),
            waiting,
            failed,
            unverified: config.smtp.as_ref().is_some_and(|smtp| smtp.unverified),
            down: self.mail_down(),
        })
    }

    /// Lets all mails go that have failed.
    pub async fn retry_failed_mails(&self, actor: &Actor) -> Result<ChangedMails> {
        self.change_failed(actor, mails::retry_failed).await
    }

    /// Gives all mails up that have failed.
    pub async fn cancel_failed_mails(&self, actor: &Actor) -> Result<ChangedMails> {
        let cancel = |tx: &mut Tx<'_>, actor: &Actor, some: &[NotificationId], _| {
            mails::cancel_failed(tx, actor, some)
        };
        self.change_failed(actor, cancel).await
    }

    /// A portion in each transaction. `change` learns how many were changed before.
    async fn change_failed(
        &self,
        actor: &Actor,
        change: fn(&mut Tx<'_>, &Actor, &[NotificationId], i64) -> Result<i64>,
    ) -> Result<ChangedMails> {
        let asker = actor.clone();
        let failed = self.read(move |tx| mails::list_failed(tx, &asker)).await?;
        let mut changed = 0;
        for some in failed {
            let (asker, before) = (actor.clone(), changed);
            changed += self.write(move |tx| change(tx, &asker, &some, before)).await?;
        }
        Ok(ChangedMails { changed })
    }

    /// Removes mails that were written as files longer ago than mails are remembered; how many.
    pub async fn sweep_mail_files(&self) -> Result<usize> {
        let folder = self.config().mail.folder.clone();
        let before = (self.env.clock.now() - actions::outbox::KEPT).and_utc();
        let sweeping = tokio::task::spawn_blocking(move || mailer::files::sweep(&folder, before.into()));
        let swept = sweeping.await.map_err(|error| Error::internal(error.into()))?;
        swept.map_err(|error| Error::internal(error.into()))
    }

    /// Sends a test mail past the outbox.
    pub async fn test_mail(&self, actor: &Actor, to: &str, lang: Lang) -> Result<TestReport> {
        actor.with(Permission::ManageMail)?;
        try_mail(self.config(), self.env.clock.now(), to, lang).await
    }
}

/// The same for whoever sits at the server's own terminal: no database is needed for it.
pub async fn try_mail(config: &Config, now: NaiveDateTime, to: &str, lang: Lang) -> Result<TestReport> {
    let mut check = Check::new();
    let to = check.email("to", Some(to));
    check.done()?;
    let Some(to) = to else {
        return Err(Error::internal(anyhow::anyhow!("an address that is none")));
    };
    let helo = config.http.name();
    let config = &config.mail;
    let parcel = test_parcel(config, now, to, lang)?;
    let Some(smtp) = &config.smtp else {
        let folder = config.folder.display();
        return Ok(TestReport {
            sent: false,
            answer: lang
                .pick("还没有设置邮件服务器", "No mail server is set")
                .to_owned(),
            hint: Some(match lang {
                Lang::Zh => format!(
                    "邮件现在写成 .eml 文件，放在 {folder}。设置 SMTP_SERVER、SMTP_USERNAME、SMTP_PASSWORD 后重启即可发送。"
                ),
                Lang::En => format!(
                    "Mails become .eml files in {folder}. Set SMTP_SERVER, SMTP_USERNAME and SMTP_PASSWORD and restart to send them."
                ),
            }),
            lines: Vec::new(),
        });
    };
    let (transcript, outcome) = mailer::rehearse(smtp, &helo, &parcel).await;
    let line = |line: mailer::Line| TestLine {
        speaker: match line.speaker {
            mailer::Speaker::Client => Speaker::Client,
            mailer::Speaker::Server => Speaker::Server,
            mailer::Speaker::Note => Speaker::Note,
        },
        text: line.text,
    };
    let hint = outcome
        .as_ref()
        .err()
        .and_then(|refusal| mailer::advice(refusal, &smtp.server, lang));
    Ok(TestReport {
        sent: outcome.is_ok(),
        answer: outcome.unwrap_or_else(|refusal| refusal.to_string()),
        hint: hint.map(str::to_owned),
        lines: transcript.0.into_iter().map(line).collect(),
    })
}

fn test_parcel(config: &MailConfig, now: NaiveDateTime, to: EmailAddress, lang: Lang) -> Result<Parcel> {
    let site = lang.pick("云户工单", "CaseDesk");
    let words = lang.pick(
        "收到这封邮件，说明云户工单的发信设置是好的。",
        "If you read this, CaseDesk can send mail.",
    );
    let id = uuid::Uuid::new_v4().simple().to_string();
    let domain = config.sender.as_str().rsplit('@').next().unwrap_or_default();
    let thread = Thread {
        id: format!("{id}@{domain}"),
        root: format!("test@{domain}"),
        previous: None,
        outbox_id: 0,
    };
    let envelope = Envelope {
        from: config.sender.clone(),
        from_name: site.to_owned(),
        to: to.clone(),
        to_name: String::new(),
    };
    let rendered = Rendered {
        subject: lang.pick("云户工单测试邮件", "CaseDesk test mail").to_owned(),
        text: format!("{words}\n"),
        html: format!("<!doctype html><html><body><p>{words}</p></body></html>"),
    };
    let bytes = mime::message(
        &envelope,
        &thread,
        &rendered,
        now,
        None,
        mime::Encoding::Transport(config.dkim.as_deref()),
    )
    .map_err(|error| Error::internal(error.into()))?;
    Ok(Parcel {
        name: format!("test-{id}"),
        from: config.sender.clone(),
        to,
        bytes,
    })
}
