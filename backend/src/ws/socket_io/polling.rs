//! The polling transport: a GET waits for packets, a POST brings some.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use shared::ErrorCode;
use tokio::sync::watch;

use super::{
    super::wire::{CloseCode, MAX_FRAME},
    Refusal,
    engine::{Engine, Incoming, Outgoing, Stage, read},
    text,
};

/// Stands between the packets of a payload.
const SEPARATOR: char = '\u{1e}';
const CLOSE: &str = "1";
const NOOP: &str = "6";
/// How long a poll that only tells the client to change over is held back.
const CHANGE_OVER: Duration = Duration::from_millis(20);

/// Waits for packets, and answers with all there are.
pub(super) async fn take(engine: &Engine) -> HttpResponse {
    let mut stage = engine.stage.subscribe();
    if *stage.borrow() == Stage::WebSocket {
        return Refusal::BadRequest.answer();
    }
    let Ok(mut outgoing) = engine.outgoing.try_lock() else {
        // Two polls at once are against the protocol, and would tear the order apart.
        engine.hand_in(Incoming::Broken(CloseCode::Protocol)).await;
        return Refusal::BadRequest.answer();
    };
    let first = tokio::select! {
        biased;
        first = outgoing.recv() => first,
        () = changing_over(&mut stage) => {
            drop(outgoing);
            tokio::time::sleep(CHANGE_OVER).await;
            return text(NOOP.into());
        }
    };
    let mut payload = String::new();
    let mut next = first;
    loop {
        match next {
            Some(Outgoing::Packet(packet)) => push(&mut payload, &packet),
            Some(Outgoing::Close(_)) | None => {
                push(&mut payload, CLOSE);
                break;
            }
        }
        match outgoing.try_recv() {
            Ok(packet) => next = Some(packet),
            Err(_) => break,
        }
    }
    text(payload)
}

/// Waits until a WebSocket has knocked. What the channel lends must be given back at once: held while something else is
/// waited for, it would lock out the very task that changes it.
async fn changing_over(stage: &mut watch::Receiver<Stage>) {
    drop(stage.wait_for(|stage| *stage != Stage::Polling).await);
}

fn push(payload: &mut String, packet: &str) {
    if !payload.is_empty() {
        payload.push(SEPARATOR);
    }
    payload.push_str(packet);
}

/// Hands the packets of a body to the loop.
pub(super) async fn put(engine: &Engine, body: web::Payload) -> HttpResponse {
    if *engine.stage.borrow() == Stage::WebSocket {
        return Refusal::BadRequest.answer();
    }
    let bytes = match body.to_bytes_limited(MAX_FRAME).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => {
            engine.hand_in(Incoming::Broken(CloseCode::Protocol)).await;
            return Refusal::BadRequest.answer();
        }
        Err(_) => {
            engine.hand_in(Incoming::Broken(CloseCode::Size)).await;
            let status = ErrorCode::PayloadTooLarge.status();
            return HttpResponse::build(actix_web::http::StatusCode::from_u16(status).unwrap_or_default())
                .force_close()
                .finish();
        }
    };
    let Ok(packets) = std::str::from_utf8(&bytes) else {
        engine.hand_in(Incoming::Broken(CloseCode::Invalid)).await;
        return Refusal::BadRequest.answer();
    };
    for packet in packets.split(SEPARATOR) {
        let incoming = read(engineioxide_core::Str::copy_from_slice(packet));
        let broken = matches!(incoming, Incoming::Broken(_));
        if !engine.hand_in(incoming).await {
            return Refusal::UnknownSession.answer();
        }
        if broken {
            return Refusal::BadRequest.answer();
        }
    }
    text("ok".into())
}
