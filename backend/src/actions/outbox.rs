//! The outbox: which mail goes next and to whom, and what became of it. Claimed and committed before it is sent.

use chrono::{NaiveDateTime, TimeDelta};
use shared::{
    EmailAddress, Lang, NotificationId, Role, TicketId, UserId,
    notifications::{MailState, Needless, NotificationKind},
};

use super::{Tx, letters, mail_choices, mail_templates, notify};
use crate::{
    config::SKEW,
    db::{
        self,
        outbox::{Claim, MailRow, Settled},
        tickets::TicketRow,
        users::UserRow,
    },
    domain::mail::{Envelope, Template, Thread, Words},
    error::Result,
};

/// After this long a claimed mail is taken for left behind by a server that died. Sending takes two minutes at most.
pub const LEASE: TimeDelta = TimeDelta::minutes(5);
/// For how long a mail is tried.
const TRIED: TimeDelta = TimeDelta::days(3);
/// How long what was settled is kept.
pub const KEPT: TimeDelta = TimeDelta::days(90);
/// So much is forgotten in one transaction: others wait for it.
const FORGOTTEN_AT_ONCE: i64 = 1000;
/// Mails about new tickets have a part of the pace, one in so many, whatever else is due.
const SHARE_OF_NEW_TICKETS: i64 = 4;
/// These are told together if they wait for the same recipient.
const TOLD_TOGETHER: [NotificationKind; 2] = [NotificationKind::Message, NotificationKind::Status];

/// A mail that this server has claimed.
#[derive(Debug)]
pub struct Mail {
    pub id: NotificationId,
    pub kind: NotificationKind,
    pub lang: Lang,
    pub envelope: Envelope,
    pub thread: Thread,
    pub words: Words,
    /// The operators' own; none for the product's.
    pub template: Option<Template>,
    /// Where its recipient can stop such mails.
    pub unsubscribe: String,
}

/// What there is to do.
#[derive(Debug)]
pub enum Next {
    /// Nothing is due.
    Nothing,
    /// As many mails as may be tried in a minute have been.
    Enough,
    /// Something was made ready first, or another server was quicker.
    Passed,
    /// This one is now this server's.
    Claimed(Box<MailRow>),
}

/// What became of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    Sent(String),
    /// This mail cannot go now.
    Later(String),
    /// The same, and nobody knows whether it went.
    Perhaps(String),
    /// This mail can never go.
    Never(String),
    /// No mail can go now: that is not this one's fault.
    Down(String),
}

/// Is there a mail to send? Asked before anything is written.
pub fn is_due(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(db::notices::find_due(tx.conn, tx.now)?.is_some()
        || db::outbox::find_due(tx.conn, tx.now, tx.now - LEASE, false)?.is_some())
}

/// Gives back what a server before this one left behind, where there is only one.
pub fn release(tx: &mut Tx<'_>) -> Result<usize> {
    Ok(db::outbox::release_all(tx.conn)?)
}

/// Claims the next mail. `new_tickets_may_lead`: not after one of theirs that need not be sent, which is on no count.
pub fn claim(tx: &mut Tx<'_>, by: &str, new_tickets_may_lead: bool) -> Result<Next> {
    db::turns::wait(tx.conn, db::turns::OUTBOX)?;
    let lapsed = tx.now - LEASE;
    let tried = db::outbox::count_tried(tx.conn, lately(tx, TimeDelta::minutes(1)))?;
    let per_minute = i64::from(tx.env.config.mail.per_minute);
    if tried.iter().map(|(_, count)| count).sum::<i64>() >= per_minute {
        return Ok(Next::Enough);
    }
    let of_new_tickets = tried.iter().find(|(kind, _)| *kind == NotificationKind::Created);
    let share_left = of_new_tickets.map_or(0, |(_, count)| *count) < per_minute / SHARE_OF_NEW_TICKETS;
    let new_tickets_first = share_left && new_tickets_may_lead;
    let row = db::outbox::find_due(tx.conn, tx.now, lapsed, new_tickets_first)?;
    if let Some(due) = db::notices::find_due(tx.conn, tx.now)?
        && row.as_ref().is_none_or(|row| due <= row.mail_due_at)
    {
        notify::spread_due(tx)?;
        return Ok(Next::Passed);
    }
    let Some(mut row) = row else {
        return Ok(Next::Nothing);
    };
    // Its ticket's other news may be told in the same mail, or before it.
    if notify::spread_of(tx, row.ticket_id)? {
        return Ok(Next::Passed);
    }
    let now = tx.now;
    if !db::outbox::claim(tx.conn, &mut row, Claim { by, now, lapsed })? {
        return Ok(Next::Passed);
    }
    // One that may have been sent already must not say more the second time: it would count as read.
    if row.mail_attempts == 0 && TOLD_TOGETHER.contains(&row.kind) {
        db::outbox::join_followers(tx.conn, &row, &TOLD_TOGETHER)?;
    }
    Ok(Next::Claimed(Box::new(row)))
}

/// Makes the mail that was claimed, in a transaction of its own: should that fail, no other mail waits for it. None if it
/// need not be sent, or not now. `attends` tells whether somebody has a ticket open and in front of him.
pub fn make(
    tx: &mut Tx<'_>,
    by: &str,
    row: &MailRow,
    attends: &dyn Fn(TicketId, UserId) -> bool,
) -> Result<Option<Box<Mail>>> {
    db::turns::wait(tx.conn, db::turns::OUTBOX)?;
    // It may have been given up meanwhile, or this server may have slept for long.
    if !db::outbox::renew(tx.conn, row.id, by, tx.now)? {
        return Ok(None);
    }
    let settled = match prepare(tx, row, attends)? {
        Prepared::Mail(mail) => return Ok(Some(mail)),
        Prepared::Needless(why) => settled(row, MailState::Cancelled, row.mail_due_at, Some(why.to_string())),
        Prepared::NotYet { until, all } => {
            if all {
                // At once: a rush of new tickets would be gone through one by one.
                db::outbox::postpone(tx.conn, row.user_id, until)?;
            }
            settled(row, MailState::Waiting, until, row.mail_answer.clone())
        }
    };
    db::outbox::settle(tx.conn, row.id, by, &settled)?;
    Ok(None)
}

/// Notes what became of a claimed mail.
/// `to`: where it went, if it was made at all.
pub fn settle(
    tx: &mut Tx<'_>,
    id: NotificationId,
    by: &str,
    to: Option<&EmailAddress>,
    fate: &Fate,
) -> Result<()> {
    let Some(row) = db::outbox::find(tx.conn, id)? else {
        return Ok(());
    };
    let given_up = tx.now - row.mail_since >= TRIED;
    let address = to.map(|to| to.as_str().to_owned());
    let settled = match fate {
        Fate::Sent(answer) => Settled {
            mail_address: address,
            mail_claimed_at: Some(tx.now),
            ..settled(&row, MailState::Sent, tx.now, Some(answer.clone()))
        },
        Fate::Never(answer) => Settled {
            mail_claimed_at: Some(tx.now),
            ..settled(&row, MailState::Failed, row.mail_due_at, Some(answer.clone()))
        },
        Fate::Later(answer) | Fate::Perhaps(answer) | Fate::Down(answer) if given_up => {
            let tried = !matches!(fate, Fate::Down(_));
            let answer = format!("given up after three days; {answer}");
            Settled {
                mail_attempts: row.mail_attempts + i32::from(tried),
                mail_claimed_at: tried.then_some(tx.now),
                ..settled(&row, MailState::Failed, row.mail_due_at, Some(answer))
            }
        }
        Fate::Later(answer) | Fate::Perhaps(answer) => {
            let attempts = row.mail_attempts + 1;
            let again = tx.now + backoff(attempts, tx.env.chance.below(1000));
            Settled {
                mail_attempts: attempts,
                mail_address: address.filter(|_| matches!(fate, Fate::Perhaps(_))),
                mail_claimed_at: Some(tx.now),
                ..settled(&row, MailState::Waiting, again, Some(answer.clone()))
            }
        }
        Fate::Down(answer) => settled(&row, MailState::Waiting, row.mail_due_at, Some(answer.clone())),
    };
    db::outbox::settle(tx.conn, id, by, &settled)?;
    Ok(())
}

/// What was settled long ago, some of it.
pub fn list_old(tx: &mut Tx<'_>) -> Result<Vec<NotificationId>> {
    Ok(db::outbox::list_settled(
        tx.conn,
        tx.now - KEPT,
        FORGOTTEN_AT_ONCE,
    )?)
}

/// Forgets it.
pub fn forget(tx: &mut Tx<'_>, old: &[NotificationId]) -> Result<usize> {
    Ok(db::outbox::delete(tx.conn, old)?)
}

/// From so long ago until now, by whichever server's clock.
fn lately(tx: &Tx<'_>, long: TimeDelta) -> db::outbox::Span {
    (tx.now - long, tx.now + SKEW)
}

/// A minute, then twice as long each time up to an hour; a fifth more or less, by chance.
fn backoff(attempts: i32, chance: i64) -> TimeDelta {
    let doublings = u32::try_from(attempts - 1).unwrap_or(0).min(6);
    let seconds = (60 << doublings).min(3600);
    TimeDelta::seconds(seconds * (800 + chance * 400 / 1000) / 1000)
}

fn settled(row: &MailRow, mail: MailState, due: NaiveDateTime, answer: Option<String>) -> Settled {
    Settled {
        mail,
        mail_due_at: due,
        mail_attempts: row.mail_attempts,
        mail_answer: answer.map(|answer| answer.chars().take(500).collect()),
        mail_address: None,
        mail_claim: None,
        mail_claimed_at: None,
    }
}

enum Prepared {
    Mail(Box<Mail>),
    /// It need not be sent, and why.
    Needless(Needless),
    /// Not before then. Whatever waits for that goes in the old order.
    NotYet {
        until: NaiveDateTime,
        /// Nor anything else for this recipient.
        all: bool,
    },
}

/// Whom a mail goes to.
struct Recipient {
    name: String,
    address: EmailAddress,
    lang: Lang,
    staff: bool,
}

fn prepare(tx: &mut Tx<'_>, row: &MailRow, attends: &dyn Fn(TicketId, UserId) -> bool) -> Result<Prepared> {
    let key = shared::tickets::TicketKey::Id(row.ticket_id);
    let Some(ticket) = db::tickets::find(tx.conn, &key)? else {
        return Ok(Prepared::Needless(Needless::Gone));
    };
    let user = match row.user_id {
        UserId(0) => None,
        id => db::users::find(tx.conn, id)?,
    };
    let takes_part = |user: &UserRow| user.role == Role::Admin || ticket.customer_id == Some(user.id);
    if row.user_id.0 != 0
        && !user
            .as_ref()
            .is_some_and(|user| user.is_active && takes_part(user))
    {
        if ticket.customer_id != Some(row.user_id) {
            let said = all_of(tx, row)?.into_iter();
            for message in said.filter(|row| row.kind == NotificationKind::Message) {
                notify::instead_of_absent(tx, &message)?;
            }
        }
        return Ok(Prepared::Needless(Needless::Inactive));
    }
    let Some(recipient) = recipient(&ticket, user.as_ref()) else {
        return Ok(Prepared::Needless(Needless::NoAddress));
    };
    if attends(row.ticket_id, row.user_id) {
        return while_open(tx, row);
    }
    let mut told = leave_out_seen(tx, row)?;
    if told.first().is_none_or(|first| first.id != row.id) {
        // What else it was to tell waits for a mail of its own.
        db::outbox::part_followers(tx.conn, row)?;
        return Ok(Prepared::Needless(Needless::Seen));
    }
    let unwanted = mail_choices::stopped(tx, row, &recipient.address)?;
    told.retain(|row| !unwanted.contains(&row.kind));
    if told.is_empty() {
        return Ok(Prepared::Needless(Needless::Stopped));
    }
    let hour = TimeDelta::hours(1);
    let had = db::outbox::list_sent_to(tx.conn, recipient.address.as_str(), lately(tx, hour), row.id)?;
    let cap = tx.env.config.mail.per_address_and_hour as usize;
    if let Some(first) = had.iter().rev().nth(cap - 1) {
        return Ok(Prepared::NotYet {
            until: *first + hour,
            all: recipient.staff,
        });
    }
    db::outbox::note_address(tx.conn, row.id, recipient.address.as_str())?;
    letter(tx, row, &ticket, recipient, &told).map(|mail| Prepared::Mail(Box::new(mail)))
}

/// Its recipient seems to have the ticket open in front of him. A line that was cut just before all was told still counts
/// as open, until that is known.
fn while_open(tx: &mut Tx<'_>, row: &MailRow) -> Result<Prepared> {
    let moments = all_of(tx, row)?.into_iter().map(|row| row.created_at);
    let known = moments.fold(row.created_at, Ord::max) + tx.env.config.live.until_known_dead();
    Ok(if tx.now < known {
        Prepared::NotYet {
            until: known,
            all: false,
        }
    } else {
        Prepared::Needless(Needless::Open)
    })
}

/// A customer is written to where the ticket says; an agent at his own address.
fn recipient(ticket: &TicketRow, user: Option<&UserRow>) -> Option<Recipient> {
    let staff = user.is_some_and(|user| user.role == Role::Admin);
    let stored = |lang: &Option<String>| lang.as_deref().and_then(Lang::from_code);
    let (name, address, lang) = match user {
        Some(user) if staff => (user.display_name(), user.email.as_deref()?, stored(&user.lang)),
        Some(user) => (
            user.display_name(),
            ticket.customer_email.as_str(),
            stored(&user.lang).or_else(|| stored(&ticket.lang)),
        ),
        None => (
            ticket.customer_name.as_str(),
            ticket.customer_email.as_str(),
            stored(&ticket.lang),
        ),
    };
    Some(Recipient {
        name: name.to_owned(),
        address: EmailAddress::parse(address)?,
        lang: lang.unwrap_or_default(),
        staff,
    })
}

/// Leaves out of a mail what its recipient has seen, in the ticket itself or at the bell; what it tells then. What may
/// have arrived tells the same the second time.
fn leave_out_seen(tx: &mut Tx<'_>, lead: &MailRow) -> Result<Vec<MailRow>> {
    let all = all_of(tx, lead)?;
    let marks = db::reads::list(tx.conn, lead.user_id, &[lead.ticket_id])?;
    let mark = marks.first().map(|mark| mark.seq);
    let is_seen = |row: &MailRow| row.read_at.is_some() || mark.is_some_and(|mark| row.seq <= mark);
    if lead.mail_attempts > 0 && !all.iter().all(is_seen) {
        return Ok(all);
    }
    let (seen, unseen): (Vec<MailRow>, Vec<MailRow>) = all.into_iter().partition(is_seen);
    let followers = seen.iter().map(|row| row.id).filter(|id| *id != lead.id);
    let followers: Vec<NotificationId> = followers.collect();
    db::outbox::leave_out(tx.conn, &followers, &Needless::Seen.to_string())?;
    Ok(unseen)
}

/// What is told in a mail, seen or not.
fn all_of(tx: &mut Tx<'_>, lead: &MailRow) -> Result<Vec<MailRow>> {
    let mut all = vec![lead.clone()];
    all.extend(db::outbox::list_joined(tx.conn, lead)?);
    Ok(all)
}

fn letter(
    tx: &mut Tx<'_>,
    row: &MailRow,
    ticket: &TicketRow,
    recipient: Recipient,
    told: &[MailRow],
) -> Result<Mail> {
    let words = letters::words(tx, ticket, told, recipient.staff, recipient.lang)?;
    // A mail of several says what weighs most.
    let kind = if told.iter().any(|row| row.kind == NotificationKind::Message) {
        NotificationKind::Message
    } else {
        told.first().map_or(row.kind, |row| row.kind)
    };
    let previous = db::outbox::find_sent_before(tx.conn, row)?;
    let thread = letters::thread(tx, ticket, row, previous)?;
    let unsubscribe = mail_choices::link(tx, row, kind)?;
    let template = mail_templates::own(tx, kind, recipient.lang)?;
    let mail = &tx.env.config.mail;
    let site = letters::site(tx.env, recipient.lang);
    let from_name = if recipient.staff || kind != NotificationKind::Message {
        site
    } else {
        format!("{} · {site}", words.by)
    };
    Ok(Mail {
        id: row.id,
        kind,
        lang: recipient.lang,
        envelope: Envelope {
            from: mail.sender.clone(),
            from_name,
            to: recipient.address,
            to_name: letters::line(&recipient.name),
        },
        thread,
        words,
        template,
        unsubscribe,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_come_less_often_and_never_all_at_once() {
        let seconds = |attempts, chance| backoff(attempts, chance).num_seconds();
        assert_eq!((seconds(1, 0), seconds(1, 999)), (48, 71));
        assert_eq!(seconds(2, 500), 120);
        assert_eq!(seconds(6, 500), 1920);
        assert_eq!((seconds(7, 500), seconds(90, 500)), (3600, 3600));
    }
}
