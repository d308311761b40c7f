//! The Socket.IO door at `/socket.io/`: Engine.IO 4 over polling and WebSocket. Here are its routes; `engine.rs` keeps
//! who is connected, `polling.rs` and `websocket.rs` carry, `packet.rs` is the codec, `wire.rs` joins it to the loop.

mod engine;
mod packet;
mod polling;
mod websocket;
mod wire;

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{self, Data, ServiceConfig},
};
use serde::Deserialize;
use serde_json::json;

use self::engine::Engine;
pub use self::engine::Engines;
use crate::{
    error::Result,
    request::{Cx, may_be_of, respond},
};

/// Where the official clients knock, with and without the last slash.
const PATHS: [&str; 2] = ["/socket.io/", "/socket.io"];

/// Mounts the door.
pub(super) fn mount(config: &mut ServiceConfig) {
    for path in PATHS {
        config.service(
            web::resource(path)
                .route(web::get().to(get))
                .route(web::post().to(post)),
        );
    }
}

/// The question after the path.
#[derive(Debug, Deserialize)]
struct Query {
    #[serde(rename = "EIO")]
    protocol: Option<String>,
    transport: Option<String>,
    sid: Option<String>,
}

/// Why the door stays shut: numbers and words as the protocol has them.
#[derive(Debug, Clone, Copy)]
enum Refusal {
    UnknownTransport,
    UnknownSession,
    BadHandshakeMethod,
    BadRequest,
    UnsupportedProtocol,
}

impl Refusal {
    fn answer(self) -> HttpResponse {
        let (code, message) = match self {
            Self::UnknownTransport => (0, "Transport unknown"),
            Self::UnknownSession => (1, "Session ID unknown"),
            Self::BadHandshakeMethod => (2, "Bad handshake method"),
            Self::BadRequest => (3, "Bad request"),
            Self::UnsupportedProtocol => (5, "Unsupported protocol version"),
        };
        HttpResponse::BadRequest()
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .json(json!({ "code": code, "message": message }))
    }
}

/// What a request wants.
enum Wish {
    /// A new session.
    Handshake { websocket: bool },
    /// To go on with a session it owns.
    GoOn { engine: Arc<Engine>, websocket: bool },
}

impl Wish {
    fn of(req: &HttpRequest, engines: &Engines) -> std::result::Result<Self, Refusal> {
        let query = web::Query::<Query>::from_query(req.query_string()).map_err(|_| Refusal::BadRequest)?;
        if query.protocol.as_deref() != Some("4") {
            return Err(Refusal::UnsupportedProtocol);
        }
        let websocket = match query.transport.as_deref() {
            Some("polling") => false,
            Some("websocket") => true,
            Some(_) | None => return Err(Refusal::UnknownTransport),
        };
        let Some(sid) = &query.sid else {
            return Ok(Self::Handshake { websocket });
        };
        engines
            .find(sid)
            // Another session's number is as good as none.
            .filter(|engine| may_be_of(req, engine.owner.as_deref()))
            .map(|engine| Self::GoOn { engine, websocket })
            .ok_or(Refusal::UnknownSession)
    }
}

async fn get(req: HttpRequest, body: web::Payload, engines: Data<Engines>) -> HttpResponse {
    let wish = match Wish::of(&req, &engines) {
        Ok(wish) => wish,
        Err(refusal) => return refusal.answer(),
    };
    let outcome = match wish {
        Wish::GoOn {
            engine,
            websocket: false,
        } => Ok(polling::take(&engine).await),
        Wish::GoOn {
            engine,
            websocket: true,
        } => websocket::upgrade(&req, body, engine),
        Wish::Handshake { websocket } => open(&req, body, &engines, websocket).await,
    };
    respond(&req, outcome)
}

async fn open(
    req: &HttpRequest,
    body: web::Payload,
    engines: &Engines,
    over_websocket: bool,
) -> Result<HttpResponse> {
    let cx = Cx::of(req).await?;
    if over_websocket {
        websocket::open(req, body, engines, cx)
    } else {
        engines.open(cx).map(|engine| text(engine.open_packet()))
    }
}

async fn post(req: HttpRequest, body: web::Payload, engines: Data<Engines>) -> HttpResponse {
    match Wish::of(&req, &engines) {
        Ok(Wish::GoOn {
            engine,
            websocket: false,
        }) => polling::put(&engine, body).await,
        Ok(Wish::GoOn { websocket: true, .. }) => Refusal::BadRequest.answer(),
        Ok(Wish::Handshake { .. }) => Refusal::BadHandshakeMethod.answer(),
        Err(refusal) => refusal.answer(),
    }
}

/// A payload of the polling transport.
fn text(body: String) -> HttpResponse {
    HttpResponse::build(StatusCode::OK)
        .insert_header((header::CONTENT_TYPE, "text/plain; charset=UTF-8"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(body)
}
