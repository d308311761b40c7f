//! The guard around every request: id and span, refusals that need no handler, headers on every answer.

use actix_web::{
    Error as ActixError, HttpMessage, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderName, HeaderValue},
    },
    middleware::Next,
    web,
};
use shared::ErrorCode;
use tracing::Instrument;

use super::spa::Spa;
use crate::{
    app::App,
    config::HttpConfig,
    request::{RequestId, problem, text},
};

/// Runs a request inside its span, behind the refusals, and puts the headers on its answer.
pub async fn guard<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, ActixError> {
    let id = uuid::Uuid::now_v7().simple().to_string();
    req.extensions_mut().insert(RequestId(id.clone()));
    // The path only: a query may hold what somebody searched for.
    let span = tracing::info_span!("request", request.id = %id, http.method = %req.method(), http.path = %req.path());
    let tls = req
        .app_data::<web::Data<App>>()
        .is_some_and(|app| app.config().http.is_tls());
    let policy = req
        .app_data::<web::Data<Spa>>()
        .map(|spa| spa.policy().to_owned());
    let mut response = match refusal(req.request()) {
        Some(code) => {
            let answer = problem(req.request(), &code.into());
            req.into_response(answer)
        }
        None => next.call(req).instrument(span).await?.map_into_boxed_body(),
    };
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value)
            && !headers.contains_key(&name)
        {
            headers.insert(name, value);
        }
    };
    put(HeaderName::from_static("x-request-id"), &id);
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::REFERRER_POLICY, "no-referrer");
    put(header::X_FRAME_OPTIONS, "DENY");
    put(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    put(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=()",
    );
    if let Some(policy) = policy {
        put(header::CONTENT_SECURITY_POLICY, &policy);
    }
    if tls {
        put(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    Ok(response)
}

fn refusal(req: &HttpRequest) -> Option<ErrorCode> {
    if req
        .headers()
        .get(header::CONTENT_ENCODING)
        .is_some_and(|encoding| encoding != "identity")
    {
        return Some(ErrorCode::UnsupportedMediaType);
    }
    let changes = !matches!(*req.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let upgrades = req.headers().contains_key(header::UPGRADE);
    // A poll takes what it reads away from its owner.
    let polls = req.path().starts_with("/socket.io");
    if (changes || upgrades || polls) && is_foreign(req) {
        return Some(ErrorCode::CrossOrigin);
    }
    None
}

/// Does a page of another site send this? Clients that say nothing about an origin (curl, scripts) are not pages.
fn is_foreign(req: &HttpRequest) -> bool {
    let Some(app) = req.app_data::<web::Data<App>>() else {
        return true;
    };
    let http = &app.config().http;
    let origin = text(req, "origin");
    if origin.is_some_and(|origin| is_named(http, origin)) {
        return false;
    }
    match (text(req, "sec-fetch-site"), origin) {
        (Some("same-origin" | "none"), _) | (None, None) => false,
        (Some(_), _) => true,
        (None, Some(origin)) => !http.is_own_origin(origin),
    }
}

fn is_named(http: &HttpConfig, origin: &str) -> bool {
    http.cors_origins.iter().any(|named| named == origin)
}

/// Cross-origin answers: none, unless `CORS_ORIGINS` names origins.
pub fn cors(http: &HttpConfig) -> actix_cors::Cors {
    http.cors_origins
        .iter()
        .fold(actix_cors::Cors::default(), |cors, origin| {
            cors.allowed_origin(origin)
        })
        .allowed_methods(["GET", "POST", "PATCH"])
        .allowed_headers([
            header::CONTENT_TYPE,
            header::ACCEPT_LANGUAGE,
            HeaderName::from_static("idempotency-key"),
        ])
        .supports_credentials()
        .max_age(3600)
}
