//! One connection's loop over inbound frames, its outbox and the heartbeat. It owns the client's place in every room,
//! so what it sends has neither gap nor repeat, whatever order events arrive in.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason, Session};
use bytestring::ByteString;
use futures_util::StreamExt;
use serde_json::{Value, json};
use shared::{
    ErrorCode, Lang, Problem, TicketId,
    endpoint::Nothing,
    live::{ClientEvent, Join, LiveError, PROTOCOL, Read, Send, ServerEvent, Typing, TypingNews, Welcome},
    tickets::TicketKey,
};
use tokio::sync::mpsc::Receiver;

use crate::{
    actions,
    app::{
        App,
        hub::{ConnectionId, Outgoing, frame},
    },
    domain::actor::Actor,
    error::{Error, Kind, Result},
    request::Cx,
};

/// A client that takes longer than this to take one frame is cut.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);
/// The most rooms one connection may be in.
const MAX_ROOMS: usize = 64;

/// The connection is over.
struct Gone;

struct Connection {
    app: App,
    id: ConnectionId,
    actor: Actor,
    token: Option<shared::Secret>,
    lang: Lang,
    session: Session,
    /// The last number sent, per room.
    rooms: HashMap<TicketId, i64>,
    heard: Instant,
}

/// Serves a connection until it ends.
pub(super) async fn run(cx: Cx, session: Session, mut stream: AggregatedMessageStream) {
    let (id, mut outbox) = cx.app.hub.connect(&cx.actor);
    let mut connection = Connection {
        app: cx.app,
        id,
        actor: cx.actor,
        token: cx.token,
        lang: cx.lang,
        session,
        rooms: HashMap::new(),
        heard: Instant::now(),
    };
    // However it ends, the hub forgets the connection.
    let _ = connection.serve(&mut stream, &mut outbox).await;
    connection.app.hub.disconnect(id);
}

impl Connection {
    async fn serve(
        &mut self,
        stream: &mut AggregatedMessageStream,
        outbox: &mut Receiver<Outgoing>,
    ) -> std::result::Result<(), Gone> {
        let live = self.app.config().live.clone();
        self.say(&ServerEvent::Welcome(Welcome {
            protocol: PROTOCOL,
            version: env!("CARGO_PKG_VERSION").into(),
            ping_interval_ms: live.ping_interval.as_millis() as u64,
        }))
        .await?;
        let mut heartbeat = tokio::time::interval(live.ping_interval);
        heartbeat.tick().await;
        loop {
            tokio::select! {
                inbound = stream.next() => match inbound {
                    Some(Ok(message)) => self.hear(message).await?,
                    Some(Err(_)) => return self.close(CloseCode::Protocol).await,
                    None => return Err(Gone),
                },
                outgoing = outbox.recv() => match outgoing {
                    Some(outgoing) => self.pass_on(outgoing).await?,
                    None => {
                        self.say(&ServerEvent::Resync(Nothing {})).await?;
                        return self.close(CloseCode::Again).await;
                    }
                },
                _ = heartbeat.tick() => {
                    if self.heard.elapsed() > live.ping_interval + live.ping_timeout {
                        return self.close(CloseCode::Away).await;
                    }
                    self.recheck().await?;
                    self.timely(self.session.clone().ping(b"")).await?;
                }
            }
        }
    }

    /// Sends a text, but does not wait for a client that takes nothing.
    async fn send(&mut self, text: ByteString) -> std::result::Result<(), Gone> {
        let mut session = self.session.clone();
        self.timely(async move { session.text(text).await }).await
    }

    async fn timely<T, E>(
        &self,
        sending: impl Future<Output = std::result::Result<T, E>>,
    ) -> std::result::Result<(), Gone> {
        match tokio::time::timeout(SEND_TIMEOUT, sending).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }

    async fn say(&mut self, event: &ServerEvent) -> std::result::Result<(), Gone> {
        self.send(frame(event)).await
    }

    async fn close(&mut self, code: CloseCode) -> std::result::Result<(), Gone> {
        drop(
            self.session
                .clone()
                .close(Some(CloseReason {
                    code,
                    description: None,
                }))
                .await,
        );
        Err(Gone)
    }

    async fn hear(&mut self, message: AggregatedMessage) -> std::result::Result<(), Gone> {
        self.heard = Instant::now();
        match message {
            AggregatedMessage::Text(text) => self.hear_text(&text).await,
            AggregatedMessage::Ping(bytes) => {
                let mut session = self.session.clone();
                self.timely(async move { session.pong(&bytes).await }).await
            }
            AggregatedMessage::Pong(_) => Ok(()),
            AggregatedMessage::Binary(_) => self.close(CloseCode::Unsupported).await,
            AggregatedMessage::Close(_) => Err(Gone),
        }
    }

    async fn hear_text(&mut self, text: &str) -> std::result::Result<(), Gone> {
        let (id, event) = read_frame(text);
        let outcome = match event {
            Ok(event) => self.answer(event).await?,
            Err(error) => Err(error),
        };
        match outcome {
            Ok(data) => self.acknowledge(id, data).await,
            Err(error) => self.refuse(id, &error).await,
        }
    }

    /// Does what a frame asks; the inner result goes to the client.
    async fn answer(&mut self, event: ClientEvent) -> std::result::Result<Result<Value>, Gone> {
        // Each frame is authorised anew: a revoked session says and hears nothing more.
        self.recheck().await?;
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
        })
    }

    async fn join(&mut self, join: Join) -> std::result::Result<Result<Value>, Gone> {
        let ticket = join.ticket_id;
        if self.rooms.len() >= MAX_ROOMS && !self.rooms.contains_key(&ticket) {
            return Ok(Err(Error::busy()));
        }
        // First listen, then read where the ticket stands: what happens in between waits in the outbox, and its
        // number tells whether the reading has covered it.
        self.app.hub.join(self.id, ticket);
        let actor = self.actor.clone();
        let joined = match self
            .app
            .read(move |tx| actions::live::join(tx, &actor, ticket))
            .await
        {
            Ok(joined) => joined,
            Err(error) => {
                self.leave(ticket);
                return Ok(Err(error));
            }
        };
        let since = join.since.map_or(joined.seq, |since| since.clamp(0, joined.seq));
        self.rooms.insert(ticket, since);
        if since < joined.seq
            && let Err(error) = self.catch_up(ticket).await?
        {
            return Ok(Err(error));
        }
        let seq = self.rooms.get(&ticket).copied().unwrap_or(joined.seq);
        let joined = shared::live::Joined { seq, ..joined };
        let data = json!({ "ticket_id": ticket, "seq": seq, "message": joined.message });
        self.say(&ServerEvent::Joined(joined)).await?;
        Ok(Ok(data))
    }

    fn leave(&mut self, ticket: TicketId) {
        self.rooms.remove(&ticket);
        self.app.hub.leave(self.id, ticket);
    }

    async fn send_message(&mut self, send: Send) -> Result<Value> {
        let actor = self.actor.clone();
        let key = TicketKey::Id(send.ticket_id);
        let message = self
            .app
            .write(move |tx| actions::messages::post(tx, &actor, &key, &send.message))
            .await?;
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
        if !self.rooms.contains_key(&typing.ticket_id) {
            return Err(ErrorCode::TicketNotFound.into());
        }
        let name = self
            .actor
            .account()
            .map(|account| account.name.clone())
            .unwrap_or_default();
        let news = TypingNews {
            ticket_id: typing.ticket_id,
            name,
            typing: typing.typing,
        };
        self.app
            .hub
            .whisper(self.id, typing.ticket_id, &ServerEvent::Typing(news));
        Ok(json!({}))
    }

    async fn pass_on(&mut self, outgoing: Outgoing) -> std::result::Result<(), Gone> {
        match outgoing {
            Outgoing::Plain(text) => self.send(text).await,
            Outgoing::Recheck => self.recheck().await,
            Outgoing::Goodbye => self.close(CloseCode::Restart).await,
            Outgoing::Durable { ticket, seq, text } => match self.rooms.get(&ticket).copied() {
                None => Ok(()),
                Some(last) if seq <= last => Ok(()),
                Some(last) if seq == last + 1 => {
                    self.rooms.insert(ticket, seq);
                    self.send(text).await
                }
                // Two commits were told in the other order: the database has them in the right one.
                Some(_) => match self.catch_up(ticket).await? {
                    Ok(()) => Ok(()),
                    Err(error) => self.refuse(None, &error).await,
                },
            },
        }
    }

    /// Sends everything after the last number sent, from the database.
    async fn catch_up(&mut self, ticket: TicketId) -> std::result::Result<Result<()>, Gone> {
        loop {
            let Some(since) = self.rooms.get(&ticket).copied() else {
                return Ok(Ok(()));
            };
            let actor = self.actor.clone();
            let replay = match self
                .app
                .read(move |tx| actions::live::replay(tx, &actor, ticket, since))
                .await
            {
                Ok(replay) => replay,
                Err(error) => {
                    self.leave(ticket);
                    return Ok(Err(error));
                }
            };
            for event in &replay.events {
                if let Some((_, seq, _)) = event.durable() {
                    self.rooms.insert(ticket, seq);
                    self.say(event).await?;
                }
            }
            if !replay.more {
                return Ok(Ok(()));
            }
        }
    }

    /// Is the session still what it was when the connection began?
    async fn recheck(&mut self) -> std::result::Result<(), Gone> {
        let Some(token) = &self.token else { return Ok(()) };
        match self.app.identify(token).await {
            Ok(actor) if actor == self.actor => Ok(()),
            Ok(_) => self.close(CloseCode::Policy).await,
            // The database is away: nothing can be read or written anyway, so the connection may wait.
            Err(_) => Ok(()),
        }
    }

    async fn acknowledge(&mut self, id: Option<u64>, mut data: Value) -> std::result::Result<(), Gone> {
        let Some(id) = id else { return Ok(()) };
        if let Some(data) = data.as_object_mut() {
            data.insert("success".into(), true.into());
        }
        self.send(
            json!({ "event": "ack", "id": id, "data": data })
                .to_string()
                .into(),
        )
        .await
    }

    async fn refuse(&mut self, id: Option<u64>, error: &Error) -> std::result::Result<(), Gone> {
        error.log();
        let code = error.code();
        if let Some(id) = id {
            let mut problem = Problem::new(code, self.lang);
            if let Kind::Problem(expected) = error.kind() {
                problem = problem.with_fields(&expected.fields, self.lang);
                problem.unseen.clone_from(&expected.unseen);
            }
            self.send(
                json!({ "event": "ack", "id": id, "data": problem })
                    .to_string()
                    .into(),
            )
            .await?;
        }
        let message = code.text(self.lang).to_owned();
        self.say(&ServerEvent::ErrorMessage(LiveError { code, message }))
            .await
    }
}

/// The id of a frame, and what it says. Every fault is a code of ours, never a parser's words.
fn read_frame(text: &str) -> (Option<u64>, Result<ClientEvent>) {
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        return (None, Err(ErrorCode::InvalidJson.into()));
    };
    let id = value.get("id").and_then(Value::as_u64);
    let known = ["join", "leave", "send_message", "read", "typing", "ping"];
    let Some(name) = value
        .get("event")
        .and_then(Value::as_str)
        .filter(|name| known.contains(name))
    else {
        return (id, Err(ErrorCode::UnknownEvent.into()));
    };
    let data = value.get("data").cloned().unwrap_or_else(|| json!({}));
    let event = serde_json::from_value(json!({ "event": name, "data": data }));
    (id, event.map_err(|_| ErrorCode::ValidationFailed.into()))
}
