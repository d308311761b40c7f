//! What the connection loop knows of a door: frames heard, frames said, and the end. Each door is a codec behind this.

use std::future::Future;

use actix_web::web::Bytes;
pub(super) use actix_ws::CloseCode;
use serde_json::{Value, json};
use shared::{ErrorCode, live::ClientEvent};

use crate::{
    app::{hub::Frame, metrics::Door},
    error::Result,
};

/// The largest frame (behind Socket.IO: payload) a client may send, in bytes.
pub(super) const MAX_FRAME: usize = 512 * 1024;

/// The connection is over.
pub(super) struct Gone;

/// Something heard from the client.
pub(super) enum Heard {
    /// It says something; with an `id` it waits for the answer.
    Said {
        id: Option<u64>,
        event: Result<ClientEvent>,
    },
    /// It answers the heartbeat.
    Alive,
    /// The protocol itself wants an answer: give this to [`Wire::answer`].
    Protocol(Bytes),
    /// It says more than anybody can mean.
    Flood,
    /// It does not speak the protocol.
    Broken(CloseCode),
    /// It went away.
    Gone,
}

/// One client behind one door.
pub(super) trait Wire {
    /// Which one.
    const DOOR: Door;

    /// The next thing heard. Dropping the future loses nothing.
    fn hear(&mut self) -> impl Future<Output = Heard>;

    /// Says an event.
    fn say(&mut self, frame: &Frame) -> impl Future<Output = Result<(), Gone>>;

    /// Answers what was said with this `id`.
    fn acknowledge(&mut self, id: u64, data: &Value) -> impl Future<Output = Result<(), Gone>>;

    /// Gives the protocol its answer.
    fn answer(&mut self, answer: Bytes) -> impl Future<Output = Result<(), Gone>>;

    /// Asks whether anybody is there.
    fn ping(&mut self) -> impl Future<Output = Result<(), Gone>>;

    /// Ends the connection.
    fn close(&mut self, code: CloseCode) -> impl Future<Output = ()>;
}

/// What a client may say, by name.
const EVENTS: [&str; 7] = [
    "join",
    "leave",
    "send_message",
    "read",
    "typing",
    "presence",
    "ping",
];

/// What a client says, from its name and data. Every fault is a code of ours, never a parser's words.
pub(super) fn read_event(name: Option<&str>, data: Option<&Value>) -> Result<ClientEvent> {
    let Some(name) = name.filter(|name| EVENTS.contains(name)) else {
        return Err(ErrorCode::UnknownEvent.into());
    };
    let data = data.cloned().unwrap_or_else(|| json!({}));
    serde_json::from_value(json!({ "event": name, "data": data }))
        .map_err(|_| ErrorCode::ValidationFailed.into())
}
