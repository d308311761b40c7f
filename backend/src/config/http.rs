//! Where the server listens and how it is reached.

use std::net::IpAddr;

use shared::Secret;

use super::{ConfigError, Vars, bad};

/// Listening, the public address, foreign origins.
#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// `HOST`: the address to listen on. Default `127.0.0.1`.
    pub host: String,
    /// `PORT`: the port; `0` takes a free one. Default 5000.
    pub port: u16,
    /// `PUBLIC_URL`: how users reach the server; the only source of links and of the allowed origin.
    public_url: Option<String>,
    /// `CORS_ORIGINS`: other origins that may call the API from a browser. Default none; `*` is not accepted.
    pub cors_origins: Vec<String>,
    /// `WORKERS`: HTTP worker threads. Default: the machine's cores.
    pub workers: usize,
    /// `METRICS_TOKEN`: what Prometheus must bring as a bearer token. Unset: `/metrics` answers this machine only.
    pub metrics_token: Option<Secret>,
}

impl HttpConfig {
    pub(super) fn from_vars(vars: &Vars<'_>) -> Result<Self, ConfigError> {
        let public_url = vars
            .text("PUBLIC_URL")
            .map(|url| url.trim_end_matches('/').to_owned());
        if let Some(url) = &public_url
            && !url
                .strip_prefix("https://")
                .or_else(|| url.strip_prefix("http://"))
                .is_some_and(is_authority)
        {
            return Err(bad(
                "PUBLIC_URL",
                format!("`{url}` is not like https://desk.example.com"),
            ));
        }
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Ok(Self {
            host: vars.text("HOST").unwrap_or_else(|| "127.0.0.1".into()),
            port: vars.parse("PORT", 5000)?,
            public_url,
            cors_origins: vars
                .list("CORS_ORIGINS")
                .unwrap_or_default()
                .into_iter()
                .filter(|o| o != "*")
                .collect(),
            workers: vars.parse("WORKERS", cores)?.max(1),
            metrics_token: vars.text("METRICS_TOKEN").map(Secret::new),
        })
    }

    /// The address users reach, without a slash at the end.
    pub fn public_url(&self) -> String {
        self.public_url
            .clone()
            .unwrap_or_else(|| format!("http://127.0.0.1:{}", self.port))
    }

    /// What the server calls itself towards others: the host that users reach.
    pub fn name(&self) -> String {
        let host = self.public_url.as_deref().and_then(authority).map(host_of);
        match host {
            Some(host) if host.parse::<IpAddr>().is_err() => host.to_owned(),
            Some(host) => format!("[{host}]"),
            None => "localhost".to_owned(),
        }
    }

    /// Is the session cookie to travel over TLS only?
    pub fn is_tls(&self) -> bool {
        self.public_url
            .as_deref()
            .is_some_and(|url| url.starts_with("https://"))
    }

    /// Nobody but this machine can reach the server: it listens on loopback and no other address leads to it.
    pub fn is_local_only(&self) -> bool {
        is_loopback(&self.host)
            && self
                .public_url
                .as_deref()
                .and_then(authority)
                .is_none_or(|name| is_loopback(host_of(name)))
    }

    /// May a page of this origin change things here?
    pub fn is_own_origin(&self, origin: &str) -> bool {
        match &self.public_url {
            Some(url) => url.eq_ignore_ascii_case(origin),
            None => {
                let local = |port: u16| {
                    ["127.0.0.1", "localhost", "[::1]"]
                        .iter()
                        .any(|host| origin == format!("http://{host}:{port}"))
                };
                local(self.port) || local(TRUNK_PORT)
            }
        }
    }
}

/// Where `trunk serve` shows the SPA to front-end developers.
const TRUNK_PORT: u16 = 8080;

fn is_authority(text: &str) -> bool {
    !text.is_empty() && !text.contains(['/', '?', '#', ' ', '@'])
}

fn authority(url: &str) -> Option<&str> {
    url.split_once("://").map(|(_, rest)| rest)
}

/// The host of `host:port`.
pub fn host_of(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None => authority.rsplit_once(':').map_or(authority, |(host, _)| host),
    }
}

/// Is this host name or address the machine itself?
pub fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|ip| ip.to_canonical().is_loopback())
}
