//! What a mail says: a ticket's news as words, its address, and its place among the mails about the ticket.

use chrono::TimeDelta;
use shared::{
    Lang, Status, UserId,
    messages::{ChangeKind, Message},
};

use super::{Env, Tx, tickets::GUEST_LINK_DAYS, wire};
use crate::{
    db::{
        self,
        links::{self, LinkRow},
        outbox::MailRow,
        tickets::TicketRow,
    },
    domain::{
        mail::{
            Thread, one_line, plain,
            words::{self, ChangeWords, CustomerWords, MessageWords, TicketWords, Words},
        },
        tokens,
    },
    error::{Error, Result, is_duplicate},
};

/// The most messages and changes that one mail tells.
const ENTRIES: usize = 30;
/// The most characters of one text; the rest is in the ticket.
const TEXT: usize = 4000;
/// And of a title, a name or an address.
const LINE: usize = 300;
/// The name under which the key of our signatures is stored.
const KEY: &str = "links";

/// The product's name, or the operator's.
pub(super) fn site(env: &Env, lang: Lang) -> String {
    match one_line(&env.config.mail.sender_name) {
        name if name.is_empty() => lang.pick("云户工单", "CaseDesk").to_owned(),
        name => name,
    }
}

/// What a mail about these notifications may say.
pub(super) fn words(
    tx: &mut Tx<'_>,
    ticket: &TicketRow,
    told: &[MailRow],
    staff: bool,
    lang: Lang,
) -> Result<Words> {
    let seqs: Vec<i64> = told.iter().map(|row| row.staff_seq).collect();
    let rows = db::messages::list_numbered(tx.conn, ticket.id, &seqs)?;
    let left_out = rows.len().saturating_sub(ENTRIES);
    let said = wire::messages(tx, rows.get(left_out..).unwrap_or_default(), staff)?;
    let mut people: Vec<String> = Vec::new();
    for message in &said {
        let name = line(&message.sender_name);
        if !people.contains(&name) {
            people.push(name);
        }
    }
    let by = match people.as_slice() {
        [] => line(&ticket.customer_name),
        [one] => one.clone(),
        several => match lang {
            Lang::Zh => format!("{} 人", several.len()),
            Lang::En => format!("{} people", several.len()),
        },
    };
    let (changes, messages): (Vec<&Message>, Vec<&Message>) = said.iter().partition(|said| said.is_system);
    let changes: Vec<ChangeWords> = changes
        .into_iter()
        .filter_map(|said| change_words(said, lang))
        .collect();
    // As it was told: a mail that is tried again says no other.
    let status = changes.last().map(|change| change.to.clone());
    Ok(Words {
        site: site(tx.env, lang),
        ticket: TicketWords {
            number: line(&ticket.ticket_number),
            title: line(&ticket.title),
            kind: line(lang.ticket_type(ticket.kind.as_deref().unwrap_or_default())),
            priority: words::priority(ticket.priority, lang).to_owned(),
            status: status.unwrap_or_else(|| words::status(ticket.status, lang).to_owned()),
            description: shortened(&ticket.description),
            resolution: shortened(ticket.resolution.as_deref().unwrap_or_default()),
        },
        customer: CustomerWords {
            name: line(&ticket.customer_name),
            email: line(&ticket.customer_email),
            phone: line(ticket.customer_phone.as_deref().unwrap_or_default()),
        },
        by,
        messages: messages.into_iter().map(message_words).collect(),
        left_out,
        changes,
        link: link(tx, ticket, staff)?,
    })
}

fn message_words(message: &Message) -> MessageWords {
    MessageWords {
        sender: line(&message.sender_name),
        text: shortened(&message.content),
        time: message.created_at.as_str().to_owned(),
        files: message.attachments.iter().map(|file| line(&file.name)).collect(),
    }
}

fn change_words(message: &Message, lang: Lang) -> Option<ChangeWords> {
    let change = message
        .change
        .as_ref()
        .filter(|change| change.kind == ChangeKind::Status)?;
    let named = |value: &Option<String>| {
        let status = Status::from_db(value.as_deref().unwrap_or_default());
        words::status(status, lang).to_owned()
    };
    Some(ChangeWords {
        from: named(&change.from),
        to: named(&change.to),
        by: line(&message.sender_name),
        time: message.created_at.as_str().to_owned(),
    })
}

/// A title, a name or an address on one line.
pub(super) fn line(text: &str) -> String {
    cut(&one_line(text), LINE)
}

fn shortened(text: &str) -> String {
    cut(plain(text).trim(), TEXT)
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(text)),
        None => text.to_owned(),
    }
}

/// The ticket's address. A customer without an account gets one that lets him in, the same until an agent takes it back.
fn link(tx: &mut Tx<'_>, ticket: &TicketRow, staff: bool) -> Result<String> {
    let page = format!("{}/case/ticket/{}", tx.env.config.http.public_url(), ticket.id);
    if staff || ticket.customer_id.is_some() {
        return Ok(page);
    }
    let name = match links::count_used_of_ticket(tx.conn, ticket.id)? {
        0 => format!("guest {}", ticket.id),
        taken_back => format!("guest {} after {taken_back}", ticket.id),
    };
    let token = tokens::sign(&key(tx)?, &name);
    let token_hash = tokens::hash(&token);
    let expires_at = tx.now + TimeDelta::days(GUEST_LINK_DAYS);
    if links::extend(tx.conn, &token_hash, expires_at)? == 0 {
        let link = LinkRow {
            token_hash,
            purpose: links::GUEST.into(),
            user_id: None,
            ticket_id: Some(ticket.id),
            created_at: tx.now,
            expires_at,
            used_at: None,
        };
        match links::insert(tx.conn, &link) {
            // It was taken back at this very moment: the next one has another name.
            Err(error) if is_duplicate(&error) => return Err(Error::retry()),
            outcome => drop(outcome?),
        }
    }
    Ok(format!("{page}#access={token}"))
}

/// Where a mail stands among those about its ticket. Every mail has a UUID, the same however often it is tried, of which
/// its `Message-ID` is made.
pub(super) fn thread(
    tx: &mut Tx<'_>,
    ticket: &TicketRow,
    row: &MailRow,
    previous: Option<i64>,
) -> Result<Thread> {
    let key = key(tx)?;
    let sender = tx.env.config.mail.sender.as_str();
    let domain = sender.rsplit('@').next().unwrap_or_default();
    let id = |what: &str| {
        let uuid = tokens::uuid(&key, what);
        format!("{uuid}@{domain}")
    };
    let of = |seq: i64, user: UserId| id(&format!("mail {} {seq} {user}", ticket.id));
    Ok(Thread {
        id: of(row.staff_seq, row.user_id),
        root: id(&format!("ticket {}", ticket.id)),
        previous: previous.map(|seq| of(seq, row.user_id)),
        outbox_id: row.id.0,
    })
}

/// The key of our signatures: made at its first use, the same for all servers on the database.
pub(super) fn key(tx: &mut Tx<'_>) -> Result<String> {
    if let Some(key) = db::secrets::find(tx.conn, KEY)? {
        return Ok(key);
    }
    let key = tx.env.chance.token();
    match db::secrets::insert(tx.conn, KEY, key.expose()) {
        Ok(_) => Ok(key.expose().to_owned()),
        Err(error) if is_duplicate(&error) => Err(Error::retry()),
        Err(error) => Err(error.into()),
    }
}
