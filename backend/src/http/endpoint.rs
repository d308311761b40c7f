//! Mounting endpoints: decode the input, call the handler, encode the output. Types that do not fit do not compile.

use std::{collections::BTreeMap, future::Future};

use actix_web::{
    HttpRequest, HttpResponse, Route,
    cookie::Cookie,
    http::header,
    web::{self, ServiceConfig},
};
use serde::de::DeserializeOwned;
use shared::{Endpoint, ErrorCode, Method, endpoint::PathArg, error::FieldError};

use crate::{
    error::{Error, Result},
    request::{Cx, problem, respond, success},
};

/// The largest JSON body, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// A payload, and cookies to set with it.
pub struct Reply<T> {
    payload: T,
    cookies: Vec<Cookie<'static>>,
}

impl<T> From<T> for Reply<T> {
    fn from(payload: T) -> Self {
        Self {
            payload,
            cookies: Vec::new(),
        }
    }
}

impl<T> Reply<T> {
    /// Sets a cookie with the payload.
    pub fn with_cookie(mut self, cookie: Option<Cookie<'static>>) -> Self {
        self.cookies.extend(cookie);
        self
    }
}

/// Endpoints by path, so that a wrong method is told from a wrong address.
#[derive(Default)]
pub struct Routes(BTreeMap<&'static str, Vec<(Method, Route)>>);

impl Routes {
    /// Adds an endpoint with its handler.
    pub fn on<E, F, Fut, R>(mut self, _: E, handler: F) -> Self
    where
        E: Endpoint,
        F: Fn(Cx, E::Path, E::Input) -> Fut + Clone + 'static,
        Fut: Future<Output = Result<R>> + 'static,
        R: Into<Reply<E::Output>> + 'static,
    {
        let run = move |req: HttpRequest, body: web::Payload| {
            let handler = handler.clone();
            async move {
                let outcome = call::<E, F, Fut, R>(&req, body, handler).await;
                respond(&req, outcome)
            }
        };
        let route = match E::METHOD {
            Method::Get => web::get(),
            Method::Post => web::post(),
            Method::Patch => web::patch(),
        };
        self.0
            .entry(E::PATH)
            .or_default()
            .push((E::METHOD, route.to(run)));
        self
    }

    /// What has been added: method and path.
    pub fn mounted(&self) -> Vec<(&'static str, &'static str)> {
        self.0
            .iter()
            .flat_map(|(path, routes)| routes.iter().map(|(method, _)| (method.as_str(), *path)))
            .collect()
    }

    /// Mounts everything. Fixed paths sort before those with `{id}`, so `batch` is never taken for an id.
    pub fn mount(self, config: &mut ServiceConfig) {
        for (path, routes) in self.0 {
            let resource = routes
                .into_iter()
                .fold(web::resource(path), |resource, (_, route)| resource.route(route));
            config.service(resource.default_service(web::to(wrong_method)));
        }
    }
}

/// A known address, but not by this method.
pub(super) async fn wrong_method(req: HttpRequest) -> HttpResponse {
    problem(&req, &ErrorCode::MethodNotAllowed.into())
}

async fn call<E, F, Fut, R>(req: &HttpRequest, body: web::Payload, handler: F) -> Result<HttpResponse>
where
    E: Endpoint,
    F: Fn(Cx, E::Path, E::Input) -> Fut,
    Fut: Future<Output = Result<R>>,
    R: Into<Reply<E::Output>>,
{
    let cx = Cx::of(req).await?;
    // An id that can name nothing is answered like one that names nothing.
    let path =
        E::Path::parse(req.match_info().get("id").unwrap_or_default()).ok_or_else(|| not_found::<E>())?;
    let input = match E::METHOD {
        Method::Get => from_query(req.query_string())?,
        Method::Post | Method::Patch => from_json(req, body).await?,
    };
    let reply: Reply<E::Output> = handler(cx, path, input).await?.into();
    let mut response = success(E::STATUS, &reply.payload)?;
    for cookie in &reply.cookies {
        response
            .add_cookie(cookie)
            .map_err(|error| Error::internal(error.into()))?;
    }
    Ok(response)
}

fn not_found<E: Endpoint>() -> Error {
    let code = if E::PATH.contains("/users/") {
        ErrorCode::UserNotFound
    } else {
        ErrorCode::TicketNotFound
    };
    code.into()
}

fn from_query<T: DeserializeOwned>(query: &str) -> Result<T> {
    let source = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
    serde_path_to_error::deserialize(source)
        .map_err(|error| misfit(&error.path().to_string(), &error.inner().to_string()))
}

async fn from_json<T: DeserializeOwned>(req: &HttpRequest, body: web::Payload) -> Result<T> {
    let body = match body.to_bytes_limited(MAX_BODY).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return Err(ErrorCode::InvalidJson.into()),
        Err(_) => return Err(ErrorCode::PayloadTooLarge.into()),
    };
    if body.is_empty() {
        return decode(b"{}");
    }
    let content_type = req
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(ErrorCode::UnsupportedMediaType.into());
    }
    decode(&body)
}

fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    // Checked as a whole: the parser would not look into what it skips.
    let text = std::str::from_utf8(body).map_err(|_| ErrorCode::InvalidJson)?;
    let mut source = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut source).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        if inner.is_data() {
            misfit(&path, &inner.to_string())
        } else {
            ErrorCode::InvalidJson.into()
        }
    })?;
    source.end().map_err(|_| ErrorCode::InvalidJson)?;
    Ok(value)
}

/// A value that does not fit its type: which field, and whether it was missing.
fn misfit(path: &str, message: &str) -> Error {
    if let Some(rest) = message.strip_prefix("missing field `")
        && let Some((name, _)) = rest.split_once('`')
    {
        return Error::field(name, FieldError::Required);
    }
    let field = path
        .split(['.', '['])
        .next()
        .filter(|name| !name.is_empty() && *name != "?");
    Error::field(field.unwrap_or("body"), FieldError::Invalid)
}
