//! Sending what the outbox holds, one mail at a time: claim, commit, and only then send.

use std::{
    sync::{MutexGuard, PoisonError},
    time::Duration,
};

use shared::{EmailAddress, ErrorCode, NotificationId, TicketId, UserId, notifications::NotificationKind};
use tokio::time::{Instant, sleep, timeout_at};

use super::{
    App,
    mailer::{Mailer, Outcome, Parcel},
};
use crate::{
    actions::{
        mails, notify,
        outbox::{self, Fate, Mail, Next},
    },
    domain::{
        actor::Actor,
        mail::{Rendered, mime, template},
    },
    error::{Error, Result},
};

/// How often to look for what has become due.
const POLL: Duration = Duration::from_millis(500);
/// While the mail server or the database cannot be used: the first pause, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// How long somebody who looks waits for what he was told to be made his own; the rest is made in a moment.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often to look for what is to be told, while there is nothing, and after it could not be done.
const SPREAD_POLLS: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(5));
/// A backlog gets one part of so many of the time: the others are for those who ask something of the database.
const SPREAD_SHARE: u32 = 4;

/// What operators see while the database refuses.
const TROUBLED: &str = "the outbox cannot be read or changed: the server's log says why";

/// What one step of sending came to.
enum Stepped {
    /// There may be more.
    On,
    Idle,
    /// The mail server cannot be used.
    Down,
}

impl App {
    /// Sends mails for as long as `stop` has not come. A mail under way is finished first.
    pub async fn send_mail(&self, mailer: &mut Mailer, stop: tokio::sync::watch::Receiver<bool>) {
        let me = uuid::Uuid::new_v4().to_string();
        if self.db.is_sqlite()
            && let Err(error) = self.write(outbox::release).await
        {
            error.log();
        }
        let (mut pause, mut troubled) = (PAUSES.0, false);
        let mut new_tickets_may_lead = true;
        while !*stop.borrow() {
            let stepped = self.send_next(mailer, &me, &mut new_tickets_may_lead).await;
            if stepped.is_ok() && std::mem::take(&mut troubled) {
                self.down().take_if(|why| why == TROUBLED);
            }
            let wait = match stepped {
                Ok(Stepped::On) => {
                    pause = PAUSES.0;
                    continue;
                }
                Ok(Stepped::Idle) => {
                    self.forget_trouble().await;
                    pause = PAUSES.0;
                    mailer.rest().await;
                    POLL
                }
                Ok(Stepped::Down) => longer(&mut pause),
                Err(error) => {
                    error.log();
                    troubled = true;
                    *self.down() = Some(TROUBLED.into());
                    longer(&mut pause)
                }
            };
            self.wait_for_mail(wait, stop.clone()).await;
        }
        mailer.close().await;
    }

    /// Before somebody looks at what he was told, it is made his own. Whoever comes at the same time waits for that
    /// instead of doing it too. If it takes long or cannot be done, he sees what there is.
    pub async fn catch_up(&self, actor: &Actor) {
        if actor.account().is_some()
            && let Err(error) = self.spread_all(Instant::now() + PATIENCE).await
        {
            error.log();
        }
    }

    async fn spread_all(&self, until: Instant) -> Result<()> {
        while !self.read(notify::is_spread).await? {
            let Ok(_alone) = timeout_at(until, self.spreading.lock()).await else {
                return Ok(());
            };
            if Instant::now() >= until || self.write(notify::spread).await? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Makes notifications of what people are to be told once its mails may go out, for as long as the process lives:
    /// whoever looks then finds little left to do, however long no mail could be sent.
    pub async fn spread_notices(&self) {
        loop {
            let began = Instant::now();
            let pause = match self.spread_some().await {
                Ok(true) => SPREAD_POLLS.0,
                Ok(false) => began.elapsed() * (SPREAD_SHARE - 1),
                Err(error) => {
                    error.log();
                    SPREAD_POLLS.1
                }
            };
            sleep(pause).await;
        }
    }

    async fn spread_some(&self) -> Result<bool> {
        if !self.read(notify::is_any_due).await? {
            return Ok(true);
        }
        let _alone = self.spreading.lock().await;
        self.write(notify::spread_due).await
    }

    async fn wait_for_mail(&self, at_most: Duration, mut stop: tokio::sync::watch::Receiver<bool>) {
        tokio::select! {
            () = sleep(at_most) => {}
            _ = stop.changed() => {}
        }
    }

    async fn send_next(
        &self,
        mailer: &mut Mailer,
        me: &str,
        new_tickets_may_lead: &mut bool,
    ) -> Result<Stepped> {
        if !self.read(outbox::is_due).await? {
            return Ok(Stepped::Idle);
        }
        let (app, by) = (self.clone(), me.to_owned());
        let may_lead = *new_tickets_may_lead;
        let row = match self.write(move |tx| outbox::claim(tx, &by, may_lead)).await? {
            Next::Nothing | Next::Enough => return Ok(Stepped::Idle),
            Next::Passed => return Ok(Stepped::On),
            Next::Claimed(row) => row,
        };
        let (id, kind, by) = (row.id, row.kind, me.to_owned());
        let making =
            self.write(move |tx| outbox::make(tx, &by, &row, &|ticket, user| app.attends(ticket, user)));
        let made = making.await;
        *new_tickets_may_lead = !matches!(made, Ok(None)) || kind != NotificationKind::Created;
        let mail = match made {
            Ok(Some(mail)) => mail,
            Ok(None) => return Ok(Stepped::On),
            Err(error) => {
                let words = "the mail could not be made: the server's log says why".to_owned();
                if matches!(error.code(), ErrorCode::DatabaseUnavailable | ErrorCode::Busy) {
                    *self.down() = Some(TROUBLED.into());
                    self.settle(id, None, me, Fate::Down(words)).await;
                    return Err(error);
                }
                error.log();
                self.settle(id, None, me, Fate::Later(words)).await;
                return Ok(Stepped::On);
            }
        };
        let (fate, down) = match self.parcel(&mail) {
            Ok(parcel) => {
                let outcome = mailer.send(&parcel).await;
                self.note(&mail, &outcome);
                fate_of(outcome)
            }
            Err(error) => {
                error.log();
                (Fate::Later("the mail could not be written".into()), None)
            }
        };
        let is_down = down.is_some();
        *self.down() = down;
        self.settle(mail.id, Some(&mail.envelope.to), me, fate).await;
        Ok(if is_down { Stepped::Down } else { Stepped::On })
    }

    /// Notes what became of a mail, also if the database is away for a while: a mail that was sent must not be sent again
    /// for it. After that while another server may take it for left behind.
    async fn settle(&self, id: NotificationId, to: Option<&EmailAddress>, me: &str, fate: Fate) {
        let mut pause = PAUSES.0;
        let until = Instant::now() + outbox::LEASE.to_std().unwrap_or_default();
        while Instant::now() < until {
            let (by, to, fate) = (me.to_owned(), to.cloned(), fate.clone());
            match self
                .write(move |tx| outbox::settle(tx, id, &by, to.as_ref(), &fate))
                .await
            {
                Ok(()) => return,
                Err(error) => error.log(),
            }
            sleep(longer(&mut pause)).await;
        }
    }

    fn down(&self) -> MutexGuard<'_, Option<String>> {
        self.mail_down.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Once no mail waits, nobody knows whether one could be sent.
    async fn forget_trouble(&self) {
        let is_down = self.mail_down().is_some();
        if is_down
            && self
                .read(mails::count)
                .await
                .is_ok_and(|(waiting, _)| waiting == 0)
        {
            *self.down() = None;
        }
    }

    /// Why no mail can be sent at the moment.
    pub(super) fn mail_down(&self) -> Option<String> {
        self.down().clone()
    }

    /// Of the server's words only the code is logged: they may name the recipient.
    fn note(&self, mail: &Mail, outcome: &Outcome) {
        let (outcome, refusal) = match outcome {
            Outcome::Sent(_) => ("sent", None),
            Outcome::Later(refusal) => ("later", Some(refusal)),
            Outcome::Never(refusal) => ("failed", Some(refusal)),
            Outcome::Slower(refusal) | Outcome::Down(refusal) => ("down", Some(refusal)),
        };
        self.metrics.mail(outcome);
        let (id, kind) = (mail.id.0, mail.kind.as_str());
        match refusal {
            None => tracing::debug!(notification.id = id, kind, "a mail was sent"),
            Some(refusal) => {
                let (step, code) = (refusal.step.name(), refusal.code.unwrap_or_default());
                tracing::warn!(
                    notification.id = id,
                    kind,
                    outcome,
                    step,
                    code,
                    "a mail was not sent"
                );
            }
        }
    }

    /// Has this person the ticket open and in front of him, here or at another server?
    fn attends(&self, ticket: TicketId, user: UserId) -> bool {
        self.people(ticket)
            .iter()
            .any(|person| person.user_id == user && !person.hidden)
    }

    fn parcel(&self, mail: &Mail) -> Result<Parcel> {
        let config = &self.config().mail;
        let rendered = self.render(mail)?;
        let encoding = if config.smtp.is_some() {
            mime::Encoding::Transport(config.dkim.as_deref())
        } else {
            mime::Encoding::Readable
        };
        let bytes = mime::message(
            &mail.envelope,
            &mail.thread,
            &rendered,
            self.env.clock.now(),
            Some(&mail.unsubscribe),
            encoding,
        )
        .map_err(|error| Error::internal(error.into()))?;
        Ok(Parcel {
            name: file_name(mail),
            from: mail.envelope.from.clone(),
            to: mail.envelope.to.clone(),
            bytes,
        })
    }

    fn render(&self, mail: &Mail) -> Result<Rendered> {
        let frame = template::Frame {
            lang: mail.lang,
            unsubscribe: Some(&mail.unsubscribe),
        };
        if let Some(own) = &mail.template {
            match template::render(own, &mail.words, frame) {
                Ok(rendered) if !rendered.subject.is_empty() => return Ok(rendered),
                // A mail in our words is better than none.
                Ok(_) => tracing::warn!(kind = mail.kind.as_str(), "a mail template makes no subject"),
                Err(fault) => tracing::warn!(kind = mail.kind.as_str(), %fault, "a mail template fails"),
            }
        }
        let built_in = template::Template::built_in(mail.kind, mail.lang);
        template::render(&built_in, &mail.words, frame)
            .map_err(|fault| Error::internal(anyhow::anyhow!("a built-in mail template fails: {fault}")))
    }
}

/// The pause, which is twice as long the next time.
fn longer(pause: &mut Duration) -> Duration {
    let now = *pause;
    *pause = (now * 2).min(PAUSES.1);
    now
}

/// The mail's number, kind and recipient; of an address only what every file system takes.
fn file_name(mail: &Mail) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@._+-".contains(c);
    let to = mail.envelope.to.as_str().chars();
    let to: String = to.map(|c| if plain(c) { c } else { '_' }).take(100).collect();
    format!("{:06}-{}-{to}", mail.id.0, mail.kind)
}

/// What becomes of the mail, and why no other can be sent for a moment, if that is so.
fn fate_of(outcome: Outcome) -> (Fate, Option<String>) {
    match outcome {
        Outcome::Sent(words) => (Fate::Sent(words), None),
        Outcome::Later(refusal) if refusal.leaves_open() => (Fate::Perhaps(refusal.to_string()), None),
        Outcome::Later(refusal) => (Fate::Later(refusal.to_string()), None),
        Outcome::Never(refusal) => (Fate::Never(refusal.to_string()), None),
        Outcome::Slower(refusal) => (Fate::Later(refusal.to_string()), Some(refusal.to_string())),
        Outcome::Down(refusal) => (Fate::Down(refusal.to_string()), Some(refusal.to_string())),
    }
}
