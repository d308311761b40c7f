//! Frames of the live connection. Both doors, plain WebSocket and Socket.IO, carry these events and data.

use serde::{Deserialize, Serialize};

use crate::{
    AttachmentId, ErrorCode, Status, TicketId, UserId,
    messages::{Message, NewMessage, SenderType},
    tickets::TicketSummary,
};

/// What a client may say. On the plain WebSocket: `{"event": …, "data": …, "id": n?}`; with an `id` the answer
/// is an `ack` that carries it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
pub enum ClientEvent {
    /// Enter a ticket's room; with `since`, first hear what came after that sequence number.
    Join(Join),
    Leave(Room),
    SendMessage(Send),
    /// I have seen everything up to `seq`.
    Read(Read),
    /// I am writing, or stopped. To be repeated every few seconds: who falls silent is taken to have stopped.
    Typing(Typing),
    /// I look at the ticket, or have it open behind something else.
    Presence(Attention),
    /// Are you there? Answered by `pong`.
    Ping(crate::endpoint::Nothing),
}

/// A ticket's room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    pub ticket_id: TicketId,
}

/// Entering a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    pub ticket_id: TicketId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<i64>,
}

/// Saying something in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Send {
    pub ticket_id: TicketId,
    #[serde(flatten)]
    pub message: NewMessage,
}

/// How far somebody has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    pub ticket_id: TicketId,
    pub seq: i64,
}

/// Whether somebody is writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typing {
    pub ticket_id: TicketId,
    pub typing: bool,
    /// An internal note, of which customers must not learn.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub internal: bool,
}

/// Whether somebody who has a ticket open looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attention {
    pub ticket_id: TicketId,
    pub hidden: bool,
}

/// What the server says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
pub enum ServerEvent {
    /// The first frame of a connection.
    Welcome(Welcome),
    Joined(Joined),
    Left(Room),
    /// Durable: somebody said something.
    NewMessage(Message),
    /// Durable: the ticket moved along the status machine.
    StatusChanged(TicketChange),
    /// Durable: the ticket has another agent, or none.
    Assigned(TicketChange),
    /// Durable: the ticket is more or less urgent.
    PriorityChanged(TicketChange),
    /// For lists: a ticket came into being.
    TicketCreated(TicketNews),
    /// For lists: a ticket looks different now.
    TicketUpdated(TicketNews),
    Typing(TypingNews),
    /// For agents: who has the ticket open. Always the whole picture.
    Presence(Presence),
    /// The other side has read up to `seq`.
    Read(ReadNews),
    /// For all connections of one account: how much of a ticket it has not read yet.
    Unread(UnreadNews),
    /// For all connections of one account: what it was told has been read at the bell of one of them.
    NotificationsRead(crate::endpoint::Nothing),
    /// The files of the ticket itself, not of a message of it, are others now: ask for the ticket again.
    AttachmentsChanged(AttachmentNews),
    Pong(crate::endpoint::Nothing),
    /// You could not keep up: connect again and join with `since`.
    Resync(crate::endpoint::Nothing),
    ErrorMessage(LiveError),
}

/// Who the server is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// The version of this protocol.
    pub protocol: u32,
    /// The server's version: a stale tab can offer a reload.
    pub version: String,
    /// Milliseconds between the client's `ping`s.
    pub ping_interval_ms: u64,
}

/// The version of the plain WebSocket protocol.
pub const PROTOCOL: u32 = 1;

/// The answer to `join`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joined {
    /// As the seed has it: `已加入工单 #1`.
    pub message: String,
    pub ticket_id: TicketId,
    /// The latest sequence number; what `since` asked for has been sent before this frame.
    pub seq: i64,
    /// How far the other side has read, in the receiver's numbering.
    pub read_seq: i64,
    /// How many files the ticket itself has, those of its messages left aside.
    pub attachment_count: i64,
}

/// A durable change of a ticket, with its system message (same `seq`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketChange {
    pub ticket_id: TicketId,
    pub seq: i64,
    /// The value before; for an assignment the name, none for nobody.
    pub from: Option<String>,
    pub to: Option<String>,
    /// Who did it, by name.
    pub by: String,
    /// For an assignment: the agent's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee_id: Option<UserId>,
    pub message: Message,
}

impl TicketChange {
    /// The new status, where this is a change of status.
    pub fn status(&self) -> Option<Status> {
        self.to.as_deref().and_then(|to| to.parse().ok())
    }
}

/// A ticket's new look in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketNews {
    pub ticket: TicketSummary,
}

/// Somebody is writing, or stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypingNews {
    pub ticket_id: TicketId,
    /// 0 for a guest.
    pub user_id: UserId,
    pub name: String,
    pub sender_type: SenderType,
    pub typing: bool,
    /// An internal note; only agents hear of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub internal: bool,
}

/// Who has a ticket open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    pub ticket_id: TicketId,
    /// By id; at most [`MAX_PEOPLE`].
    pub people: Vec<Person>,
}

/// The most people that a [`Presence`] names.
pub const MAX_PEOPLE: usize = 50;

/// Somebody who has a ticket open, in one or more tabs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// 0 for a guest.
    pub user_id: UserId,
    pub name: String,
    pub sender_type: SenderType,
    /// None of the tabs is in front.
    pub hidden: bool,
}

/// How far the other side has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadNews {
    pub ticket_id: TicketId,
    /// In the receiver's numbering.
    pub seq: i64,
}

/// The ticket itself has one file more, or less: a note for agents has taken it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentNews {
    pub ticket_id: TicketId,
    pub attachment_id: AttachmentId,
}

/// How much of a ticket is unread for the receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadNews {
    pub ticket_id: TicketId,
    pub unread: i32,
    /// How many messages of the other side were counted: see [`TicketSummary::received`].
    ///
    /// [`TicketSummary::received`]: crate::tickets::TicketSummary::received
    pub received: i32,
}

/// A refusal; never internal text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveError {
    pub code: ErrorCode,
    pub message: String,
}

impl ServerEvent {
    /// For a durable event: its ticket, its sequence number, and the message that shows it.
    pub fn durable(&self) -> Option<(TicketId, i64, &Message)> {
        match self {
            Self::NewMessage(message) => Some((message.ticket_id, message.seq, message)),
            Self::StatusChanged(change) | Self::Assigned(change) | Self::PriorityChanged(change) => {
                Some((change.ticket_id, change.seq, &change.message))
            }
            Self::Welcome(_)
            | Self::Joined(_)
            | Self::Left(_)
            | Self::TicketCreated(_)
            | Self::TicketUpdated(_)
            | Self::Typing(_)
            | Self::Presence(_)
            | Self::Read(_)
            | Self::Unread(_)
            | Self::NotificationsRead(_)
            | Self::AttachmentsChanged(_)
            | Self::Pong(_)
            | Self::Resync(_)
            | Self::ErrorMessage(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_look_as_the_contract_says() {
        let join: ClientEvent = serde_json::from_str(r#"{"event":"join","data":{"ticket_id":1}}"#).unwrap();
        assert_eq!(
            join,
            ClientEvent::Join(Join {
                ticket_id: TicketId(1),
                since: None
            })
        );

        let send = r#"{"event":"send_message","data":{"ticket_id":1,"content":"你好","client_id":"a"}}"#;
        let ClientEvent::SendMessage(send) = serde_json::from_str(send).unwrap() else {
            panic!("not a send")
        };
        assert_eq!(send.message.content, "你好");
    }
}
