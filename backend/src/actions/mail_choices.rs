//! Which mails somebody gets: chosen in his account, or by the link that stands in every mail.

use shared::{
    EmailAddress, ErrorCode, Lang, TicketId, UserId,
    mails::{MailChoice, MailChoices, STOP_PATH, StopRequest, Stopped},
    notifications::NotificationKind,
    tickets::TicketKey,
};
use subtle::ConstantTimeEq;

use super::{Tx, letters};
use crate::{
    db::{self, outbox::MailRow, users::UserChangeset},
    domain::{actor::Actor, tokens},
    error::{Result, is_duplicate},
};

/// The account's choices.
pub fn get(tx: &mut Tx<'_>, actor: &Actor) -> Result<MailChoices> {
    let account = actor.signed_in()?;
    let stopped = db::mail_stops::list(tx.conn, &name_of(account.id))?;
    let user = db::users::find(tx.conn, account.id)?.ok_or(ErrorCode::Unauthenticated)?;
    let choice = |kind: &NotificationKind| MailChoice {
        kind: *kind,
        on: !stopped.contains(kind),
    };
    Ok(MailChoices {
        kinds: NotificationKind::of(account.role).iter().map(choice).collect(),
        lang: user.lang.as_deref().and_then(Lang::from_code).unwrap_or_default(),
    })
}

/// Chooses. Of a kind that the account is never told of nothing is stored.
pub fn set(tx: &mut Tx<'_>, actor: &Actor, input: &MailChoices) -> Result<MailChoices> {
    let account = actor.signed_in()?;
    let recipient = name_of(account.id);
    for choice in &input.kinds {
        if NotificationKind::of(account.role).contains(&choice.kind) {
            choose(tx, &recipient, choice.kind, choice.on)?;
        }
    }
    let changes = UserChangeset {
        lang: Some(Some(input.lang.code().to_owned())),
        ..UserChangeset::default()
    };
    db::users::update(tx.conn, account.id, &changes)?;
    get(tx, actor)
}

/// Chooses by a link.
pub fn stop(tx: &mut Tx<'_>, input: &StopRequest) -> Result<Stopped> {
    let (recipient, kind) = read(tx, &input.token)?.ok_or(ErrorCode::LinkInvalid)?;
    choose(tx, &recipient, kind, input.on)?;
    Ok(Stopped { kind, on: input.on })
}

/// The kinds that the recipient of this mail does not want.
pub(super) fn stopped(
    tx: &mut Tx<'_>,
    row: &MailRow,
    address: &EmailAddress,
) -> Result<Vec<NotificationKind>> {
    let recipient = match row.user_id {
        UserId(0) => address.as_str().to_owned(),
        id => name_of(id),
    };
    Ok(db::mail_stops::list(tx.conn, &recipient)?)
}

/// The link by which the recipient of this mail stops such mails.
pub(super) fn link(tx: &mut Tx<'_>, row: &MailRow, kind: NotificationKind) -> Result<String> {
    let who = match row.user_id {
        // The address itself must not stand in a link.
        UserId(0) => format!("t{}", row.ticket_id),
        id => format!("u{id}"),
    };
    let signature = signature(tx, &who, kind)?;
    let base = tx.env.config.http.public_url();
    Ok(format!("{base}{STOP_PATH}?token={who}.{kind}.{signature}"))
}

fn choose(tx: &mut Tx<'_>, recipient: &str, kind: NotificationKind, on: bool) -> Result<()> {
    if on {
        db::mail_stops::delete(tx.conn, recipient, kind)?;
    } else if !db::mail_stops::list(tx.conn, recipient)?.contains(&kind) {
        match db::mail_stops::insert(tx.conn, recipient, kind, tx.now) {
            // The same was chosen at the same moment.
            Err(error) if is_duplicate(&error) => {}
            outcome => drop(outcome?),
        }
    }
    Ok(())
}

/// Whose mails of which kind a link is about; none if we did not make it.
fn read(tx: &mut Tx<'_>, token: &str) -> Result<Option<(String, NotificationKind)>> {
    let mut parts = token.splitn(3, '.');
    let (Some(who), Some(kind), Some(held)) = (parts.next(), parts.next(), parts.next()) else {
        return Ok(None);
    };
    let Ok(kind) = kind.parse::<NotificationKind>() else {
        return Ok(None);
    };
    let made = signature(tx, who, kind)?;
    if !bool::from(made.as_bytes().ct_eq(held.as_bytes())) {
        return Ok(None);
    }
    let number = who.get(1..).and_then(|number| number.parse().ok());
    Ok(match (who.as_bytes().first(), number) {
        (Some(b'u'), Some(id)) => Some((name_of(UserId(id)), kind)),
        (Some(b't'), Some(id)) => db::tickets::find(tx.conn, &TicketKey::Id(TicketId(id)))?
            .and_then(|ticket| EmailAddress::parse(&ticket.customer_email))
            .map(|address| (address.to_string(), kind)),
        _ => None,
    })
}

fn signature(tx: &mut Tx<'_>, who: &str, kind: NotificationKind) -> Result<String> {
    let key = letters::key(tx)?;
    let signed = tokens::sign(&key, &format!("stop {who} {kind}"));
    Ok(signed.get(..32).unwrap_or(&signed).to_owned())
}

fn name_of(user: UserId) -> String {
    format!("user {user}")
}
