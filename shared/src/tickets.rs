//! Tickets: the product in types.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{
    ErrorCode, LocalTime, Priority, Status, TicketId, UserId,
    attachments::Attachment,
    endpoint::{PathArg, endpoints},
    messages::SenderType,
};

endpoints! {
    /// Submits a ticket. A signed-in customer may leave out name, e-mail and phone; a guest gets an `access_url`.
    /// The header `Idempotency-Key` makes a repeat answer with the first ticket. *Permissions*: anyone.
    /// *Events*: `ticket_created`.
    CreateTicket = Post "/tickets" => 201 (()) NewTicket => TicketCreated;
    /// One page of tickets. *Permissions*: a customer sees his own, an agent all.
    ListTickets = Get "/tickets" (()) TicketQuery => TicketPage;
    /// One ticket. *Permissions*: owner, guest of the ticket, agents; for everybody else it does not exist.
    GetTicket = Get "/tickets/{id}" (TicketKey) crate::endpoint::Nothing => TicketBody;
    /// Moves the ticket along the status machine. *Permissions*: agents. *Events*: `status_changed`.
    SetStatus = Post "/tickets/{id}/status" (TicketKey) StatusChange => TicketChanged;
    /// Gives the ticket to an agent, or to nobody. *Permissions*: agents. *Events*: `assigned`.
    AssignTicket = Post "/tickets/{id}/assign" (TicketKey) Assignment => TicketChanged;
    /// Closes the ticket with its resolution. *Permissions*: agents, who must give one; the owner for his own.
    /// *Events*: `status_changed`.
    CloseTicket = Post "/tickets/{id}/close" (TicketKey) Closing => TicketChanged;
    /// One action on up to 500 tickets; each is done or refused on its own. *Permissions*: agents.
    BatchTickets = Post "/tickets/batch" (()) Batch => BatchDone;
}

/// How a path names a ticket: by id or by its `TK…` number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TicketKey {
    Id(TicketId),
    Number(String),
}

impl PathArg for TicketKey {
    fn parse(segment: &str) -> Option<Self> {
        if let Ok(id) = segment.parse() {
            return Some(Self::Id(id));
        }
        let is_number = segment.len() <= 20
            && segment.starts_with("TK")
            && segment.bytes().all(|b| b.is_ascii_alphanumeric());
        is_number.then(|| Self::Number(segment.to_owned()))
    }

    fn segment(&self) -> Cow<'_, str> {
        match self {
            Self::Id(id) => Cow::Owned(id.to_string()),
            Self::Number(number) => Cow::Borrowed(number),
        }
    }
}

impl From<TicketId> for TicketKey {
    fn from(id: TicketId) -> Self {
        Self::Id(id)
    }
}

/// A filter over an enum: one value, or any (`全部`, `all` or empty on the wire).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Choice<T> {
    #[default]
    Any,
    Is(T),
}

impl<T> Choice<T> {
    /// No restriction?
    pub const fn is_any(&self) -> bool {
        matches!(self, Self::Any)
    }

    /// The one value asked for.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Any => None,
            Self::Is(value) => Some(value),
        }
    }
}

impl<T: std::fmt::Display> Serialize for Choice<T> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Any => to.serialize_str("all"),
            Self::Is(value) => to.collect_str(value),
        }
    }
}

impl<'de, T: std::str::FromStr<Err: std::fmt::Display>> Deserialize<'de> for Choice<T> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match String::deserialize(from)?.as_str() {
            "" | "all" | "全部" => Ok(Self::Any),
            text => text.parse().map(Self::Is).map_err(serde::de::Error::custom),
        }
    }
}

/// Whose tickets a list shows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
pub enum AssigneeFilter {
    #[default]
    Any,
    /// Nobody's (`none`).
    Nobody,
    /// The asking agent's own (`me`).
    Me,
    /// An agent's, by name, user name or id.
    Named(String),
}

impl Serialize for AssigneeFilter {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(match self {
            Self::Any => "all",
            Self::Nobody => "none",
            Self::Me => "me",
            Self::Named(name) => name,
        })
    }
}

impl<'de> Deserialize<'de> for AssigneeFilter {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(match String::deserialize(from)?.trim() {
            "" | "all" | "全部" => Self::Any,
            "none" | "未分配" => Self::Nobody,
            "me" => Self::Me,
            name => Self::Named(name.to_owned()),
        })
    }
}

crate::text_enum::text_enum! {
    /// The order of a list. Ties go by id, so that pages never overlap.
    pub enum Sort else Newest {
        Newest = "newest", "-created_at", "created_at_desc";
        Oldest = "oldest", "created_at", "created_at_asc";
        /// Latest change first.
        Updated = "updated", "-updated_at", "updated_at_desc";
        /// High before low, newest first within one.
        Priority = "priority", "-priority";
    }
}

/// Which tickets to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct TicketQuery {
    #[serde(skip_serializing_if = "Choice::is_any")]
    pub status: Choice<Status>,
    /// A ticket type, as `meta` lists them or as an adopted ticket carries it.
    #[serde(rename = "type", skip_serializing_if = "Choice::is_any")]
    pub kind: Choice<String>,
    #[serde(skip_serializing_if = "Choice::is_any")]
    pub priority: Choice<Priority>,
    #[serde(skip_serializing_if = "is_default")]
    pub assignee: AssigneeFilter,
    /// Created on or after this day (or moment), in the display zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Created on or before this day (or moment), in the display zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Part of number, title, description, customer's name or e-mail, or of a message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    #[serde(skip_serializing_if = "is_default")]
    pub sort: Choice<Sort>,
    /// From 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// 1 to 100; 20 when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_page: Option<u32>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The last thing said on a ticket, notes and system lines left aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastMessage {
    pub sender_type: SenderType,
    /// The first 120 characters, on one line.
    pub content: String,
    pub created_at: LocalTime,
}

/// A ticket as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketSummary {
    pub id: TicketId,
    pub ticket_number: String,
    pub title: String,
    pub status: Status,
    pub priority: Priority,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub customer_name: String,
    pub assignee: Option<String>,
    pub assignee_id: Option<UserId>,
    pub created_at: LocalTime,
    pub updated_at: LocalTime,
    /// Messages of the other side newer than what this viewer has seen.
    pub unread: i32,
    /// All messages of the other side: what it grows by is unread.
    pub received: i32,
    pub last_message: Option<LastMessage>,
    /// Since when the customer waits for an answer.
    pub waiting_since: Option<LocalTime>,
    /// Grows with every change of the ticket; an older summary never replaces a newer one.
    pub version: i64,
}

/// One page of tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketPage {
    pub tickets: Vec<TicketSummary>,
    pub total: i64,
    pub page: u32,
    pub per_page: u32,
}

/// A ticket in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    pub id: TicketId,
    pub ticket_number: String,
    pub customer_name: String,
    pub customer_email: String,
    pub customer_phone: Option<String>,
    /// The customer has no account: a link in his mails lets him in.
    pub guest: bool,
    pub title: String,
    pub description: String,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub priority: Priority,
    pub status: Status,
    pub assignee: Option<String>,
    pub assignee_id: Option<UserId>,
    pub created_at: LocalTime,
    pub updated_at: LocalTime,
    pub resolved_at: Option<LocalTime>,
    pub closed_at: Option<LocalTime>,
    pub resolution: Option<String>,
    /// Files that came with the ticket itself; those of messages are on the messages.
    pub attachments: Vec<Attachment>,
    /// The latest sequence number in this viewer's numbering.
    pub seq: i64,
    pub unread: i32,
    pub version: i64,
}

/// One ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketBody {
    pub ticket: Ticket,
}

/// A ticket to submit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewTicket {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_phone: Option<String>,
    pub title: String,
    /// One of `meta`'s types; the first of them when left out.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// `中` when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    pub description: String,
}

/// The answer to a submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketCreated {
    pub message: String,
    pub ticket_id: TicketId,
    pub ticket_number: String,
    /// For a guest: the link that opens this ticket without an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_url: Option<String>,
}

/// A step of the status machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusChange {
    pub status: Option<Status>,
    /// For `已解决` and `已关闭`: what solved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<String>,
}

/// Whom to give a ticket to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// Name, user name or id of an active agent; `null` for nobody. It must be there: leaving it out is a fault.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub assignee: Option<Option<AssigneeRef>>,
}

fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Option<AssigneeRef>>, D::Error> {
    Option::<AssigneeRef>::deserialize(from).map(Some)
}

/// How a request names an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AssigneeRef {
    Id(UserId),
    Name(String),
}

/// The end of a ticket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Closing {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<String>,
}

/// The ticket after a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketChanged {
    pub message: String,
    pub ticket: Ticket,
}

/// One action on many tickets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// 1 to 500; repeats count once.
    pub ids: Vec<TicketId>,
    #[serde(flatten)]
    pub action: BatchAction,
}

/// What a batch does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum BatchAction {
    Status {
        status: Status,
    },
    Assign {
        /// `null` for nobody; as in [`Assignment`], leaving it out is a fault.
        #[serde(deserialize_with = "Option::deserialize")]
        assignee: Option<AssigneeRef>,
    },
    Close {
        resolution: String,
    },
    Priority {
        priority: Priority,
    },
}

/// What became of each ticket, in the order asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchDone {
    pub message: String,
    pub succeeded: usize,
    pub failed: usize,
    pub results: Vec<BatchResult>,
}

/// What became of one ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchResult {
    pub id: TicketId,
    pub success: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<ErrorCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_named_by_id_or_number() {
        assert_eq!(TicketKey::parse("12"), Some(TicketKey::Id(TicketId(12))));
        assert_eq!(
            TicketKey::parse("TK202602060001"),
            Some(TicketKey::Number("TK202602060001".into()))
        );
        for nothing in ["", "TK'--", "99999999999", "abc", "1.5"] {
            assert_eq!(TicketKey::parse(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn filters_take_chinese_english_and_everything() {
        let read = |json: &str| serde_json::from_str::<TicketQuery>(json);
        assert_eq!(
            read(r#"{"status":"pending"}"#).unwrap().status,
            Choice::Is(Status::Pending)
        );
        assert_eq!(
            read(r#"{"status":"待处理"}"#).unwrap().status,
            Choice::Is(Status::Pending)
        );
        for any in ["", "all", "全部"] {
            assert_eq!(
                read(&format!(r#"{{"status":"{any}"}}"#)).unwrap().status,
                Choice::Any
            );
        }
        assert!(read(r#"{"status":"done"}"#).is_err());
    }

    #[test]
    fn unassigning_is_not_the_same_as_saying_nothing() {
        let read = |json: &str| serde_json::from_str::<Assignment>(json).unwrap().assignee;
        assert_eq!(read("{}"), None);
        assert_eq!(read(r#"{"assignee":null}"#), Some(None));
        assert_eq!(read(r#"{"assignee":3}"#), Some(Some(AssigneeRef::Id(UserId(3)))));
    }
}
