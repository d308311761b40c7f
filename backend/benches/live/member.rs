//! A member of a room under load: it reads, and the first of the room writes when it is told to.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::Instant,
};

use anyhow::{Context, Result};
use futures_util::{SinkExt, StreamExt};
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::Message;

use crate::{clients::Seated, fan::Kind, target::Dialect};

/// What all members of a run share.
pub struct Run {
    pub started: Instant,
    pub kind: Kind,
    /// What is said, without its stamp.
    pub words: String,
    pub sent: AtomicU64,
    pub delivered: AtomicU64,
    /// Nothing more is said.
    pub over: AtomicBool,
}

/// What the members of one room share.
#[derive(Default)]
pub struct Room {
    /// When each thing was said: for frames that carry no stamp.
    said: Mutex<Vec<u64>>,
    heard: AtomicUsize,
}

/// One reading client.
pub struct Member {
    pub seat: Seated,
    pub dialect: Dialect,
    pub ticket: i32,
    pub run: Arc<Run>,
    pub room: Arc<Room>,
    /// How many of the room hear each thing.
    pub readers: usize,
    /// In a closed loop: whoever is the last to hear a thing tells the first of the room to say the next.
    pub next: Option<mpsc::UnboundedSender<()>>,
    pub cue: mpsc::UnboundedReceiver<()>,
    pub stop: watch::Receiver<bool>,
}

/// What a member has to tell afterwards.
pub struct Heard {
    pub micros: Vec<u32>,
    /// The server ended the connection.
    pub lost: bool,
}

impl Member {
    /// Reads and writes until the end.
    pub async fn run(mut self) -> Heard {
        let mut micros = Vec::new();
        let lost = self.talk(&mut micros).await.is_err();
        Heard { micros, lost }
    }

    async fn talk(&mut self, micros: &mut Vec<u32>) -> Result<()> {
        let mut heard = 0;
        loop {
            tokio::select! {
                frame = self.seat.socket.next() => {
                    let frame = frame.context("closed by the server")??;
                    let Message::Text(text) = frame else { continue };
                    if text.as_str() == "2" {
                        self.seat.socket.send(Message::text("3")).await?;
                    } else if self.dialect.name(&text) == Some(self.run.kind.heard()) {
                        self.hear(&text, heard, micros);
                        heard += 1;
                    }
                }
                Some(()) = self.cue.recv() => self.say().await?,
                _ = self.stop.changed() => return Ok(()),
            }
        }
    }

    async fn say(&mut self) -> Result<()> {
        let at = self.run.started.elapsed().as_micros() as u64;
        let number = {
            let mut said = self.room.said.lock().unwrap_or_else(PoisonError::into_inner);
            said.push(at);
            said.len()
        };
        let data = match self.run.kind {
            Kind::Message => {
                format!(
                    r#"{{"ticket_id":{},"content":"t={at};{}"}}"#,
                    self.ticket, self.run.words
                )
            }
            Kind::Typing => {
                // The same is not told twice within a moment, and only what was begun is ended.
                let typing = !number.is_multiple_of(2);
                format!(r#"{{"ticket_id":{},"typing":{typing}}}"#, self.ticket)
            }
        };
        self.run.sent.fetch_add(1, Relaxed);
        let frame = self.dialect.event(self.run.kind.said(), &data);
        Ok(self.seat.socket.send(frame).await?)
    }

    fn hear(&self, text: &str, number: usize, micros: &mut Vec<u32>) {
        let now = self.run.started.elapsed().as_micros() as u64;
        self.run.delivered.fetch_add(1, Relaxed);
        let said = stamp(text).or_else(|| {
            let said = self.room.said.lock().unwrap_or_else(PoisonError::into_inner);
            said.get(number).copied()
        });
        micros.extend(said.map(|said| now.saturating_sub(said) as u32));
        let heard = self.room.heard.fetch_add(1, Relaxed) + 1;
        if let Some(next) = &self.next
            && heard.is_multiple_of(self.readers)
            && !self.run.over.load(Relaxed)
        {
            let _ = next.send(());
        }
    }
}

fn stamp(text: &str) -> Option<u64> {
    let (_, rest) = text.split_once("\"t=")?;
    rest.split_once(';')?.0.parse().ok()
}
