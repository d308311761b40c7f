//! The plain WebSocket door at `/case/ws`: one text frame an event, `{"event": …, "data": …, "id": n?}`.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Bytes, ServiceConfig},
};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseReason, Closed, Session};
use futures_util::StreamExt;
use serde_json::{Value, json};
use shared::{ErrorCode, endpoint::LIVE_PATH};

use super::{
    connection,
    wire::{CloseCode, Gone, Heard, MAX_FRAME, Wire, read_event},
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
    let (response, session, stream) = shake_hands(req, body)?;
    let wire = PlainWire {
        session,
        stream: stream.aggregate_continuations().max_continuation_size(MAX_FRAME),
    };
    actix_web::rt::spawn(connection::run(cx, wire));
    Ok(response)
}

/// Becomes a WebSocket that takes frames up to our limit.
pub(super) fn shake_hands(
    req: &HttpRequest,
    body: web::Payload,
) -> Result<(HttpResponse, Session, actix_ws::MessageStream)> {
    let (response, session, stream) =
        actix_ws::handle(req, body).map_err(|_| Error::new(ErrorCode::UnsupportedMediaType))?;
    Ok((response, session, stream.max_frame_size(MAX_FRAME)))
}

struct PlainWire {
    session: Session,
    stream: AggregatedMessageStream,
}

impl Wire for PlainWire {
    const DOOR: Door = Door::WebSocket;

    async fn hear(&mut self) -> Heard {
        match self.stream.next().await {
            Some(Ok(AggregatedMessage::Text(text))) => read_frame(&text),
            Some(Ok(AggregatedMessage::Ping(bytes))) => Heard::Protocol(bytes),
            Some(Ok(AggregatedMessage::Pong(_))) => Heard::Alive,
            Some(Ok(AggregatedMessage::Binary(_))) => Heard::Broken(CloseCode::Unsupported),
            Some(Err(_)) => Heard::Broken(CloseCode::Protocol),
            Some(Ok(AggregatedMessage::Close(_))) | None => Heard::Gone,
        }
    }

    async fn say(&mut self, frame: &Frame) -> Result<(), Gone> {
        over(self.session.text(frame.plain().clone()).await)
    }

    async fn acknowledge(&mut self, id: u64, data: &Value) -> Result<(), Gone> {
        let frame = json!({ "event": "ack", "id": id, "data": data });
        over(self.session.text(frame.to_string()).await)
    }

    async fn answer(&mut self, answer: Bytes) -> Result<(), Gone> {
        over(self.session.pong(&answer).await)
    }

    async fn ping(&mut self) -> Result<(), Gone> {
        over(self.session.ping(b"").await)
    }

    async fn close(&mut self, code: CloseCode) {
        let reason = CloseReason {
            code,
            description: None,
        };
        drop(self.session.clone().close(Some(reason)).await);
    }
}

fn over(sent: Result<(), Closed>) -> Result<(), Gone> {
    sent.map_err(|_| Gone)
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
