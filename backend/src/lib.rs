//! CaseDesk's server, in layers: each module may use those above it in this list, none below.

pub mod clock;
pub mod config;
pub mod domain;
pub mod error;

pub mod db;

pub mod actions;

pub mod app;

pub mod request;

pub mod http;
pub mod jobs;
pub mod ws;

pub mod server;
pub mod telemetry;
