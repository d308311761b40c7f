//! The HTTP adapter: routes, thin handlers, files and the SPA.

mod endpoint;
mod guard;
mod health;
mod mails;
mod messages;
mod meta;
mod metrics;
mod notifications;
mod sessions;
mod spa;
mod statistics;
mod tickets;
mod uploads;
mod users;

pub use guard::{cors, guard};
pub use spa::Spa;

use actix_web::web::ServiceConfig;

/// Every endpoint of the API; the conventions test compares it with what `shared` declares.
fn api() -> endpoint::Routes {
    let routes = endpoint::Routes::default();
    let routes = sessions::routes(routes);
    let routes = users::routes(routes);
    let routes = tickets::routes(routes);
    let routes = messages::routes(routes);
    let routes = mails::routes(routes);
    let routes = notifications::routes(routes);
    let routes = statistics::routes(routes);
    meta::routes(routes)
}

/// The endpoints that are mounted: name of the method and path.
pub fn mounted() -> Vec<(&'static str, &'static str)> {
    api().mounted()
}

/// Mounts everything but the sockets.
pub fn configure(config: &mut ServiceConfig) {
    api().mount(config);
    uploads::mount(config);
    health::mount(config);
    metrics::mount(config);
    mails::mount(config);
}

/// Mounts what answers when nothing else does; must come last.
pub fn configure_fallback(config: &mut ServiceConfig) {
    spa::mount(config);
}
