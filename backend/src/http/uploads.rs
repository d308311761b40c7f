//! Multipart upload and download of files.

use actix_files::NamedFile;
use actix_multipart::{Field, Multipart};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, ContentDisposition, DispositionParam, DispositionType, ExtendedValue},
    web::{self, ServiceConfig},
};
use futures_util::StreamExt;
use shared::{
    ErrorCode,
    attachments::{SafeFileName, Uploaded},
    endpoint::{PathArg, UPLOAD_PATH},
    error::FieldError,
    tickets::TicketKey,
};

use super::endpoint::wrong_method;
use crate::{
    actions::{
        self,
        attachments::{Served, Upload},
    },
    app::Incoming,
    domain::files,
    error::{Error, Result},
    request::{Cx, respond, success, text},
};

pub(super) fn mount(config: &mut ServiceConfig) {
    let upload = web::resource(UPLOAD_PATH).route(web::post().to(upload));
    config.service(upload.default_service(web::to(wrong_method)));
    for path in ["/case/uploads/{name}", "/uploads/{name}"] {
        let file = web::resource(path)
            .route(web::get().to(download))
            .route(web::head().to(download));
        config.service(file.default_service(web::to(wrong_method)));
    }
}

async fn upload(req: HttpRequest, parts: Multipart) -> HttpResponse {
    let outcome = receive(&req, parts).await;
    respond(&req, outcome)
}

/// The parts of an upload as they have come in so far.
#[derive(Default)]
struct Parts {
    ticket: Option<TicketKey>,
    file: Option<(SafeFileName, Incoming)>,
    draft: bool,
    client_id: Option<String>,
}

async fn receive(req: &HttpRequest, multipart: Multipart) -> Result<HttpResponse> {
    let cx = Cx::of(req).await?;
    actions::access::known(&cx.actor)?;
    let kind = text(req, "content-type").unwrap_or_default().to_ascii_lowercase();
    if !kind.starts_with("multipart/form-data") {
        return Err(ErrorCode::UnsupportedMediaType.into());
    }
    let parts = read_parts(&cx, multipart).await?;
    let ticket = parts
        .ticket
        .ok_or_else(|| Error::field("ticket_id", FieldError::Required))?;
    let (name, incoming) = parts
        .file
        .ok_or_else(|| Error::field("file", FieldError::Required))?;
    if incoming.size() == 0 {
        return Err(Error::field("file", FieldError::Required));
    }
    let ending = name
        .ending()
        .filter(|ending| cx.app.config().files.endings.contains(ending));
    let ending = ending.ok_or(ErrorCode::FileTypeNotAllowed)?;
    let mime = files::mime_of(&ending, incoming.head()).ok_or(ErrorCode::FileTypeNotAllowed)?;
    let (actor, key) = (cx.actor.clone(), ticket.clone());
    cx.app
        .read(move |tx| actions::attachments::may_upload(tx, &actor, &key))
        .await?;
    let size = i64::try_from(incoming.size()).map_err(|_| ErrorCode::PayloadTooLarge)?;
    let stored_name = incoming.keep(&ending).await.map_err(disk)?;
    let upload = Upload {
        ticket,
        name,
        stored_name: stored_name.clone(),
        size,
        mime,
        draft: parts.draft,
        client_id: parts.client_id.or(cx.client_key),
    };
    let actor = cx.actor;
    let noted = cx
        .app
        .write(move |tx| actions::attachments::insert(tx, &actor, &upload))
        .await;
    // Without its own row a stored file is a stray one.
    if noted.as_ref().map_or(true, |noted| noted.repeat) {
        cx.app.files.remove(&stored_name).await.map_err(disk)?;
    }
    let attachment = noted?.attachment;
    let message = cx.lang.pick("上传成功", "Uploaded").into();
    success(
        200,
        &Uploaded {
            message,
            file_url: attachment.url.clone(),
            attachment,
        },
    )
}

async fn read_parts(cx: &Cx, mut multipart: Multipart) -> Result<Parts> {
    const MAX_PARTS: usize = 16;
    let mut parts = Parts::default();
    for _ in 0..MAX_PARTS {
        let Some(field) = multipart.next().await else {
            return Ok(parts);
        };
        let mut field = field.map_err(|_| ErrorCode::InvalidUpload)?;
        match field.name().unwrap_or_default() {
            "file" if parts.file.is_none() => parts.file = Some(receive_file(cx, &mut field).await?),
            "ticket_id" => {
                let text = read_text(&mut field).await?;
                let key = TicketKey::parse(text.trim()).ok_or(ErrorCode::TicketNotFound)?;
                let (actor, asked) = (cx.actor.clone(), key.clone());
                cx.app
                    .read(move |tx| actions::attachments::may_upload(tx, &actor, &asked))
                    .await?;
                parts.ticket = Some(key);
            }
            "draft" => parts.draft = matches!(read_text(&mut field).await?.trim(), "1" | "true"),
            "client_id" => parts.client_id = Some(read_text(&mut field).await?).filter(|key| !key.is_empty()),
            _ => drop(read_text(&mut field).await?),
        }
    }
    Err(ErrorCode::InvalidUpload.into())
}

async fn receive_file(cx: &Cx, field: &mut Field) -> Result<(SafeFileName, Incoming)> {
    let name = field.content_disposition().and_then(|disposition| {
        let plain = || disposition.get_filename().map(str::to_owned);
        let extended = disposition
            .get_filename_ext()
            .and_then(|ext| String::from_utf8(ext.value.clone()).ok());
        extended.or_else(plain)
    });
    let name = SafeFileName::clean(&name.ok_or_else(|| Error::field("file", FieldError::Required))?);
    let mut incoming = cx.app.files.begin().await.map_err(disk)?;
    while let Some(chunk) = field.next().await {
        let chunk = chunk.map_err(|_| ErrorCode::InvalidUpload)?;
        if incoming.size() + chunk.len() as u64 > cx.app.config().files.max_bytes {
            return Err(ErrorCode::PayloadTooLarge.into());
        }
        incoming.write(&chunk).await.map_err(disk)?;
    }
    Ok((name, incoming))
}

async fn read_text(field: &mut Field) -> Result<String> {
    const MAX_TEXT: usize = 1024;
    let mut bytes = Vec::new();
    while let Some(chunk) = field.next().await {
        bytes.extend_from_slice(&chunk.map_err(|_| ErrorCode::InvalidUpload)?);
        if bytes.len() > MAX_TEXT {
            return Err(ErrorCode::InvalidUpload.into());
        }
    }
    String::from_utf8(bytes).map_err(|_| ErrorCode::InvalidUpload.into())
}

fn disk(error: std::io::Error) -> Error {
    Error::internal(anyhow::Error::new(error).context("the folder of uploads"))
}

async fn download(req: HttpRequest, name: web::Path<String>) -> HttpResponse {
    let outcome = serve(&req, name.into_inner()).await;
    respond(&req, outcome)
}

async fn serve(req: &HttpRequest, name: String) -> Result<HttpResponse> {
    let cx = Cx::of(req).await?;
    let path = cx.app.files.path(&name).ok_or(ErrorCode::FileNotFound)?;
    let actor = cx.actor;
    let served = cx
        .app
        .read(move |tx| actions::attachments::find(tx, &actor, &name))
        .await?;
    let file = NamedFile::open_async(&path)
        .await
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => ErrorCode::FileNotFound.into(),
            _ => disk(error),
        })?;
    let mime = served
        .mime
        .parse()
        .unwrap_or(actix_files::file_extension_to_mime(""));
    let mut response = file
        .set_content_type(mime)
        .set_content_disposition(disposition(&served))
        .use_last_modified(false)
        .into_response(req);
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "private, no-cache"),
    ] {
        headers.insert(name, header::HeaderValue::from_static(value));
    }
    Ok(response)
}

/// Pictures may be shown in place, everything else is saved; the original name comes back, Chinese too.
fn disposition(served: &Served) -> ContentDisposition {
    let inline = matches!(served.mime.as_str(), "image/png" | "image/jpeg" | "image/gif");
    let ascii: String = served
        .name
        .chars()
        .map(|c| {
            if c.is_ascii() && !"\"\\%".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    let extended = ExtendedValue {
        charset: header::Charset::Ext("UTF-8".into()),
        language_tag: None,
        value: served.name.as_bytes().to_vec(),
    };
    ContentDisposition {
        disposition: if inline {
            DispositionType::Inline
        } else {
            DispositionType::Attachment
        },
        parameters: vec![
            DispositionParam::Filename(ascii),
            DispositionParam::FilenameExt(extended),
        ],
    }
}
