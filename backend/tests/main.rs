//! All integration tests in one binary: a real server on a real port, a database of its own for every test.
//!
//! SQLite by default; `TEST_DATABASE_URL=mysql://root@127.0.0.1:3306/` runs the same tests on MySQL or MariaDB.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a panic fails the test"
)]

mod support;

mod access;
mod accounts;
mod adoption;
mod bad_input;
mod batch;
mod concurrency;
mod conventions;
mod convergence;
mod convergence_random;
mod crowd;
#[cfg(feature = "dkim")]
mod dkim;
mod doubts;
mod files;
mod guests;
mod hostile;
mod http;
mod lists;
mod live;
mod mail;
mod mail_absent;
mod mail_choices;
mod mail_crash;
mod mail_histories;
mod mail_pace;
mod mail_repeats;
mod mail_templates;
mod mail_words;
mod maildir;
mod mails;
mod messages;
mod migrations;
mod model;
mod nodes;
mod notifications;
mod outbox;
mod presence;
mod process;
mod proxy;
mod restart;
mod sessions;
mod slow;
mod smtp;
mod socket_io;
mod statistics;
mod status;
mod tickets;
mod together;
mod uploads;
mod users;
