//! The plain WebSocket door at `/case/ws`: one text frame an event, `{"event": …, "data": …, "id": n?}`.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Bytes, ServiceConfig},
};
use serde_json::{Value, json};
use shared::{ErrorCode, endpoint::LIVE_PATH};

use super::{
    connection,
    frames::{Arrived, Frames},
    speech::Speech,
    wire::{CloseCode, Gone, Heard, Wire, read_event},
};
use crate::{
    app::{hub::Frame, metrics::Door},
    domain::actor::Actor,
    error::{Error, Result},
    request::{Cx, respond},
};

pub(super) fn mount(config: &mut ServiceConfig) {
    config.route(LIVE_PATH, web::get().to(open));
}

async fn open(req: HttpRequest, body: web::Payload) -> HttpResponse {
    let outcome = upgrade(&req, body).await;
    respond(&req, outcome)
}

async fn upgrade(req: &HttpRequest, body: web::Payload) -> Result<HttpResponse> {
    let cx = Cx::of(req).await?;
    if cx.actor == Actor::Nobody {
        return Err(ErrorCode::Unauthenticated.into());
    }
    let (response, speech, frames) = shake_hands(req, body)?;
    let wire = PlainWire { speech, frames };
    actix_web::rt::spawn(connection::run(cx, wire));
    Ok(response)
}

/// Becomes a WebSocket.
pub(super) fn shake_hands(req: &HttpRequest, body: web::Payload) -> Result<(HttpResponse, Speech, Frames)> {
    let (response, session, stream) =
        actix_ws::handle(req, body).map_err(|_| Error::new(ErrorCode::UnsupportedMediaType))?;
    let (speech, response) = Speech::new(session, response);
    Ok((response, speech, Frames::new(stream)))
}

struct PlainWire {
    speech: Speech,
    frames: Frames,
}

impl Wire for PlainWire {
    const DOOR: Door = Door::WebSocket;

    async fn hear(&mut self) -> Heard {
        match self.frames.next().await {
            Arrived::Text(text) => read_frame(&text),
            Arrived::Ping(bytes) => Heard::Protocol(bytes),
            Arrived::Pong => Heard::Alive,
            Arrived::Flood => Heard::Flood,
            Arrived::Broken(code) => Heard::Broken(code),
            Arrived::Gone => Heard::Gone,
        }
    }

    async fn say(&mut self, frame: &Frame) -> Result<(), Gone> {
        self.speech.text(frame.plain().clone()).await
    }

    async fn acknowledge(&mut self, id: u64, data: &Value) -> Result<(), Gone> {
        let frame = json!({ "event": "ack", "id": id, "data": data });
        self.speech.text(frame.to_string()).await
    }

    async fn answer(&mut self, answer: Bytes) -> Result<(), Gone> {
        self.speech.pong(&answer).await
    }

    async fn ping(&mut self) -> Result<(), Gone> {
        self.speech.ping().await
    }

    async fn close(&mut self, code: CloseCode) {
        self.speech.close(code).await;
    }
}

fn read_frame(text: &str) -> Heard {
    let Ok(frame) = serde_json::from_str::<Value>(text) else {
        return Heard::Said {
            id: None,
            event: Err(ErrorCode::InvalidJson.into()),
        };
    };
    Heard::Said {
        id: frame.get("id").and_then(Value::as_u64),
        event: read_event(frame.get("event").and_then(Value::as_str), frame.get("data")),
    }
}
