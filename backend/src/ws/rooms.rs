//! A connection's places in the rooms: it owns the last number said in each, so what it says has neither gap nor repeat,
//! whatever order events arrive in.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use shared::{
    TicketId,
    live::{Join, Joined, Person, ServerEvent, Typing},
};

use super::{
    connection::Connection,
    wire::{CloseCode, Gone, Wire},
};
use crate::{
    actions::{self, live::Entered},
    app::hub::Frame,
    error::{Error, Result},
};

/// The most rooms one connection may be in.
const MAX_ROOMS: usize = 64;

/// How soon the same is told again of somebody's writing.
pub(super) const TYPING_PAUSE: Duration = Duration::from_millis(500);

/// A place in a room.
pub(super) struct Place {
    /// The last number said.
    said: i64,
    /// What the client's owner is called there.
    pub(super) name: String,
    /// What was last told of his writing, and when.
    pub(super) typing: Option<(Typing, Instant)>,
}

/// When the other servers were told of this client's writing: last, and before that.
#[derive(Default)]
pub(super) struct Calls([Option<Instant>; 2]);

impl Calls {
    /// May they be told now? They look up each whisper, and hear of two in a pause at most, in whichever rooms: whoever
    /// falls silent is taken to have stopped, and whoever writes says so again.
    pub(super) fn is_due(&mut self, now: Instant) -> bool {
        let [last, before] = self.0;
        let is_due = before.is_none_or(|at| now.duration_since(at) >= TYPING_PAUSE);
        if is_due {
            self.0 = [Some(now), last];
        }
        is_due
    }
}

impl<W: Wire> Connection<W> {
    pub(super) async fn join(&mut self, join: Join) -> Result<Result<Value>, Gone> {
        let ticket = join.ticket_id;
        if self.rooms.len() >= MAX_ROOMS && !self.rooms.contains_key(&ticket) {
            return Ok(Err(Error::busy()));
        }
        // First listen, then read where the ticket stands: what happens in between waits in the outbox, and its
        // number tells whether the reading has covered it.
        self.app.hub.join(self.id, ticket);
        let Entered {
            joined,
            name,
            staff_seq,
        } = match self.app.enter(self.actor.clone(), ticket).await {
            Ok(entered) => entered,
            Err(error) => {
                self.leave(ticket);
                return Ok(Err(error));
            }
        };
        let said = join.since.map_or(joined.seq, |since| since.clamp(0, joined.seq));
        let read_seq = joined.read_seq;
        self.app
            .hub
            .stands_at(ticket, staff_seq, self.actor.is_staff(), read_seq);
        self.attend(ticket, &name, false);
        self.rooms.insert(
            ticket,
            Place {
                said,
                name,
                typing: None,
            },
        );
        if said < joined.seq
            && let Err(error) = self.catch_up(ticket).await?
        {
            return Ok(Err(error));
        }
        let seq = self.rooms.get(&ticket).map_or(joined.seq, |place| place.said);
        let joined = Joined { seq, ..joined };
        let data = json!({
            "ticket_id": ticket, "seq": seq, "read_seq": joined.read_seq, "message": joined.message
        });
        self.say(&ServerEvent::Joined(joined)).await?;
        Ok(Ok(data))
    }

    pub(super) fn leave(&mut self, ticket: TicketId) {
        self.rooms.remove(&ticket);
        self.app.hub.leave(self.id, ticket);
    }

    /// Shows the others that the client's owner has the ticket open.
    pub(super) fn attend(&self, ticket: TicketId, name: &str, hidden: bool) {
        let person = Person {
            user_id: self.actor.id(),
            name: name.to_owned(),
            sender_type: self.actor.side(),
            hidden,
        };
        self.app.hub.attend(self.id, ticket, person);
    }

    /// Each number of a room is said once and in order.
    pub(super) async fn pass_on_durable(
        &mut self,
        frame: &Frame,
        ticket: TicketId,
        seq: i64,
    ) -> Result<(), Gone> {
        match self.rooms.get_mut(&ticket) {
            None => Ok(()),
            Some(place) if seq <= place.said => Ok(()),
            Some(place) if seq == place.said + 1 => {
                place.said = seq;
                self.say_frame(frame).await
            }
            // Two commits were told in the other order: the database has them in the right one.
            Some(_) => match self.catch_up(ticket).await? {
                Ok(()) => Ok(()),
                Err(error) if error.may_pass() => {
                    error.log();
                    // He comes back with the last number he has.
                    self.close(CloseCode::Again).await
                }
                Err(error) => self.refuse(None, &error).await,
            },
        }
    }

    /// Says everything after the last number said, from the database.
    async fn catch_up(&mut self, ticket: TicketId) -> Result<Result<()>, Gone> {
        loop {
            let Some(since) = self.rooms.get(&ticket).map(|place| place.said) else {
                return Ok(Ok(()));
            };
            let actor = self.actor.clone();
            let reading = self
                .app
                .read(move |tx| actions::live::replay(tx, &actor, ticket, since));
            let replay = match reading.await {
                Ok(replay) => replay,
                Err(error) => {
                    self.leave(ticket);
                    return Ok(Err(error));
                }
            };
            self.app.metrics.replayed(replay.events.len());
            for event in &replay.events {
                if let (Some((_, seq, _)), Some(place)) = (event.durable(), self.rooms.get_mut(&ticket)) {
                    place.said = seq;
                    self.say(event).await?;
                }
            }
            if !replay.more {
                return Ok(Ok(()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_servers_hear_little_of_much_writing() {
        let start = Instant::now();
        let mut calls = Calls::default();
        let due: Vec<u64> = (0..1_200)
            .filter(|at| calls.is_due(start + Duration::from_millis(*at)))
            .collect();
        assert_eq!(due, [0, 1, 500, 501, 1_000, 1_001]);
        assert!(calls.is_due(start + Duration::from_secs(4)), "kept alive");
    }
}
