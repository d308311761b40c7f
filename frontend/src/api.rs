//! Every HTTP call: one `call` for all endpoints of `shared`, and the upload. Pages never build a URL or a header.

use std::pin::Pin;

use gloo_net::http::{Method, RequestBuilder};
use shared::{
    Endpoint, ErrorCode, TicketId,
    attachments::Uploaded,
    endpoint::{self, UPLOAD_PATH},
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

use crate::{
    json::{self, Value},
    query,
    refusal::Refusal,
    session::{Session, use_session},
    text::{Text, current_lang},
};

/// What can go wrong with a call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ApiError {
    /// No answer: offline, server down, connection lost.
    Network,
    /// Given up by us, because nobody waits for the answer any more.
    Aborted,
    /// The server said no.
    Refused(Box<Refusal>),
}

impl ApiError {
    /// An answer that makes no sense.
    pub(crate) fn unreadable() -> Self {
        Self::Refused(Box::new(Refusal::unreadable()))
    }

    /// Does it tell a person the same? Each answer has a number of its own.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Refused(one), Self::Refused(other)) => {
                (one.code, &one.message) == (other.code, &other.message)
            }
            (one, other) => one == other,
        }
    }

    /// The server's code, if it answered.
    pub(crate) fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused(refusal) => Some(refusal.code),
            Self::Network | Self::Aborted => None,
        }
    }

    /// May the same call succeed a little later?
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Network => true,
            Self::Aborted => false,
            Self::Refused(refusal) => refusal.code.may_pass(),
        }
    }

    /// The sentence for a person.
    pub(crate) fn message(&self, t: &Text) -> String {
        match self {
            Self::Network | Self::Aborted => t.error_network.to_owned(),
            Self::Refused(refusal) => refusal.message.clone(),
        }
    }

    /// The number to tell the operator.
    pub(crate) fn request_id(&self) -> Option<&str> {
        match self {
            Self::Refused(refusal) => Some(refusal.request_id.as_str()).filter(|id| !id.is_empty()),
            Self::Network | Self::Aborted => None,
        }
    }
}

/// What a call may carry beside its input.
#[derive(Default)]
pub(crate) struct Extras<'a> {
    /// Gives up when this fires.
    pub abort: Option<&'a AbortSignal>,
    /// `Idempotency-Key`: a repeat answers with the first result.
    pub key: Option<&'a str>,
}

/// The way to the server.
#[derive(Clone, Copy)]
pub(crate) struct Api {
    session: Session,
}

/// The way to the server, from within a component.
pub(crate) fn use_api() -> Api {
    Api {
        session: use_session(),
    }
}

impl Api {
    /// The session that calls are made in.
    pub(crate) const fn session(self) -> Session {
        self.session
    }

    /// Calls an endpoint.
    pub(crate) fn call<E: Endpoint>(
        self,
        e: E,
        path: E::Path,
        input: E::Input,
    ) -> impl Future<Output = Result<E::Output, ApiError>> {
        self.call_with(e, path, input, Extras::default())
    }

    /// Calls an endpoint with extras. What is asked is written down before there is a future: it would have to be
    /// kept in every caller's.
    pub(crate) fn call_with<E: Endpoint>(
        self,
        _endpoint: E,
        path: E::Path,
        input: E::Input,
        extras: Extras<'_>,
    ) -> impl Future<Output = Result<E::Output, ApiError>> {
        let input = json::value(&input);
        let answer = self.exchange(E::METHOD, endpoint::path_of::<E>(&path), input, extras);
        async move { json::take(answer.await?).ok_or_else(ApiError::unreadable) }
    }

    /// The part of a call that is the same for all endpoints. Boxed: as a plain `async fn` it would be compiled
    /// into every caller again.
    pub(crate) fn exchange(
        self,
        method: shared::Method,
        path: String,
        input: Value,
        extras: Extras<'_>,
    ) -> Pin<Box<dyn Future<Output = Result<Value, ApiError>> + '_>> {
        Box::pin(async move {
            let (url, body) = match method {
                shared::Method::Get => (query::href_of(&path, input), None),
                shared::Method::Post | shared::Method::Patch => (path, Some(json::print(&input))),
            };
            let text = self.settle(exchange(method, &url, body, extras).await)?;
            json::parse(&text).ok_or_else(ApiError::unreadable)
        })
    }

    /// Uploads a file to a ticket; `progress` hears the share done, 0 to 1.
    pub(crate) async fn upload(
        self,
        upload: Upload<'_>,
        progress: impl Fn(f64) + 'static,
    ) -> Result<Uploaded, ApiError> {
        let text = self.settle(send_file(upload, Box::new(progress)).await)?;
        json::read(&text).ok_or_else(ApiError::unreadable)
    }

    /// What every answer is looked at for, in this one place: a session that ended, a password that must change.
    fn settle(self, answer: Result<String, ApiError>) -> Result<String, ApiError> {
        if let Err(error) = &answer {
            match error.code() {
                Some(ErrorCode::Unauthenticated) => self.session.expire(),
                Some(ErrorCode::PasswordChangeRequired) => self.session.require_password(),
                _ => {}
            }
        }
        answer
    }
}

async fn exchange(
    method: shared::Method,
    url: &str,
    body: Option<String>,
    extras: Extras<'_>,
) -> Result<String, ApiError> {
    let method = match method {
        shared::Method::Get => Method::GET,
        shared::Method::Post => Method::POST,
        shared::Method::Patch => Method::PATCH,
    };
    let lost = || match extras.abort {
        Some(signal) if signal.aborted() => ApiError::Aborted,
        _ => ApiError::Network,
    };
    let mut request = RequestBuilder::new(url)
        .method(method)
        .header("Accept", "application/json")
        .header("Accept-Language", current_lang().tag())
        .abort_signal(extras.abort);
    if let Some(key) = extras.key {
        request = request.header("Idempotency-Key", key);
    }
    let request = match body {
        Some(json) => request.header("Content-Type", "application/json").body(json),
        None => request.build(),
    };
    let response = request
        .map_err(|_| ApiError::Network)?
        .send()
        .await
        .map_err(|_| lost())?;
    let text = response.text().await.map_err(|_| lost())?;
    if response.ok() {
        Ok(text)
    } else {
        Err(refusal(response.status(), &text))
    }
}

/// A file on its way to a ticket.
pub(crate) struct Upload<'a> {
    pub file: &'a web_sys::File,
    pub ticket_id: TicketId,
    /// The file belongs to a message that is still being written.
    pub draft: bool,
    /// A repeat with the same key stores nothing new.
    pub client_id: Option<&'a str>,
    pub abort: Option<&'a AbortSignal>,
}

/// `fetch` cannot tell how much has gone out, so uploads use the older `XMLHttpRequest`.
async fn send_file(upload: Upload<'_>, progress: Box<dyn Fn(f64)>) -> Result<String, ApiError> {
    let (xhr, form) = prepare(&upload).map_err(|_| ApiError::Network)?;

    let on_progress =
        Closure::<dyn FnMut(web_sys::ProgressEvent)>::new(move |event: web_sys::ProgressEvent| {
            if event.length_computable() && event.total() > 0.0 {
                progress(event.loaded() / event.total());
            }
        });
    if let Ok(side) = xhr.upload() {
        side.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));
    }
    // One event for every end: load, error and abort.
    let ended = js_sys::Promise::new(&mut |resolve, _| xhr.set_onloadend(Some(&resolve)));
    let on_abort = Closure::<dyn FnMut()>::new({
        let xhr = xhr.clone();
        move || {
            let _ = xhr.abort();
        }
    });
    if let Some(signal) = upload.abort {
        signal.set_onabort(Some(on_abort.as_ref().unchecked_ref()));
    }

    xhr.send_with_opt_form_data(Some(&form))
        .map_err(|_| ApiError::Network)?;
    let _ = JsFuture::from(ended).await;
    if let Some(signal) = upload.abort {
        signal.set_onabort(None);
        if signal.aborted() {
            return Err(ApiError::Aborted);
        }
    }
    let text = xhr.response_text().ok().flatten().unwrap_or_default();
    match xhr.status().unwrap_or(0) {
        0 => Err(ApiError::Network),
        200..=299 => Ok(text),
        status => Err(refusal(status, &text)),
    }
}

fn prepare(upload: &Upload<'_>) -> Result<(web_sys::XmlHttpRequest, web_sys::FormData), JsValue> {
    let xhr = web_sys::XmlHttpRequest::new()?;
    xhr.open_with_async("POST", UPLOAD_PATH, true)?;
    xhr.set_request_header("Accept", "application/json")?;
    xhr.set_request_header("Accept-Language", current_lang().tag())?;
    let form = web_sys::FormData::new()?;
    form.append_with_str("ticket_id", &upload.ticket_id.to_string())?;
    if upload.draft {
        form.append_with_str("draft", "true")?;
    }
    if let Some(key) = upload.client_id {
        form.append_with_str("client_id", key)?;
    }
    form.append_with_blob_and_filename("file", upload.file, &upload.file.name())?;
    Ok((xhr, form))
}

/// The refusal behind a failing status; a proxy's page is not one of ours.
fn refusal(status: u16, text: &str) -> ApiError {
    let refusal = match Refusal::read(text) {
        Some(refusal) => refusal,
        None if status == 413 => Refusal::too_large(),
        None if matches!(status, 502..=504) => return ApiError::Network,
        None => Refusal::unreadable(),
    };
    ApiError::Refused(Box::new(refusal))
}
