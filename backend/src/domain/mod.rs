//! Rules that are pure: no database, no network, no clock (`now` is a parameter).

pub mod actor;
pub mod events;
pub mod files;
pub mod mail;
pub mod tokens;
pub mod zone;
