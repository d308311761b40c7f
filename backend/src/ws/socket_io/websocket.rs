//! The WebSocket transport: from the first frame on, or as the upgrade of a session that polls.

use std::{sync::Arc, time::Duration};

use actix_web::{HttpRequest, HttpResponse, web};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseReason, Session};
use futures_util::StreamExt;

use super::{
    super::{
        plain::shake_hands,
        wire::{CloseCode, MAX_FRAME},
    },
    engine::{Engine, Engines, Incoming, Outgoing, Stage, read},
};
use crate::{error::Result, request::Cx};

/// A client must change over within this time after it has knocked.
const CHANGE_OVER: Duration = Duration::from_secs(10);

/// Opens a session that never polls.
pub(super) fn open(req: &HttpRequest, body: web::Payload, engines: &Engines, cx: Cx) -> Result<HttpResponse> {
    let (response, session, stream) = shake_hands(req, body)?;
    let engine = engines.open(cx)?;
    engine.stage.send_replace(Stage::WebSocket);
    let mut carrier = Carrier::new(session, stream);
    actix_web::rt::spawn(async move {
        if carrier.session.text(engine.open_packet()).await.is_ok() {
            carrier.carry(&engine).await;
        } else {
            engine.hand_in(Incoming::Gone).await;
        }
    });
    Ok(response)
}

/// Takes over a session that has polled so far, once the client says so.
pub(super) fn upgrade(req: &HttpRequest, body: web::Payload, engine: Arc<Engine>) -> Result<HttpResponse> {
    let (response, session, stream) = shake_hands(req, body)?;
    let mut carrier = Carrier::new(session, stream);
    actix_web::rt::spawn(async move {
        let changed = tokio::time::timeout(CHANGE_OVER, carrier.change_over(&engine)).await;
        if changed == Ok(true) {
            carrier.carry(&engine).await;
        } else {
            // The session goes on polling.
            engine.stage.send_if_modified(|stage| {
                let probing = *stage == Stage::Probing;
                if probing {
                    *stage = Stage::Polling;
                }
                probing
            });
            carrier.close(CloseCode::Protocol).await;
        }
    });
    Ok(response)
}

struct Carrier {
    session: Session,
    stream: AggregatedMessageStream,
}

impl Carrier {
    fn new(session: Session, stream: actix_ws::MessageStream) -> Self {
        Self {
            session,
            stream: stream.aggregate_continuations().max_continuation_size(MAX_FRAME),
        }
    }

    /// Probe, answer, upgrade: whether it came to that.
    async fn change_over(&mut self, engine: &Engine) -> bool {
        if self.next_text().await.as_deref() != Some("2probe") {
            return false;
        }
        let first = engine.stage.send_if_modified(|stage| {
            let polling = *stage == Stage::Polling;
            if polling {
                *stage = Stage::Probing;
            }
            polling
        });
        if !first || self.session.text("3probe").await.is_err() {
            return false;
        }
        if self.next_text().await.as_deref() != Some("5") {
            return false;
        }
        engine.stage.send_replace(Stage::WebSocket);
        true
    }

    async fn next_text(&mut self) -> Option<String> {
        match self.stream.next().await? {
            Ok(AggregatedMessage::Text(text)) => Some(text.to_string()),
            Ok(_) | Err(_) => None,
        }
    }

    /// Carries both ways until either end is over.
    async fn carry(&mut self, engine: &Engine) {
        let session = self.session.clone();
        // Two loops, so that a full queue one way never holds up the other.
        let code = tokio::select! {
            () = carry_in(&mut self.stream, session.clone(), engine) => {
                engine.hand_in(Incoming::Gone).await;
                CloseCode::Normal
            }
            code = carry_out(session, engine) => code,
        };
        self.close(code).await;
    }

    async fn close(&self, code: CloseCode) {
        let reason = CloseReason {
            code,
            description: None,
        };
        drop(self.session.clone().close(Some(reason)).await);
    }
}

async fn carry_in(stream: &mut AggregatedMessageStream, mut session: Session, engine: &Engine) {
    while let Some(frame) = stream.next().await {
        let incoming = match frame {
            Ok(AggregatedMessage::Text(text)) => read(engineioxide_core::Str::copy_from_slice(&text)),
            Ok(AggregatedMessage::Binary(_)) => Incoming::Broken(CloseCode::Unsupported),
            Ok(AggregatedMessage::Ping(bytes)) => match session.pong(&bytes).await {
                Ok(()) => continue,
                Err(_) => return,
            },
            Ok(AggregatedMessage::Pong(_)) => continue,
            Ok(AggregatedMessage::Close(_)) => return,
            Err(_) => Incoming::Broken(CloseCode::Protocol),
        };
        if !engine.hand_in(incoming).await {
            return;
        }
    }
}

async fn carry_out(mut session: Session, engine: &Engine) -> CloseCode {
    let mut outgoing = engine.outgoing.lock().await;
    while let Some(packet) = outgoing.recv().await {
        match packet {
            Outgoing::Packet(packet) => {
                if session.text(packet).await.is_err() {
                    break;
                }
            }
            Outgoing::Close(code) => return code,
        }
    }
    CloseCode::Normal
}
