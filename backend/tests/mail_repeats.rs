//! A mail that may have arrived and is sent again: whatever happened meanwhile, it tells the same.

use std::sync::atomic::{AtomicUsize, Ordering};

use shared::{
    Status, TicketId,
    endpoint::Nothing,
    mails::{ListMails, MailQuery, RetryMail},
    notifications::{
        ListNotifications, MailState, Notification, NotificationQuery, ReadNotifications, ReadRequest,
    },
    tickets::{Choice, CreateTicket, NewTicket},
};

use crate::support::{
    Client, Smtp, TestApp, eventually, new_ticket,
    outbox::{HOUR, answered, bob, is_empty},
    smtp::{Act, Taken, desk_with},
};

const ANN: &str = "ann@example.com";

/// Ann's ticket, at a mail server that takes her first mail and is cut off before it says so.
struct CutOff {
    smtp: Smtp,
    app: TestApp,
    ann: Client,
    bob: Client,
    ticket: TicketId,
}

impl CutOff {
    async fn start() -> Self {
        Self::with(&[]).await
    }

    /// The same, with these acts at her `RCPT TO` first.
    async fn with(first: &'static [Act]) -> Self {
        let smtp = Smtp::start().await;
        let (cut, tried) = (AtomicUsize::new(0), AtomicUsize::new(0));
        smtp.script(move |moment| match moment.step {
            "rcpt" if moment.text.contains(ANN) => {
                let tried = tried.fetch_add(1, Ordering::Relaxed);
                first.get(tried).cloned().unwrap_or(Act::Usual)
            }
            "message"
                if moment.text.contains(&format!("<{ANN}>")) && cut.fetch_add(1, Ordering::Relaxed) == 0 =>
            {
                Act::TakeAndCut
            }
            _ => Act::Usual,
        });
        let app = desk_with(&smtp, &[("MAIL_HOLD_SECONDS", "60")]).await;
        let (ann, bob) = (app.customer("ann").await, bob(&app).await);
        let input = NewTicket {
            customer_email: Some(ANN.into()),
            ..new_ticket("说到一半")
        };
        let ticket = ann.call(CreateTicket, (), input).await.good().ticket_id;
        Self {
            smtp,
            app,
            ann,
            bob,
            ticket,
        }
    }

    /// She reads some of what she was told, the newest first, at the bell.
    async fn reads_at_bell(&self, some: impl Fn(usize, &Notification) -> bool) {
        let list = self
            .ann
            .call(ListNotifications, (), NotificationQuery::default())
            .await
            .good();
        let told = list.notifications.iter().enumerate();
        let ids = told.filter(|(n, one)| some(*n, one)).map(|(_, one)| one.id);
        let read = ReadRequest {
            ids: ids.collect(),
            all: false,
        };
        self.ann.call(ReadNotifications, (), read).await.good();
    }

    async fn tries_once(&self) {
        self.app.clock.advance(61);
        answered(&self.app, "cut").await;
    }

    /// The agent sends the one mail again that has failed.
    async fn sends_failed_again(&self) {
        let query = MailQuery {
            state: Choice::Is(MailState::Failed),
            ..MailQuery::default()
        };
        let failed = self.bob.call(ListMails, (), query).await.good().mails;
        assert_eq!(failed.len(), 1);
        self.bob.call(RetryMail, failed[0].id, Nothing {}).await.good();
    }

    /// Her mails, once all are sent.
    async fn hers(&self) -> Vec<Taken> {
        self.app.clock.advance(HOUR);
        eventually("all is sent", async || is_empty(&self.app).await).await;
        let mut hers = self.smtp.taken();
        hers.retain(|mail| mail.to == [ANN]);
        hers
    }
}

/// What must be the same.
fn seen(mail: &Taken) -> (String, String, String) {
    (mail.id(), mail.subject(), mail.text())
}

#[actix_web::test]
async fn what_was_read_meanwhile_does_not_change_a_mail_that_may_have_arrived() {
    let desk = CutOff::start().await;
    desk.bob.says(desk.ticket, "第一句").await;
    desk.bob.moves(desk.ticket, Status::Resolved).await;
    desk.tries_once().await;
    // She reads one of them, and the ticket is taken up again.
    desk.reads_at_bell(|n, _| n == 0).await;
    desk.bob.moves(desk.ticket, Status::Processing).await;
    let hers = desk.hers().await;
    assert_eq!(hers.len(), 3);
    assert_eq!(seen(&hers[0]), seen(&hers[1]));
}

#[actix_web::test]
async fn what_was_read_before_the_first_try_is_in_no_later_one() {
    let desk = CutOff::start().await;
    for words in ["第一句", "第二句", "第三句", "第四句"] {
        desk.bob.says(desk.ticket, words).await;
    }
    // The first would have led the mail.
    let read = ["第一句", "第三句"];
    desk.reads_at_bell(|_, one| read.contains(&one.text.as_str()))
        .await;
    desk.tries_once().await;
    let hers = desk.hers().await;
    assert_eq!(hers.len(), 2);
    assert_eq!(seen(&hers[0]), seen(&hers[1]));
    for (words, told) in [
        ("第一句", false),
        ("第二句", true),
        ("第三句", false),
        ("第四句", true),
    ] {
        assert_eq!(hers[1].text().contains(words), told, "{words}");
    }
}

#[actix_web::test]
async fn an_older_mail_that_is_sent_after_all_takes_nothing_along_that_may_have_arrived() {
    let desk = CutOff::with(&[Act::Say("550 no such mailbox")]).await;
    desk.bob.says(desk.ticket, "第一句").await;
    desk.app.clock.advance(61);
    answered(&desk.app, "550").await;
    desk.bob.says(desk.ticket, "第二句").await;
    desk.bob.says(desk.ticket, "第三句").await;
    desk.tries_once().await;
    desk.sends_failed_again().await;
    let hers = desk.hers().await;
    let telling = |words: &str| -> Vec<_> {
        let mails = hers.iter().filter(|mail| mail.text().contains(words));
        mails.map(Taken::id).collect()
    };
    assert_eq!(telling("第一句").len(), 1);
    let [before, again] = telling("第二句").try_into().unwrap();
    assert_eq!(before, again);
    assert_eq!(telling("第三句"), [before, again]);
}

#[actix_web::test]
async fn an_older_mail_that_is_sent_after_all_tells_what_a_later_one_was_to_tell() {
    let desk = CutOff::with(&[Act::Say("550 no such mailbox")]).await;
    desk.bob.says(desk.ticket, "第一句").await;
    desk.app.clock.advance(61);
    answered(&desk.app, "550").await;
    desk.bob.says(desk.ticket, "第二句").await;
    desk.bob.says(desk.ticket, "第三句").await;
    // The later one leads the third message, and then nothing can leave.
    desk.smtp.script(|moment| match moment.step {
        "connect" | "mail" => Act::Say("421 maintenance"),
        _ => Act::Usual,
    });
    desk.app.clock.advance(61);
    answered(&desk.app, "421 maintenance").await;
    desk.sends_failed_again().await;
    desk.smtp.script(|_| Act::Usual);
    let hers = desk.hers().await;
    for words in ["第一句", "第二句", "第三句"] {
        let telling = hers.iter().filter(|mail| mail.text().contains(words));
        assert_eq!(telling.count(), 1, "{words}");
    }
}
