//! The wake-up call between servers on one database: Redis carries what to look at, never what to believe. What it loses,
//! polling finds.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use anyhow::Context;
use futures_util::StreamExt;
use redis::{AsyncCommands, AsyncConnectionConfig, Client};
use serde::{Deserialize, Serialize};
use shared::{AttachmentId, Secret, TicketId, UserId};
use tokio::{
    sync::{Mutex, mpsc},
    time::timeout,
};

/// The one channel.
const CHANNEL: &str = "casedesk:live";
/// How many calls may wait to go out or to be answered; the rest is left to polling.
const WAITING: usize = 4096;
/// How often a server hears its own voice while Redis is well.
const BEAT: Duration = Duration::from_secs(1);
/// After this long without its own voice a server takes Redis to be down.
const SILENCE: Duration = Duration::from_secs(3);
/// How long Redis may take to answer.
const ANSWER: Duration = Duration::from_secs(2);
/// The pause before trying again.
const RETRY: Duration = Duration::from_millis(500);
/// The longest call; what is longer is not ours.
const LONGEST: usize = 64 * 1024;

/// What one server calls out to the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", rename_all = "snake_case")]
pub(super) enum Call {
    /// Is this thing on?
    Beat,
    /// Something happened to a ticket.
    Ticket { id: TicketId },
    /// Somebody has read on.
    Read { ticket: TicketId, user: UserId },
    /// Somebody has read at the bell.
    Bell { user: UserId },
    /// A ticket's own files are others now.
    Attachments { ticket: TicketId, file: AttachmentId },
    /// Somebody is writing, or stopped; 0 is the ticket's guest.
    Typing {
        ticket: TicketId,
        user: UserId,
        typing: bool,
        internal: bool,
    },
    /// Who has a ticket open at the caller's.
    Presence { ticket: TicketId, people: Vec<Seen> },
    /// Sessions of an account, or of guests, ended or changed.
    Sessions { user: Option<UserId> },
}

/// Somebody who has a ticket open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seen {
    pub(super) user: UserId,
    pub(super) hidden: bool,
}

#[derive(Serialize, Deserialize)]
struct Letter {
    node: String,
    #[serde(flatten)]
    call: Call,
}

/// What is heard from the others.
pub(super) enum Heard {
    /// Redis is back: whatever was missed must be looked up.
    Up,
    Call {
        node: String,
        call: Call,
    },
}

/// The line to the other servers; without `REDIS_URL` there are none.
pub(super) struct Bus {
    /// This server's name among them.
    node: String,
    client: Option<Client>,
    up: AtomicBool,
    outgoing: mpsc::Sender<Call>,
    waiting: Mutex<mpsc::Receiver<Call>>,
}

impl Bus {
    /// A line that nobody uses until [`Bus::run`].
    pub(super) fn open(url: Option<&Secret>) -> anyhow::Result<Self> {
        let client = url
            .map(|url| Client::open(url.expose()).context("REDIS_URL"))
            .transpose()?;
        let (outgoing, waiting) = mpsc::channel(WAITING);
        Ok(Self {
            node: uuid::Uuid::new_v4().simple().to_string(),
            client,
            up: AtomicBool::new(false),
            outgoing,
            waiting: Mutex::new(waiting),
        })
    }

    /// Are there other servers?
    pub(super) fn is_used(&self) -> bool {
        self.client.is_some()
    }

    /// Do calls arrive at the moment?
    pub(super) fn is_up(&self) -> bool {
        self.up.load(Ordering::Relaxed)
    }

    /// Calls out, without waiting.
    pub(super) fn call(&self, call: Call) {
        if self.is_used() && self.outgoing.try_send(call).is_err() {
            tracing::debug!("a call to the other servers is left to polling");
        }
    }

    /// Carries calls both ways, for as long as the process lives.
    pub(super) async fn run(&self, heard: mpsc::Sender<Heard>) {
        let mut waiting = self.waiting.lock().await;
        // If this is started anew, nobody knows what was missed.
        self.up.store(false, Ordering::Relaxed);
        if let Some(client) = &self.client {
            futures_util::join!(self.speak(client, &mut waiting), self.listen(client, &heard));
        }
    }

    async fn speak(&self, client: &Client, waiting: &mut mpsc::Receiver<Call>) {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(ANSWER))
            .set_response_timeout(Some(ANSWER));
        let mut beat = tokio::time::interval(BEAT);
        loop {
            let connecting = client.get_multiplexed_async_connection_with_config(&config);
            if let Ok(mut redis) = connecting.await {
                loop {
                    let call = tokio::select! {
                        call = waiting.recv() => call.unwrap_or(Call::Beat),
                        _ = beat.tick() => Call::Beat,
                    };
                    let letter = Letter {
                        node: self.node.clone(),
                        call,
                    };
                    let Ok(text) = serde_json::to_string(&letter) else {
                        continue;
                    };
                    if redis.publish::<_, _, ()>(CHANNEL, text).await.is_err() {
                        break;
                    }
                }
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    async fn listen(&self, client: &Client, heard: &mpsc::Sender<Heard>) {
        loop {
            // How it ended does not matter: it is tried again, and polling stands in meanwhile.
            let ended = self.subscribe(client, heard).await;
            if self.up.swap(false, Ordering::Relaxed) {
                tracing::warn!(reason = ?ended.err(), "Redis cannot be reached: other servers are followed by polling");
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    async fn subscribe(&self, client: &Client, heard: &mpsc::Sender<Heard>) -> anyhow::Result<()> {
        let mut line = timeout(ANSWER, client.get_async_pubsub()).await??;
        timeout(ANSWER, line.subscribe(CHANNEL)).await??;
        let mut messages = line.on_message();
        // One's own beat comes back once a second: silence means that the line is dead, whatever TCP says.
        while let Some(message) = timeout(SILENCE, messages.next()).await? {
            let Some(letter) = read(message.get_payload_bytes()) else {
                continue;
            };
            let heard_now = if letter.node != self.node {
                Heard::Call {
                    node: letter.node,
                    call: letter.call,
                }
            } else if !self.up.swap(true, Ordering::Relaxed) {
                tracing::info!("Redis carries calls between the servers");
                Heard::Up
            } else {
                continue;
            };
            if heard.try_send(heard_now).is_err() {
                tracing::debug!("a call from another server is left to polling");
            }
        }
        Ok(())
    }
}

/// A call, unless it is something else.
fn read(payload: &[u8]) -> Option<Letter> {
    if payload.len() > LONGEST {
        return None;
    }
    serde_json::from_slice(payload).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_reads_as_it_was_written() {
        let letter = Letter {
            node: "a".into(),
            call: Call::Presence {
                ticket: TicketId(3),
                people: vec![Seen {
                    user: UserId(1),
                    hidden: true,
                }],
            },
        };
        let text = serde_json::to_string(&letter).unwrap();
        assert_eq!(
            text,
            r#"{"node":"a","call":"presence","ticket":3,"people":[{"user":1,"hidden":true}]}"#
        );
        assert_eq!(read(text.as_bytes()).unwrap().call, letter.call);
    }

    #[tokio::test]
    async fn a_line_that_is_started_anew_is_one() {
        let nowhere = Secret::new("redis://127.0.0.1:1/");
        let bus = Bus::open(Some(&nowhere)).unwrap();
        for _ in 0..2 {
            let (heard, _) = mpsc::channel(1);
            let running = timeout(Duration::from_millis(50), bus.run(heard));
            assert!(running.await.is_err(), "it runs until it is dropped");
        }
    }

    #[test]
    fn what_is_not_a_letter_is_ignored() {
        for text in [
            "",
            "{}",
            "null",
            "[]",
            r#"{"node":"x","call":"drop_tables"}"#,
            "\u{0}",
        ] {
            assert!(read(text.as_bytes()).is_none(), "{text}");
        }
        assert!(read(&vec![b' '; LONGEST + 1]).is_none());
    }
}
