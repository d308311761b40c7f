//! The outbox as operators see it: what waits, what was sent, what failed and why; and trying the mail server.

use serde::{Deserialize, Serialize};

use crate::{
    Lang, LocalTime, NotificationId, TicketId,
    endpoint::{Nothing, endpoints},
    notifications::{MailState, NotificationKind},
    text_enum::text_enum,
    tickets::Choice,
};

endpoints! {
    /// The mails, newest first. What is told in another mail is not listed. *Permissions*: agents.
    ListMails = Get "/mails" (()) MailQuery => MailPage;
    /// How mails leave, and how the outbox stands. *Permissions*: agents.
    GetMailStatus = Get "/mails/status" (()) Nothing => MailStatusBody;
    /// Sends one mail through a connection of its own, and tells every step. It is not stored. *Permissions*: agents.
    TestMail = Post "/mails/test" (()) TestRequest => TestReport;
    /// Which mails one gets, and in which language. *Permissions*: anybody with an account.
    GetMailChoices = Get "/me/mails" (()) Nothing => MailChoices;
    /// Chooses them. Kinds that are left out stay as they are. *Permissions*: anybody with an account.
    SetMailChoices = Post "/me/mails" (()) MailChoices => MailChoices;
    /// Stops mails of one kind by the link in such a mail, or takes that back. *Permissions*: whoever holds the link.
    StopMails = Post "/mails/stop" (()) StopRequest => Stopped;
    /// Sends a mail that waits, failed or was cancelled now. 409 if it has gone out. *Permissions*: agents.
    RetryMail = Post "/mails/{id}/retry" (NotificationId) Nothing => MailBody;
    /// Gives up a mail that waits or failed. 409 if it has gone out. *Permissions*: agents.
    CancelMail = Post "/mails/{id}/cancel" (NotificationId) Nothing => MailBody;
    /// Sends all mails that failed, one after the other. *Permissions*: agents.
    RetryFailedMails = Post "/mails/retry" (()) Nothing => ChangedMails;
    /// Gives up all mails that failed. *Permissions*: agents.
    CancelFailedMails = Post "/mails/cancel" (()) Nothing => ChangedMails;
}

/// Which mails to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MailQuery {
    #[serde(skip_serializing_if = "Choice::is_any")]
    pub state: Choice<MailState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_page: Option<u32>,
}

/// One page of mails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailPage {
    pub mails: Vec<Mail>,
    pub total: i64,
    pub page: u32,
    pub per_page: u32,
}

/// One mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailBody {
    pub mail: Mail,
}

/// What was done with several mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedMails {
    /// How many there were.
    pub changed: i64,
}

/// A mail in the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    pub id: NotificationId,
    pub kind: NotificationKind,
    pub state: MailState,
    pub ticket_id: TicketId,
    pub ticket_number: String,
    pub recipient_name: String,
    /// Empty where there is none.
    pub recipient_email: String,
    pub created_at: LocalTime,
    /// When it is tried next.
    pub due_at: LocalTime,
    /// How often it was tried in vain.
    pub attempts: i32,
    /// The mail server's last words, why it was not needed ([`Needless`]), or who gave it up ([`CANCELLED_BY`]).
    ///
    /// [`Needless`]: crate::notifications::Needless
    pub answer: Option<String>,
    pub sent_at: Option<LocalTime>,
}

/// What stands before the name of whoever gave a mail up.
pub const CANCELLED_BY: &str = "cancelled by ";

text_enum! {
    /// How mails leave.
    pub enum MailWay else Files {
        /// Through the mail server.
        Smtp = "smtp", "server";
        /// As files in `DATA_DIR/mail`, because no mail server is set.
        Files = "files", "file";
    }
}

/// How the outbox stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailStatusBody {
    pub status: MailStatus,
}

/// How mails leave, and how the outbox stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailStatus {
    pub way: MailWay,
    /// `smtp.example.com:465`, or the folder.
    pub place: String,
    pub sender: String,
    pub waiting: i64,
    pub failed: i64,
    /// The mail server's certificate is not checked, by the operator's wish.
    pub unverified: bool,
    /// Why no mail can be sent at the moment, as far as this server knows.
    pub down: Option<String>,
}

/// Which mails somebody gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailChoices {
    pub kinds: Vec<MailChoice>,
    pub lang: Lang,
}

/// Whether somebody gets mails of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailChoice {
    pub kind: NotificationKind,
    pub on: bool,
}

/// A choice by the link in a mail.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StopRequest {
    /// What stands in the link.
    pub token: String,
    /// Whether such mails are to come again.
    pub on: bool,
}

/// What was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    pub kind: NotificationKind,
    pub on: bool,
}

/// The page behind the link in a mail; a `POST` there stops such mails at once (RFC 8058).
pub const STOP_PATH: &str = "/case/unsubscribe";

/// Where a test mail goes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TestRequest {
    pub to: String,
}

text_enum! {
    /// Who said a line of a test.
    pub enum Speaker else Note {
        Client = "client", "us";
        Server = "server", "them";
        /// Neither: something that happened.
        Note = "note", "event";
    }
}

/// A line of a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestLine {
    pub speaker: Speaker,
    pub text: String,
}

/// How a test went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestReport {
    /// Whether the server took the mail.
    pub sent: bool,
    /// The server's last words, or where and why it ended.
    pub answer: String,
    /// What to do about it, where that is known.
    pub hint: Option<String>,
    /// The conversation, without passwords.
    pub lines: Vec<TestLine>,
}
