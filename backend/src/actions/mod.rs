//! The use cases, synchronous, over one transaction. The only layer that writes *and* tells of it.

pub mod access;
pub mod accounts;
pub mod assignees;
pub mod attachments;
pub mod batch;
pub mod changes;
mod letters;
pub mod live;
pub mod mail_choices;
pub mod mail_templates;
pub mod mails;
pub mod messages;
pub mod notifications;
pub mod notify;
pub mod numbers;
pub mod outbox;
pub mod reads;
pub mod remembered;
pub mod retell;
pub mod sessions;
pub mod statistics;
pub mod tickets;
pub mod users;
mod wire;

use chrono::NaiveDateTime;
use shared::{
    UserId,
    statistics::{Statistics, StatisticsQuery},
};

use self::remembered::{Changes, Remembered};
use crate::{
    clock::{Chance, Clock},
    config::Config,
    db::{self, connection::DbConnection, notices::Notice, tickets::TicketFilter},
    domain::{events::Envelope, zone::Zone},
    error::Result,
};

/// What every action may need besides the database.
pub struct Env {
    pub config: Config,
    pub clock: Clock,
    pub chance: Chance,
    pub numbers: numbers::Numbers,
    /// Counts up when tickets change.
    pub changes: Changes,
    pub counts: Remembered<TicketFilter, i64>,
    pub statistics: Remembered<StatisticsQuery, Statistics>,
}

impl Env {
    /// The environment of an app that has just started.
    pub fn new(config: Config, clock: Clock) -> Self {
        let changes = Changes::default();
        Self {
            config,
            clock,
            chance: Chance::from_os(),
            numbers: numbers::Numbers::default(),
            counts: Remembered::new(&changes),
            statistics: Remembered::new(&changes),
            changes,
        }
    }

    /// The display time zone.
    pub fn zone(&self) -> Zone {
        self.config.zone
    }
}

/// One transaction: the connection, the moment it began, and what it will tell once it is committed.
pub struct Tx<'a> {
    pub conn: &'a mut DbConnection,
    pub env: &'a Env,
    pub now: NaiveDateTime,
    events: Vec<Envelope>,
    revoked: Vec<Option<UserId>>,
    notices: Vec<Notice>,
}

/// What is to be told once a transaction is committed.
pub struct Told {
    /// In order.
    pub events: Vec<Envelope>,
    /// Whose sessions ended or changed; none for a guest.
    pub revoked: Vec<Option<UserId>>,
}

impl<'a> Tx<'a> {
    /// Begins; the transaction itself is the caller's.
    pub fn new(conn: &'a mut DbConnection, env: &'a Env) -> Self {
        Self {
            conn,
            env,
            now: env.clock.now(),
            events: Vec::new(),
            revoked: Vec::new(),
            notices: Vec::new(),
        }
    }

    /// Tells of something, after the commit.
    pub fn emit(&mut self, event: Envelope) {
        self.events.push(event);
    }

    /// Makes that account, or all guests, prove anew who they are, after the commit.
    pub fn revoke(&mut self, user: Option<UserId>) -> Result<()> {
        db::revocations::insert(self.conn, user, self.now)?;
        self.revoked.push(user);
        Ok(())
    }

    /// Notifies of something: stored with the rest of the transaction.
    pub fn notify(&mut self, notice: Notice) {
        self.notices.push(notice);
    }

    /// Ends the work of the transaction.
    pub fn finish(self) -> Result<Told> {
        db::notices::insert_all(self.conn, &self.notices)?;
        Ok(Told {
            events: self.events,
            revoked: self.revoked,
        })
    }

    /// What is to be told so far, where nothing is written and so nothing is committed.
    pub fn take_events(&mut self) -> Vec<Envelope> {
        std::mem::take(&mut self.events)
    }

    /// The display time zone.
    pub fn zone(&self) -> Zone {
        self.env.zone()
    }
}
