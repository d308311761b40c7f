//! Answers: payloads beside `"success": true`, failures as the one problem body.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
};
use serde::Serialize;
use shared::{ErrorCode, Problem};

use super::cx::{lang_of, request_id};
use crate::error::{Error, Kind, Result};

/// A payload as JSON with `"success": true` in front, serialised straight into the body.
pub fn success<T: Serialize>(status: u16, payload: &T) -> Result<HttpResponse> {
    const FRONT: &[u8] = b"{\"success\":true";
    let mut body = Vec::with_capacity(512);
    body.extend_from_slice(FRONT);
    serde_json::to_writer(&mut body, payload).map_err(|error| Error::internal(error.into()))?;
    match body.get(FRONT.len()..) {
        Some(b"{}") => body.truncate(FRONT.len()),
        Some([b'{', ..]) => {
            if let Some(brace) = body.get_mut(FRONT.len()) {
                *brace = b',';
            }
        }
        _ => return Err(Error::internal(anyhow::anyhow!("an output is not a JSON object"))),
    }
    if body.last() != Some(&b'}') {
        body.push(b'}');
    }
    Ok(HttpResponse::build(status_code(status))
        .insert_header((header::CONTENT_TYPE, "application/json; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(body))
}

/// The answer of a fallible handler; internal failures are logged here, once.
pub fn respond(req: &HttpRequest, outcome: Result<HttpResponse>) -> HttpResponse {
    outcome.unwrap_or_else(|error| problem(req, &error))
}

/// The problem body of a failure.
pub fn problem(req: &HttpRequest, error: &Error) -> HttpResponse {
    error.log();
    let lang = lang_of(req);
    let code = error.code();
    let mut body = Problem::new(code, lang);
    body.request_id = request_id(req);
    if let Kind::Problem(expected) = error.kind() {
        body = body.with_fields(&expected.fields, lang);
        body.allowed.clone_from(&expected.allowed);
        body.unseen.clone_from(&expected.unseen);
    }
    let mut response = HttpResponse::build(status_code(code.status()));
    if matches!(code, ErrorCode::Busy | ErrorCode::DatabaseUnavailable) {
        response.insert_header((header::RETRY_AFTER, "1"));
    }
    if code == ErrorCode::PayloadTooLarge {
        response.force_close();
    }
    response
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(body)
}

fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

#[cfg(test)]
mod tests {
    use actix_web::body::MessageBody;

    use super::*;

    fn body<T: Serialize>(payload: &T) -> String {
        let bytes = success(200, payload)
            .unwrap()
            .into_body()
            .try_into_bytes()
            .unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[test]
    fn success_stands_beside_the_payload() {
        assert_eq!(
            body(&serde_json::json!({"ticket_id": 1})),
            r#"{"success":true,"ticket_id":1}"#
        );
        assert_eq!(body(&shared::endpoint::Nothing {}), r#"{"success":true}"#);
    }
}
