//! What a client may say, and what comes of it. Every rule is in the actions; here it is only called.

use std::time::Instant;

use serde_json::{Value, json};
use shared::{
    ErrorCode,
    endpoint::Nothing,
    live::{Attention, ClientEvent, Read, Send, ServerEvent, Typing, TypingNews},
    tickets::TicketKey,
};

use super::{
    connection::Connection,
    rooms::TYPING_PAUSE,
    wire::{Gone, Wire},
};
use crate::{actions, error::Result};

impl<W: Wire> Connection<W> {
    /// Does what a client asks; the inner result goes back to it.
    pub(super) async fn answer(&mut self, event: ClientEvent) -> Result<Result<Value>, Gone> {
        // Each frame is authorised anew: a revoked session says and hears nothing more. That somebody looks away may be
        // said all the same, and is said once.
        if let Err(error) = self.prove().await?
            && !matches!(
                event,
                ClientEvent::Ping(_) | ClientEvent::Leave(_) | ClientEvent::Presence(_)
            )
        {
            return Ok(Err(error));
        }
        Ok(match event {
            ClientEvent::Ping(_) => {
                self.say(&ServerEvent::Pong(Nothing {})).await?;
                Ok(json!({}))
            }
            ClientEvent::Join(join) => self.join(join).await?,
            ClientEvent::Leave(room) => {
                self.leave(room.ticket_id);
                self.say(&ServerEvent::Left(room)).await?;
                Ok(json!({}))
            }
            ClientEvent::SendMessage(send) => self.send_message(send).await,
            ClientEvent::Read(read) => self.read(read).await,
            ClientEvent::Typing(typing) => self.typing(typing),
            ClientEvent::Presence(attention) => self.look(attention),
        })
    }

    async fn send_message(&mut self, send: Send) -> Result<Value> {
        let key = TicketKey::Id(send.ticket_id);
        let message = self.app.post(self.actor.clone(), key, send.message).await?;
        Ok(json!({ "message": message }))
    }

    async fn read(&mut self, read: Read) -> Result<Value> {
        let actor = self.actor.clone();
        self.app
            .write(move |tx| actions::reads::mark(tx, &actor, read.ticket_id, read.seq))
            .await?;
        Ok(json!({}))
    }

    fn typing(&mut self, typing: Typing) -> Result<Value> {
        let Some(place) = self.rooms.get_mut(&typing.ticket_id) else {
            return Err(ErrorCode::TicketNotFound.into());
        };
        // The others know it: told again only to keep it alive.
        let known = |(told, at): (Typing, Instant)| told == typing && at.elapsed() < TYPING_PAUSE;
        if place.typing.is_some_and(known) {
            return Ok(json!({}));
        }
        // What was begun is ended before those who heard it begin, and nothing else is.
        let begun = place.typing.map(|(told, _)| told).filter(|told| told.typing);
        let ended = begun
            .filter(|begun| !typing.typing || begun.internal != typing.internal)
            .map(|begun| Typing {
                typing: false,
                ..begun
            });
        let told = ended.into_iter().chain(typing.typing.then_some(typing));
        let (now, name) = (Instant::now(), place.name.clone());
        for typing in told {
            place.typing = Some((typing, now));
            let news = TypingNews {
                ticket_id: typing.ticket_id,
                user_id: self.actor.id(),
                name: name.clone(),
                sender_type: self.actor.side(),
                typing: typing.typing,
                internal: typing.internal && self.actor.is_staff(),
            };
            if self.calls.is_due(now) {
                self.app.call_typing(&news);
            }
            self.app.whisper_typing(self.id, news);
        }
        Ok(json!({}))
    }

    fn look(&mut self, attention: Attention) -> Result<Value> {
        let Some(place) = self.rooms.get(&attention.ticket_id) else {
            return Err(ErrorCode::TicketNotFound.into());
        };
        self.attend(attention.ticket_id, &place.name, attention.hidden);
        Ok(json!({}))
    }
}
