//! One folder per feature; each exports its routes.

pub(crate) mod account;
pub(crate) mod mail;
pub(crate) mod not_found;
pub(crate) mod portal;
pub(crate) mod statistics;
pub(crate) mod tickets;
pub(crate) mod users;
