//! The SPA from inside the binary: precompressed, hashed names cached for good, `index.html` never.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{self, ServiceConfig},
};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};
use shared::ErrorCode;

use crate::{
    domain::tokens::hex,
    request::{problem, text},
};

#[derive(RustEmbed)]
#[folder = "$CASEDESK_SPA"]
struct Assets;

/// What is computed once about the SPA.
pub struct Spa {
    policy: String,
}

impl Spa {
    /// Reads the embedded page and allows exactly its own inline scripts.
    pub fn new() -> Self {
        let page = Assets::get("index.html")
            .map(|file| file.data.into_owned())
            .unwrap_or_default();
        let hashes: String = inline_scripts(&String::from_utf8_lossy(&page))
            .iter()
            .map(|script| format!(" {}", source_of(script)))
            .collect();
        let policy = format!(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{hashes}; style-src 'self'; \
             img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; frame-src 'self'; manifest-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        Self { policy }
    }

    /// The content security policy of every page.
    pub fn policy(&self) -> &str {
        &self.policy
    }
}

impl Default for Spa {
    fn default() -> Self {
        Self::new()
    }
}

fn inline_scripts(page: &str) -> Vec<&str> {
    page.split("<script")
        .skip(1)
        .filter_map(|rest| {
            let (attributes, rest) = rest.split_once('>')?;
            let (script, _) = rest.split_once("</script>")?;
            (!attributes.contains("src=") && !script.is_empty()).then_some(script)
        })
        .collect()
}

/// How a policy names one inline script.
pub(super) fn source_of(script: &str) -> String {
    format!("'sha256-{}'", base64(&Sha256::digest(script.as_bytes())))
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = LETTERS.get((bits >> (18 - 6 * place) & 63) as usize);
            text.push(if place <= chunk.len() {
                letter.map_or('=', |&l| char::from(l))
            } else {
                '='
            });
        }
    }
    text
}

pub(super) fn mount(config: &mut ServiceConfig) {
    config
        .route("/", web::get().to(to_start))
        .route("/case", web::get().to(to_start))
        .default_service(web::to(page_or_asset));
}

async fn to_start() -> HttpResponse {
    HttpResponse::Found()
        .insert_header((header::LOCATION, "/case/"))
        .finish()
}

async fn page_or_asset(req: HttpRequest) -> HttpResponse {
    let Some(path) = req
        .path()
        .strip_prefix("/case/")
        .filter(|path| *path != "api" && !path.starts_with("api/"))
    else {
        return problem(&req, &ErrorCode::NotFound.into());
    };
    if !matches!(req.method().as_str(), "GET" | "HEAD") {
        return problem(&req, &ErrorCode::MethodNotAllowed.into());
    }
    match asset(&req, path) {
        Some(response) => response,
        // A missing file is missing; any other address is a route of the SPA.
        None if path.rsplit('/').next().is_some_and(|name| name.contains('.')) => {
            problem(&req, &ErrorCode::NotFound.into())
        }
        None => asset(&req, "index.html").unwrap_or_else(|| problem(&req, &ErrorCode::NotFound.into())),
    }
}

/// The best form of a file that the client accepts.
fn asset(req: &HttpRequest, path: &str) -> Option<HttpResponse> {
    if path.is_empty() || path.ends_with(".br") || path.ends_with(".gz") {
        return None;
    }
    let plain = Assets::get(path)?;
    let accepted = text(req, "accept-encoding").unwrap_or_default();
    let packed = [("br", ".br"), ("gzip", ".gz")]
        .into_iter()
        .filter(|(name, _)| {
            accepted
                .split(',')
                .any(|item| item.split(';').next().map(str::trim) == Some(*name))
        })
        .find_map(|(name, ending)| Some((name, Assets::get(&format!("{path}{ending}"))?)));
    let tag = format!("\"{}\"", hex(&plain.metadata.sha256_hash()));
    let is_page = path == "index.html";
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, content_type(path)))
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header((
            header::CACHE_CONTROL,
            if is_hashed(path) {
                "public, max-age=31536000, immutable"
            } else {
                "no-cache"
            },
        ));
    if is_page {
        response.insert_header((header::CACHE_CONTROL, "no-store"));
    } else {
        response.insert_header((header::ETAG, tag.as_str()));
        if text(req, "if-none-match") == Some(tag.as_str()) {
            response.status(actix_web::http::StatusCode::NOT_MODIFIED);
            return Some(response.finish());
        }
    }
    Some(match packed {
        Some((encoding, file)) => response
            .insert_header((header::CONTENT_ENCODING, encoding))
            .body(file.data.into_owned()),
        None => response.body(plain.data.into_owned()),
    })
}

/// trunk puts a hash of up to 16 hex digits (leading zeros are left out) into the names of what it builds.
fn is_hashed(path: &str) -> bool {
    let is_hash = |part: &str| (12..=16).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_hexdigit());
    path.split(['-', '.', '_']).any(is_hash)
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("json" | "webmanifest") => "application/json",
        Some("txt") => "text/plain; charset=utf-8",
        Some(_) | None => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_inline_scripts_are_hashed() {
        let page = r#"<script src="a.js"></script><script type="module">go()</script>"#;
        assert_eq!(inline_scripts(page), ["go()"]);
    }

    #[test]
    fn base64_as_everybody_writes_it() {
        assert_eq!(base64(b"M"), "TQ==");
        assert_eq!(base64(b"Ma"), "TWE=");
        assert_eq!(base64(b"Man"), "TWFu");
    }

    #[test]
    fn hashed_names_are_told_from_others() {
        assert!(is_hashed("frontend-0123456789abcdef_bg.wasm"));
        assert!(is_hashed("customer-a944fde23baa40.css"));
        assert!(!is_hashed("theme.js"));
    }
}
