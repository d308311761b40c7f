//! Messages of a ticket: what people say, internal notes, and the system's lines about changes.

use serde::{Deserialize, Serialize};

use crate::{
    AttachmentId, LocalTime, MessageId, Status, TicketId, UserId, attachments::Attachment,
    endpoint::endpoints, text_enum::text_enum, tickets::TicketKey,
};

endpoints! {
    /// The messages of a ticket by sequence. Without `after` the last `limit` ones; a customer never receives
    /// internal notes. *Permissions*: owner, guest of the ticket, agents.
    ListMessages = Get "/tickets/{id}/messages" (TicketKey) MessageQuery => MessageList;
    /// Says something: the same action as the socket's `send_message`. With a `client_id` it is stored once
    /// however often it is sent. *Permissions*: owner, guest of the ticket, agents; `internal` agents only.
    /// *Events*: `new_message`, and `status_changed` where the message moves the ticket.
    PostMessage = Post "/tickets/{id}/messages" => 201 (TicketKey) NewMessage => MessageBody;
}

text_enum! {
    /// Which side a message is from.
    pub enum SenderType else Customer {
        Customer = "customer", "客户";
        Admin = "admin", "agent";
    }
}

text_enum! {
    /// What a system message tells of.
    pub enum ChangeKind else Status {
        /// The ticket came into being; number 0 of its history, without a message.
        Created = "created", "create";
        Status = "status", "status_changed";
        Assignee = "assignee", "assigned";
        Priority = "priority", "priority_changed";
    }
}

/// The change behind a system message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub kind: ChangeKind,
    /// The value before; for an assignment the name, none for nobody.
    pub from: Option<String>,
    /// The value after.
    pub to: Option<String>,
}

/// One message as one viewer sees it: `seq` is the number in *his* numbering, customer's or staff's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub id: MessageId,
    pub ticket_id: TicketId,
    pub seq: i64,
    /// 0 for a guest or the system.
    pub sender_id: UserId,
    pub sender_name: String,
    pub sender_type: SenderType,
    pub content: String,
    pub is_system: bool,
    /// A note that only agents see.
    pub internal: bool,
    /// The first attachment's address, as the seed has it.
    pub attachment_url: Option<String>,
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    /// The sender's own key of this message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// For a system message: what changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    pub created_at: LocalTime,
}

impl Message {
    /// The same message under its number in another numbering.
    pub fn numbered(self, seq: i64) -> Self {
        Self { seq, ..self }
    }
}

/// Which messages to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MessageQuery {
    /// Only those with a greater sequence number, oldest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<i64>,
    /// Only those with a smaller sequence number: the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<i64>,
    /// 1 to 500; all in one answer up to 500 when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// The most messages in one answer.
pub const MAX_LIMIT: u32 = 500;

/// Messages in order of sequence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageList {
    pub messages: Vec<Message>,
    /// The ticket's latest sequence number for this viewer.
    pub seq: i64,
    /// Are there more beyond this answer, in the direction asked for?
    #[serde(default)]
    pub has_more: bool,
}

/// Something to say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewMessage {
    /// May be empty when there are attachments.
    pub content: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachment_ids: Vec<AttachmentId>,
    /// The sender's key, at most 64 characters; a UUID by custom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub internal: bool,
    /// The last sequence number the sender has seen; with it, a message that crosses one from the other side is
    /// refused with 409 `stale_send`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_seq: Option<i64>,
    /// The status that the ticket gets with it, from an agent. If the status machine forbids that, neither is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}

/// The stored message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageBody {
    pub message: Message,
}
