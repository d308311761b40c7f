//! `Cx`: what a handler knows of a request: the app, who asks, in which language, from where.

use actix_web::{HttpMessage, HttpRequest, http::header, web};
use shared::{
    ErrorCode, Lang, Secret,
    sessions::{GUEST_COOKIE, SESSION_COOKIE},
};

use crate::{
    app::{App, Client},
    domain::{actor::Actor, tokens},
    error::Result,
};

/// What a handler knows of a request.
pub struct Cx {
    pub app: App,
    pub actor: Actor,
    pub lang: Lang,
    pub client: Client,
    /// The `Idempotency-Key`.
    pub client_key: Option<String>,
    /// The token that says who asks: for ending the session, and for asking again on a socket.
    pub token: Option<Secret>,
}

/// The cookies that may say who asks; an account goes before a guest's single ticket.
const COOKIES: [&str; 2] = [SESSION_COOKIE, GUEST_COOKIE];

/// What an account may call before it has chosen its own password.
const BEFORE_PASSWORD: [&str; 6] = ["me", "me/password", "logout", "login", "admin/login", "meta"];

impl Cx {
    /// Reads the request's context and finds out who asks.
    pub async fn of(req: &HttpRequest) -> Result<Self> {
        let app = req
            .app_data::<web::Data<App>>()
            .map(|app| App::clone(app))
            .ok_or_else(|| {
                crate::error::Error::internal(anyhow::anyhow!("no App was given to the server"))
            })?;
        let (mut actor, mut token) = (Actor::Nobody, None);
        for name in COOKIES {
            if let Some(held) = cookie(req, &app, name).filter(|_| actor == Actor::Nobody) {
                actor = app.identify(&held).await?;
                token = Some(held);
            }
        }
        if let Actor::Account(account) = &actor
            && account.must_change_password
            && !is_allowed_before_password(req.path())
        {
            return Err(ErrorCode::PasswordChangeRequired.into());
        }
        let client_key = text(req, "idempotency-key").map(str::to_owned);
        Ok(Self {
            app,
            actor,
            lang: lang_of(req),
            client: client_of(req),
            client_key,
            token,
        })
    }

    /// The hash of the token that says who asks.
    pub fn token_hash(&self) -> Option<String> {
        self.token.as_ref().map(|token| tokens::hash(token.expose()))
    }
}

/// Is the request that of the session with this hash, as far as it says? One that carries no token at all says nothing
/// against it: the official Python client of Socket.IO sends its headers with the handshake only.
pub fn may_be_of(req: &HttpRequest, hash: Option<&str>) -> bool {
    let Some(app) = req.app_data::<web::Data<App>>() else {
        return false;
    };
    let mut held = COOKIES
        .into_iter()
        .filter_map(|name| cookie(req, app, name))
        .map(|token| tokens::hash(token.expose()))
        .peekable();
    hash.is_none_or(|hash| held.peek().is_none() || held.any(|held| held == hash))
}

fn is_allowed_before_password(path: &str) -> bool {
    path.strip_prefix("/case/api/")
        .is_some_and(|call| BEFORE_PASSWORD.contains(&call))
}

/// The name of a cookie: over TLS it carries the prefix that pins it to this host.
pub fn cookie_name(app: &App, name: &str) -> String {
    if app.config().http.is_tls() {
        format!("__Host-{name}")
    } else {
        name.to_owned()
    }
}

fn cookie(req: &HttpRequest, app: &App, name: &str) -> Option<Secret> {
    req.cookie(&cookie_name(app, name))
        .map(|cookie| Secret::new(cookie.value()))
}

/// The language the client asks for.
pub fn lang_of(req: &HttpRequest) -> Lang {
    text(req, "accept-language").map_or(Lang::Zh, Lang::from_accept)
}

/// A header's value as text; an empty one says nothing.
pub fn text<'a>(req: &'a HttpRequest, name: &str) -> Option<&'a str> {
    req.headers()
        .get(name)?
        .to_str()
        .ok()
        .filter(|value| !value.is_empty())
}

/// What the connection tells of the client.
pub fn client_of(req: &HttpRequest) -> Client {
    let forwarded = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];
    Client {
        peer: req.peer_addr().map(|peer| peer.ip()),
        host: req
            .headers()
            .get(header::HOST)
            .and_then(|host| host.to_str().ok())
            .unwrap_or_default()
            .to_owned(),
        forwarded: forwarded.iter().any(|name| text(req, name).is_some()),
        user_agent: text(req, "user-agent").unwrap_or_default().to_owned(),
        lang: lang_of(req),
    }
}

/// The request's id, as the guard gave it.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// The request's id.
pub fn request_id(req: &HttpRequest) -> String {
    req.extensions()
        .get::<RequestId>()
        .map(|id| id.0.clone())
        .unwrap_or_default()
}
