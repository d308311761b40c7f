//! Notifications: what somebody is told of outside the ticket itself, by mail and in the app.

use serde::{Deserialize, Serialize};

use crate::{LocalTime, NotificationId, Role, TicketId, endpoint::endpoints, text_enum::text_enum};

endpoints! {
    /// What one was told, newest first. *Permissions*: anybody with an account.
    ListNotifications = Get "/notifications" (()) NotificationQuery => NotificationList;
    /// Marks some as read, or all. What was seen in its ticket counts as read by itself. *Permissions*: anybody with
    /// an account, his own.
    ReadNotifications = Post "/notifications/read" (()) ReadRequest => Unread;
}

/// Which notifications to list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NotificationQuery {
    /// Only those before this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<NotificationId>,
    /// At most so many, up to 50; 20 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// The most notifications in one answer.
pub const MAX_LISTED: u32 = 50;
/// Unread ones are counted up to this number.
pub const MAX_COUNTED: i64 = 100;

/// Notifications.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationList {
    pub notifications: Vec<Notification>,
    /// How many are unread in all, at most [`MAX_COUNTED`].
    pub unread: i64,
    pub has_more: bool,
}

/// Something that somebody was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    pub id: NotificationId,
    pub kind: NotificationKind,
    pub ticket_id: TicketId,
    pub ticket_number: String,
    pub title: String,
    /// Who said or did it.
    pub by: String,
    /// The beginning of what was said; empty where nothing was.
    pub text: String,
    pub created_at: LocalTime,
    pub unread: bool,
}

/// Which notifications are read.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReadRequest {
    pub ids: Vec<NotificationId>,
    /// All of them, whatever `ids` says.
    pub all: bool,
}

/// How many notifications are unread, at most [`MAX_COUNTED`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    pub unread: i64,
}

text_enum! {
    /// What a notification is about.
    pub enum NotificationKind else Message {
        /// A customer submitted a ticket; told to the agents.
        Created = "ticket_created", "created";
        /// Somebody said something; told to the others on the ticket.
        Message = "new_message", "message";
        /// The ticket moved along the status machine; told to the customer.
        Status = "status_changed", "status";
        /// The ticket was given to an agent; told to him.
        Assigned = "ticket_assigned", "assigned";
    }
}

impl NotificationKind {
    /// The kinds that somebody of this role can be told of.
    pub const fn of(role: Role) -> &'static [Self] {
        match role {
            Role::Admin => &[Self::Created, Self::Message, Self::Assigned],
            Role::Customer => &[Self::Message, Self::Status],
        }
    }
}

text_enum! {
    /// Why a mail was not sent though nothing was wrong with it.
    pub enum Needless else Seen {
        /// Its recipient had seen it in the ticket.
        Seen = "seen meanwhile", "seen";
        /// Its recipient had the ticket open.
        Open = "the ticket was open", "open";
        /// Its recipient wants no mails of that kind.
        Stopped = "switched off by the recipient", "stopped";
        /// There is nowhere to send it.
        NoAddress = "no e-mail address", "no_address";
        /// The account does not exist any more, is not active, or is no longer an agent's.
        Inactive = "the account is not active, or no longer an agent's", "inactive";
        /// The ticket does not exist any more.
        Gone = "the ticket is gone", "gone";
    }
}

text_enum! {
    /// What became of a notification's mail.
    pub enum MailState else Failed {
        /// It waits for its time, or for the next try.
        Waiting = "waiting", "queued";
        /// A server is at it.
        Sending = "sending", "claimed";
        /// The mail server took it.
        Sent = "sent", "delivered";
        /// Given up; the answer says why.
        Failed = "failed", "dead";
        /// Not needed any more: seen, switched off, or nobody to write to.
        Cancelled = "cancelled", "canceled";
        /// Told in the mail of an earlier notification.
        Joined = "joined", "merged";
    }
}
