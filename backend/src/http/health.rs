//! Liveness and readiness, without a session.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, ServiceConfig},
};
use shared::{ErrorCode, endpoint::Done};

use crate::{
    app::App,
    db,
    error::Result,
    request::{lang_of, respond, success},
};

pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .route("/healthz", web::get().to(alive))
        .route("/readyz", web::get().to(ready));
}

/// The process is up.
async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "success": true }))
}

/// The database answers and its migrations are applied.
async fn ready(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let outcome = is_ready(&req, &app).await;
    respond(&req, outcome)
}

async fn is_ready(req: &HttpRequest, app: &App) -> Result<HttpResponse> {
    let current = app.db.read(|conn| Ok(db::migrate::is_current(conn))).await?;
    if !current {
        return Err(ErrorCode::DatabaseUnavailable.into());
    }
    success(
        200,
        &Done {
            message: lang_of(req).pick("就绪", "ready").to_owned(),
        },
    )
}
