//! The live doors: plain WebSocket and Socket.IO, two codecs over one connection loop and one hub.

mod connection;
mod frames;
mod plain;
mod rooms;
mod said;
mod socket_io;
mod speech;
mod wire;

use actix_web::web::ServiceConfig;

pub use socket_io::Engines;

/// Mounts both doors.
pub fn configure(config: &mut ServiceConfig) {
    plain::mount(config);
    socket_io::mount(config);
}
