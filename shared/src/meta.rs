//! What a client needs to know about this installation before it draws anything.

use serde::{Deserialize, Serialize};

use crate::{
    Priority, Status,
    endpoint::{Nothing, endpoints},
};

endpoints! {
    /// Zone, vocabularies, limits and version. *Permissions*: anyone.
    GetMeta = Get "/meta" (()) Nothing => Meta;
}

/// The installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    pub name: String,
    pub version: String,
    /// IANA name of the display zone.
    pub timezone: String,
    /// The zone's offset from UTC right now, in seconds.
    pub utc_offset: i32,
    /// The server's clock in the display zone.
    pub now: crate::LocalTime,
    pub types: Vec<String>,
    pub priorities: Vec<Priority>,
    pub statuses: Vec<StatusRule>,
    pub limits: Limits,
}

/// One status and where a ticket may go from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusRule {
    pub status: Status,
    pub code: String,
    pub next: Vec<Status>,
}

/// What is too much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes.
    pub upload_bytes: u64,
    /// Lower case, without dots.
    pub upload_endings: Vec<String>,
    /// Characters.
    pub title_chars: usize,
    pub description_chars: usize,
    pub message_chars: usize,
    pub per_page: u32,
    pub batch: usize,
}
