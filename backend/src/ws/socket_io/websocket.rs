//! The WebSocket transport: from the first frame on, or as the upgrade of a session that polls.

use std::{sync::Arc, time::Duration};

use actix_web::{HttpRequest, HttpResponse, web};
use bytestring::ByteString;

use super::{
    super::{
        frames::{Arrived, Frames},
        plain::shake_hands,
        speech::Speech,
        wire::CloseCode,
    },
    engine::{Engine, Engines, Incoming, Outgoing, Stage, read},
};
use crate::{error::Result, request::Cx};

/// A client must change over within this time after it has knocked.
const CHANGE_OVER: Duration = Duration::from_secs(10);

/// Opens a session that never polls.
pub(super) fn open(req: &HttpRequest, body: web::Payload, engines: &Engines, cx: Cx) -> Result<HttpResponse> {
    let (response, speech, frames) = shake_hands(req, body)?;
    let engine = engines.open(cx)?;
    engine.stage.send_replace(Stage::WebSocket);
    let mut carrier = Carrier { speech, frames };
    actix_web::rt::spawn(async move {
        if carrier.speech.text(engine.open_packet()).await.is_ok() {
            carrier.carry(&engine).await;
        } else {
            engine.hand_in(Incoming::Gone).await;
        }
    });
    Ok(response)
}

/// Takes over a session that has polled so far, once the client says so.
pub(super) fn upgrade(req: &HttpRequest, body: web::Payload, engine: Arc<Engine>) -> Result<HttpResponse> {
    let (response, speech, frames) = shake_hands(req, body)?;
    let mut carrier = Carrier { speech, frames };
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
    speech: Speech,
    frames: Frames,
}

impl Carrier {
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
        if !first || self.speech.text("3probe").await.is_err() {
            return false;
        }
        if self.next_text().await.as_deref() != Some("5") {
            return false;
        }
        engine.stage.send_replace(Stage::WebSocket);
        true
    }

    async fn next_text(&mut self) -> Option<ByteString> {
        match self.frames.next().await {
            Arrived::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Carries both ways until either end is over.
    async fn carry(&mut self, engine: &Engine) {
        let speech = self.speech.clone();
        // Two loops, so that a full queue one way never holds up the other.
        let code = tokio::select! {
            () = carry_in(&mut self.frames, speech.clone(), engine) => {
                engine.hand_in(Incoming::Gone).await;
                CloseCode::Normal
            }
            code = carry_out(speech, engine) => code,
        };
        self.close(code).await;
    }

    async fn close(&self, code: CloseCode) {
        self.speech.close(code).await;
    }
}

async fn carry_in(frames: &mut Frames, mut speech: Speech, engine: &Engine) {
    loop {
        let incoming = match frames.next().await {
            Arrived::Text(text) => read(engineioxide_core::Str::copy_from_slice(&text)),
            Arrived::Ping(bytes) => match speech.pong(&bytes).await {
                Ok(()) => continue,
                Err(_) => return,
            },
            Arrived::Pong => continue,
            Arrived::Flood => Incoming::Flood,
            Arrived::Broken(code) => Incoming::Broken(code),
            Arrived::Gone => return,
        };
        if !engine.hand_in(incoming).await {
            return;
        }
    }
}

async fn carry_out(mut speech: Speech, engine: &Engine) -> CloseCode {
    let mut outgoing = engine.outgoing.lock().await;
    while let Some(packet) = outgoing.recv().await {
        match packet {
            Outgoing::Packet(packet) => {
                if speech.text(packet).await.is_err() {
                    break;
                }
            }
            Outgoing::Close(code) => return code,
        }
    }
    CloseCode::Normal
}
