//! The MIME message of a mail: its headers, and its text and HTML parts.

use chrono::NaiveDateTime;
use mail_builder::{
    MessageBuilder,
    headers::{
        address::Address, content_type::ContentType, date::Date, message_id::MessageId, raw::Raw, url::URL,
    },
    mime::MimePart,
};
use shared::EmailAddress;

use super::{Rendered, dkim::Signer, one_line};

/// Who a mail is from and for.
#[derive(Debug, Clone)]
pub struct Envelope {
    pub from: EmailAddress,
    pub from_name: String,
    pub to: EmailAddress,
    pub to_name: String,
}

/// How mail programs find a mail's place among others. Ids are without angle brackets.
#[derive(Debug, Clone)]
pub struct Thread {
    pub id: String,
    /// The ticket's own id, which every mail about it refers to.
    pub root: String,
    /// The mail before this one.
    pub previous: Option<String>,
    /// The notification it is made of, for the server's own log.
    pub outbox_id: i32,
}

/// How the parts travel.
#[derive(Debug, Clone, Copy)]
pub enum Encoding<'a> {
    /// As any mail server takes it; signed, if the domain has a key.
    Transport(Option<&'a Signer>),
    /// As it stands, for a file that people look into.
    Readable,
}

/// The bytes that go to the mail server.
pub fn message(
    envelope: &Envelope,
    thread: &Thread,
    mail: &Rendered,
    now: NaiveDateTime,
    unsubscribe: Option<&str>,
    encoding: Encoding<'_>,
) -> std::io::Result<Vec<u8>> {
    let from = envelope.from.as_str();
    let domain = from.rsplit('@').next().unwrap_or("localhost");
    let references: Vec<&str> = std::iter::once(thread.root.as_str())
        .chain(thread.previous.as_deref())
        .collect();
    let mut builder = MessageBuilder::new()
        .from(address(&envelope.from_name, from))
        .to(address(&envelope.to_name, envelope.to.as_str()))
        .reply_to(Address::new_address(None::<&str>, from))
        .subject(mail.subject.as_str())
        .date(Date::new(now.and_utc().timestamp()))
        .message_id(thread.id.as_str())
        .in_reply_to(MessageId::new(thread.previous.as_deref().unwrap_or(&thread.root)))
        .references(MessageId::new_list(references.into_iter()))
        .header("Auto-Submitted", Raw::new("auto-generated"))
        // Outlook and Exchange answer otherwise, with notes of absence.
        .header("X-Auto-Response-Suppress", Raw::new("All"))
        .header("X-Outbox-Id", Raw::new(thread.outbox_id.to_string()))
        .header("List-Id", Raw::new(format!("<tickets.{domain}>")));
    if let Some(unsubscribe) = unsubscribe {
        builder = builder
            .header("List-Unsubscribe", URL::new(unsubscribe))
            .header("List-Unsubscribe-Post", Raw::new("List-Unsubscribe=One-Click"));
    }
    builder = match encoding {
        Encoding::Transport(_) => builder
            .text_body(mail.text.as_str())
            .html_body(mail.html.as_str()),
        Encoding::Readable => builder.body(MimePart::new(
            "multipart/alternative",
            vec![
                readable("text/plain", &mail.text),
                readable("text/html", &mail.html),
            ],
        )),
    };
    let bytes = builder.write_to_vec()?;
    match encoding {
        Encoding::Transport(Some(signer)) => signer.sign(bytes),
        Encoding::Transport(None) | Encoding::Readable => Ok(bytes),
    }
}

fn readable(kind: &'static str, text: &str) -> MimePart<'static> {
    let kind = ContentType::new(kind).attribute("charset", "utf-8");
    MimePart::new(kind, text.replace('\n', "\r\n")).transfer_encoding("8bit")
}

fn address<'a>(name: &str, email: &'a str) -> Address<'a> {
    let name = one_line(name);
    Address::new_address((!name.is_empty()).then_some(name), email)
}
