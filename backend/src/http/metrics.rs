//! `GET /metrics` for Prometheus: with the token, or from this machine where there is none.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{self, ServiceConfig},
};
use shared::ErrorCode;
use subtle::ConstantTimeEq;

use crate::{
    actions,
    app::App,
    error::Result,
    request::{client_of, respond, text},
};

pub(super) fn mount(config: &mut ServiceConfig) {
    config.route("/metrics", web::get().to(show));
}

async fn show(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let outcome = permit(&req, &app);
    if outcome.is_ok() {
        match app.read(actions::mails::count).await {
            Ok((waiting, failed)) => app.metrics.outbox(waiting, failed),
            // The other figures are worth the more while the database is away.
            Err(error) => error.log(),
        }
    }
    let outcome = outcome.map(|()| {
        HttpResponse::Ok()
            .insert_header((
                header::CONTENT_TYPE,
                "application/openmetrics-text; version=1.0.0; charset=utf-8",
            ))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(app.metrics.text())
    });
    respond(&req, outcome)
}

fn permit(req: &HttpRequest, app: &App) -> Result<()> {
    let permitted = match &app.config().http.metrics_token {
        Some(token) => text(req, "authorization")
            .and_then(|value| value.strip_prefix("Bearer "))
            .is_some_and(|held| held.as_bytes().ct_eq(token.expose().as_bytes()).into()),
        None => {
            let client = client_of(req);
            !client.forwarded && client.peer.is_some_and(|ip| ip.to_canonical().is_loopback())
        }
    };
    if permitted {
        Ok(())
    } else {
        Err(ErrorCode::NotFound.into())
    }
}
