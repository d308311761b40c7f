//! The plain WebSocket door: upgrade, then the connection loop. (The Socket.IO door will be a second codec beside it.)

mod connection;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, ServiceConfig},
};
use shared::{ErrorCode, endpoint::LIVE_PATH};

use crate::{
    domain::actor::Actor,
    error::{Error, Result},
    request::{Cx, respond},
};

/// The largest frame a client may send, in bytes.
const MAX_FRAME: usize = 512 * 1024;

/// Mounts the door.
pub fn configure(config: &mut ServiceConfig) {
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
    let (response, session, stream) =
        actix_ws::handle(req, body).map_err(|_| Error::new(ErrorCode::UnsupportedMediaType))?;
    let stream = stream
        .max_frame_size(MAX_FRAME)
        .aggregate_continuations()
        .max_continuation_size(MAX_FRAME);
    actix_web::rt::spawn(connection::run(cx, session, stream));
    Ok(response)
}
