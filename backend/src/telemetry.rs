//! Logging: readable lines, or JSON with `LOG_FORMAT=json`; `RUST_LOG` filters.

use std::io::IsTerminal;

use tracing::Level;
use tracing_subscriber::{filter::Targets, fmt, prelude::*};

/// Starts logging for the process.
pub fn start() {
    let wanted = std::env::var("RUST_LOG").ok();
    let filter = wanted.and_then(|wanted| wanted.parse().ok()).unwrap_or_else(|| {
        Targets::new()
            .with_default(Level::INFO)
            .with_target("actix_server", Level::WARN)
    });
    let registry = tracing_subscriber::registry().with(filter);
    let json = std::env::var("LOG_FORMAT").is_ok_and(|format| format == "json");
    let started = if json {
        registry.with(fmt::layer().json()).try_init()
    } else {
        registry
            .with(
                fmt::layer()
                    .with_target(false)
                    .with_ansi(std::io::stdout().is_terminal()),
            )
            .try_init()
    };
    // A test may have started it before.
    drop(started);
}
