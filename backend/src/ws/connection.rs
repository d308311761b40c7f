//! One connection's loop over what it hears, its outbox and the heartbeat, whichever door it came through. What a client
//! may say is in `said.rs`, its places in the rooms are in `rooms.rs`.

use std::{
    collections::HashMap,
    pin::pin,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use shared::{
    Lang, Problem, Secret, TicketId,
    endpoint::Nothing,
    live::{LiveError, PROTOCOL, ServerEvent, Welcome},
};
use tokio::time::{Interval, timeout};

use super::{
    frames::Pace,
    rooms::{Calls, Place},
    wire::{CloseCode, Gone, Heard, Wire},
};
use crate::{
    app::{
        App,
        hub::{ConnectionId, Frame, Inbox, Outgoing},
        metrics::Cut,
    },
    domain::actor::Actor,
    error::{Error, Kind},
    request::Cx,
};

/// A client that takes longer than this to take one frame is cut.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);
/// How much is passed on before it is looked after anything else.
const AT_ONCE: usize = 32;
/// When the database could not be asked who somebody is, it is asked again this soon; sooner if there is reason to ask.
const ASKED_AGAIN: Duration = Duration::from_secs(3);
const DOUBTED_AGAIN: Duration = Duration::from_millis(500);
/// Whoever is told to prove who he is and cannot hears on this long.
const DOUBTED: Duration = Duration::from_millis(2_500);

/// One client: who it is, and where it is.
pub(super) struct Connection<W> {
    pub(super) app: App,
    pub(super) id: ConnectionId,
    pub(super) actor: Actor,
    pub(super) rooms: HashMap<TicketId, Place>,
    pub(super) calls: Calls,
    token: Option<Secret>,
    lang: Lang,
    wire: W,
    heard: Instant,
    pace: Pace,
    heartbeat: Interval,
    /// Since when he is to prove who he is, if he has not yet.
    doubted: Option<Instant>,
}

/// Serves a connection until it ends.
pub(super) async fn run<W: Wire>(cx: Cx, wire: W) {
    let (id, mut inbox) = cx.app.hub.connect(&cx.actor);
    let every = cx.app.config().live.ping_interval;
    let heartbeat = tokio::time::interval_at((Instant::now() + every).into(), every);
    let mut connection = Connection {
        app: cx.app,
        id,
        actor: cx.actor,
        rooms: HashMap::new(),
        calls: Calls::default(),
        token: cx.token,
        lang: cx.lang,
        wire,
        heard: Instant::now(),
        pace: Pace::default(),
        heartbeat,
        doubted: None,
    };
    let open = connection.app.metrics.open(W::DOOR);
    // However it ends, the hub forgets the connection.
    let _ = connection.serve(&mut inbox).await;
    connection.app.hub.disconnect(id);
    drop(open);
}

impl<W: Wire> Connection<W> {
    async fn serve(&mut self, inbox: &mut Inbox) -> Result<(), Gone> {
        let live = self.app.config().live.clone();
        // Whoever was locked out before the hub knew of him has heard nothing of it.
        self.recheck().await?;
        self.say(&ServerEvent::Welcome(Welcome {
            protocol: PROTOCOL,
            version: env!("CARGO_PKG_VERSION").into(),
            ping_interval_ms: live.ping_interval.as_millis() as u64,
        }))
        .await?;
        // One timer for the connection: it is set anew when it rings, not with each frame.
        let patience = live.ping_interval + live.ping_timeout;
        let mut silence = pin!(tokio::time::sleep_until((self.heard + patience).into()));
        loop {
            tokio::select! {
                heard = self.wire.hear() => self.hear(heard).await?,
                outgoing = inbox.take() => match outgoing {
                    Some(outgoing) => self.pass_on_all(outgoing, inbox).await?,
                    None => {
                        self.app.metrics.cut(Cut::Slow);
                        self.say(&ServerEvent::Resync(Nothing {})).await?;
                        return self.close(CloseCode::Again).await;
                    }
                },
                _ = self.heartbeat.tick() => {
                    self.recheck().await?;
                    timely(&self.app, self.wire.ping()).await?;
                }
                () = &mut silence => {
                    let end = self.heard + patience;
                    if end <= Instant::now() {
                        self.app.metrics.cut(Cut::Silent);
                        return self.close(CloseCode::Away).await;
                    }
                    silence.as_mut().reset(end.into());
                }
            }
        }
    }

    /// Passes on what waits, so that it goes out in one write.
    async fn pass_on_all(&mut self, first: Outgoing, inbox: &mut Inbox) -> Result<(), Gone> {
        self.pass_on(first).await?;
        for _ in 1..AT_ONCE {
            match inbox.take_waiting() {
                Some(outgoing) => self.pass_on(outgoing).await?,
                None => break,
            }
        }
        Ok(())
    }

    /// Says an event.
    pub(super) async fn say(&mut self, event: &ServerEvent) -> Result<(), Gone> {
        self.say_frame(&Frame::new(event)).await
    }

    /// Says an event whose text is made already.
    pub(super) async fn say_frame(&mut self, frame: &Frame) -> Result<(), Gone> {
        timely(&self.app, self.wire.say(frame)).await
    }

    pub(super) async fn close(&mut self, code: CloseCode) -> Result<(), Gone> {
        // A client that takes nothing any more must not keep us here.
        let _ = timeout(SEND_TIMEOUT, self.wire.close(code)).await;
        Err(Gone)
    }

    async fn hear(&mut self, heard: Heard) -> Result<(), Gone> {
        self.heard = Instant::now();
        if matches!(heard, Heard::Flood) || self.pace.is_exceeded() {
            self.app.metrics.cut(Cut::Flood);
            return self.close(CloseCode::Policy).await;
        }
        match heard {
            Heard::Said { id, event } => {
                let outcome = match event {
                    Ok(event) => self.answer(event).await?,
                    Err(error) => Err(error),
                };
                match outcome {
                    Ok(data) => self.acknowledge(id, data).await,
                    Err(error) => self.refuse(id, &error).await,
                }
            }
            Heard::Alive | Heard::Flood => Ok(()),
            Heard::Protocol(answer) => timely(&self.app, self.wire.answer(answer)).await,
            Heard::Broken(code) => {
                self.app.metrics.cut(Cut::Broken);
                self.close(code).await
            }
            Heard::Gone => Err(Gone),
        }
    }

    async fn pass_on(&mut self, outgoing: Outgoing) -> Result<(), Gone> {
        match outgoing {
            Outgoing::Frame(frame) => match frame.durable() {
                Some((ticket, seq)) => self.pass_on_durable(&frame, ticket, seq).await,
                // He asked to be let in and was not, or has left.
                None if frame.room().is_some_and(|room| !self.rooms.contains_key(&room)) => Ok(()),
                None => self.say_frame(&frame).await,
            },
            Outgoing::Recheck { doubted } => {
                if doubted {
                    self.doubted.get_or_insert_with(Instant::now);
                }
                self.recheck().await
            }
            Outgoing::Goodbye => self.close(CloseCode::Restart).await,
        }
    }

    /// Is the session still what it was when the connection began? The inner failure: that could not be looked up. Then the
    /// connection may wait, but not long once there is reason to doubt it.
    pub(super) async fn prove(&mut self) -> Result<Result<(), Error>, Gone> {
        let Some(token) = &self.token else {
            return Ok(Ok(()));
        };
        let lookup = self.app.identify(token);
        let known = match self.doubted {
            Some(since) => timeout(DOUBTED.saturating_sub(since.elapsed()), lookup)
                .await
                .ok(),
            None => Some(lookup.await),
        };
        match known {
            Some(Ok(actor)) if actor.is_same(&self.actor) => {
                self.actor = actor;
                self.doubted = None;
                Ok(Ok(()))
            }
            Some(Ok(_)) => {
                self.app.metrics.cut(Cut::Revoked);
                self.close(CloseCode::Policy).await.map(Ok)
            }
            Some(Err(error)) => Ok(Err(error)),
            // He comes back and proves it then.
            None => {
                self.app.metrics.cut(Cut::Doubted);
                self.close(CloseCode::Again).await.map(Ok)
            }
        }
    }

    /// The same while nobody asks for anything.
    async fn recheck(&mut self) -> Result<(), Gone> {
        if self.prove().await?.is_err() {
            self.heartbeat.reset_after(match self.doubted {
                Some(_) => DOUBTED_AGAIN,
                None => ASKED_AGAIN,
            });
        }
        Ok(())
    }

    async fn acknowledge(&mut self, id: Option<u64>, mut data: Value) -> Result<(), Gone> {
        let Some(id) = id else { return Ok(()) };
        if let Some(data) = data.as_object_mut() {
            data.insert("success".into(), true.into());
        }
        timely(&self.app, self.wire.acknowledge(id, &data)).await
    }

    /// Refuses what was said, or tells of something that failed by itself.
    pub(super) async fn refuse(&mut self, id: Option<u64>, error: &Error) -> Result<(), Gone> {
        error.log();
        let code = error.code();
        if let Some(id) = id {
            let mut problem = Problem::new(code, self.lang);
            if let Kind::Problem(expected) = error.kind() {
                problem = problem.with_fields(&expected.fields, self.lang);
                problem.unseen.clone_from(&expected.unseen);
            }
            timely(&self.app, self.wire.acknowledge(id, &json!(problem))).await?;
        }
        let message = code.text(self.lang).to_owned();
        self.say(&ServerEvent::ErrorMessage(LiveError { code, message }))
            .await
    }
}

/// Sends something, but does not wait for a client that takes nothing.
async fn timely(app: &App, sending: impl Future<Output = Result<(), Gone>>) -> Result<(), Gone> {
    let sent = timeout(SEND_TIMEOUT, sending).await;
    sent.unwrap_or_else(|_| {
        app.metrics.cut(Cut::Slow);
        Err(Gone)
    })
}
