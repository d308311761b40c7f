//! Operators look after the outbox.

use chrono::TimeDelta;
use shared::{
    ErrorCode, NotificationId, Permission,
    check::Check,
    mails::{CANCELLED_BY, Mail, MailPage, MailQuery},
    notifications::MailState,
};

use super::Tx;
use crate::{
    db::{self, mails::MailListRow},
    domain::{actor::Actor, zone::Zone},
    error::{Error, Result},
};

/// So many mails are changed in one transaction.
const AT_ONCE: usize = 500;

/// One page of the mails.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, query: &MailQuery) -> Result<MailPage> {
    actor.with(Permission::ManageMail)?;
    let mut check = Check::new();
    let (page, per_page) = check.page(query.page, query.per_page);
    check.done()?;
    let offset = i64::from(page.saturating_sub(1)) * i64::from(per_page);
    let state = query.state.value();
    let total = db::mails::count(tx.conn, state)?;
    let rows = db::mails::list(tx.conn, state, i64::from(per_page), offset)?;
    let zone = tx.zone();
    Ok(MailPage {
        mails: rows.into_iter().map(|row| to_wire(row, zone)).collect(),
        total,
        page,
        per_page,
    })
}

/// How many mails wait, and how many have failed.
pub fn count(tx: &mut Tx<'_>) -> Result<(i64, i64)> {
    let counts = db::outbox::count_open(tx.conn)?;
    let to_spread = match db::notices::count_told(tx.conn)? {
        (single, 0) => single,
        // Nobody is told of what he did himself, but that is not worth a look at each.
        (single, to_all) => single + to_all * db::users::list_agents(tx.conn)?.len() as i64,
    };
    let of = |wanted: &[MailState]| {
        counts
            .iter()
            .filter(|(state, _)| wanted.contains(state))
            .map(|(_, count)| count)
            .sum()
    };
    Ok((
        to_spread + of(&[MailState::Waiting, MailState::Sending]),
        of(&[MailState::Failed]),
    ))
}

/// Lets a mail go now.
pub fn retry(tx: &mut Tx<'_>, actor: &Actor, id: NotificationId) -> Result<Mail> {
    actor.with(Permission::ManageMail)?;
    let open = [MailState::Waiting, MailState::Failed, MailState::Cancelled];
    let changed = db::mails::retry(tx.conn, id, &open, tx.now)?;
    outcome(tx, id, changed)
}

/// Gives a mail up.
pub fn cancel(tx: &mut Tx<'_>, actor: &Actor, id: NotificationId) -> Result<Mail> {
    let by = actor.with(Permission::ManageMail)?.name.clone();
    let words = format!("{CANCELLED_BY}{by}");
    let changed = db::mails::cancel(tx.conn, id, &words)?;
    outcome(tx, id, changed)
}

/// All mails that have failed, in portions that one transaction should change: others wait for it.
pub fn list_failed(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<Vec<NotificationId>>> {
    actor.with(Permission::ManageMail)?;
    let failed = db::mails::list_failed(tx.conn)?;
    Ok(failed.chunks(AT_ONCE).map(<[_]>::to_vec).collect())
}

/// Lets those of these mails go that have failed, `before` having been let go already; how many. They take half of the
/// account's pace: what is said meanwhile must not wait for all of them.
pub fn retry_failed(tx: &mut Tx<'_>, actor: &Actor, failed: &[NotificationId], before: i64) -> Result<i64> {
    actor.with(Permission::ManageMail)?;
    let apart = TimeDelta::minutes(2) / i32::try_from(tx.env.config.mail.per_minute).unwrap_or(i32::MAX);
    let mut at = tx.now + apart * i32::try_from(before).unwrap_or(i32::MAX);
    let mut changed = 0;
    for id in failed {
        if db::mails::retry(tx.conn, *id, &[MailState::Failed], at)? {
            changed += 1;
            at += apart;
        }
    }
    Ok(changed)
}

/// Gives those of these mails up that have failed; how many.
pub fn cancel_failed(tx: &mut Tx<'_>, actor: &Actor, failed: &[NotificationId]) -> Result<i64> {
    let by = actor.with(Permission::ManageMail)?.name.clone();
    Ok(db::mails::cancel_failed(tx.conn, failed, &format!("{CANCELLED_BY}{by}"))? as i64)
}

fn outcome(tx: &mut Tx<'_>, id: NotificationId, changed: bool) -> Result<Mail> {
    let row = db::mails::find(tx.conn, id)?.ok_or(ErrorCode::MailNotFound)?;
    if changed {
        Ok(to_wire(row, tx.zone()))
    } else {
        Err(Error::new(ErrorCode::MailNotChangeable))
    }
}

fn to_wire(row: MailListRow, zone: Zone) -> Mail {
    let (name, email) = row.recipient();
    Mail {
        id: row.mail.id,
        kind: row.mail.kind,
        state: row.mail.mail,
        ticket_id: row.mail.ticket_id,
        ticket_number: row.ticket_number,
        recipient_name: name,
        recipient_email: email,
        created_at: zone.show(row.mail.created_at),
        due_at: zone.show(row.mail.mail_due_at),
        attempts: row.mail.mail_attempts,
        sent_at: row.mail.sent_at().map(|at| zone.show(at)),
        answer: row.mail.mail_answer,
    }
}
