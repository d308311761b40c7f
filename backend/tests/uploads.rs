//! Files: which are let in, how they come back, who may have them, and what a failed upload leaves behind.

use reqwest::multipart::{Form, Part};
use shared::{ErrorCode, endpoint::UPLOAD_PATH};
use tokio::io::AsyncWriteExt;

use crate::support::{Client, Reply, eventually, spawn_app, spawn_app_with};

pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";
const JPG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0";
const GIF: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0;";
pub const PDF: &[u8] = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";
const DOC: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0\0\0\0\0";
const ZIP: &[u8] = b"PK\x03\x04\x14\0\0\0\0\0";
const HTML: &[u8] = b"<!DOCTYPE html><html><script>alert(1)</script></html>";
const SVG: &[u8] = b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";

pub async fn form(client: &Client, form: Form) -> Reply {
    client
        .send(client.request("POST", UPLOAD_PATH).multipart(form))
        .await
}

pub fn file(name: &str, bytes: &[u8]) -> Part {
    Part::bytes(bytes.to_vec()).file_name(name.to_owned())
}

#[actix_web::test]
async fn a_file_of_each_kind_comes_back_as_it_went_in() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let ticket = ann.submits("附件").await;
    for (name, bytes, mime) in [
        ("截图 1.png", PNG, "image/png"),
        ("b.jpg", JPG, "image/jpeg"),
        ("c.JPEG", JPG, "image/jpeg"),
        ("d.gif", GIF, "image/gif"),
        ("合同.pdf", PDF, "application/pdf"),
        ("e.doc", DOC, "application/msword"),
        (
            "f.docx",
            ZIP,
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("g.txt", "你好".as_bytes(), "text/plain"),
        ("gbk.txt", b"\xc4\xe3\xba\xc3", "text/plain"),
        ("h.zip", ZIP, "application/zip"),
    ] {
        let up = ann.attaches(ticket, name, bytes).await;
        assert_eq!(
            (up.attachment.name.as_str(), up.attachment.mime.as_str()),
            (name, mime)
        );
        assert_eq!(up.attachment.size, bytes.len() as i64);
        assert_eq!(up.file_url, up.attachment.url);
        assert!(
            up.file_url.starts_with("/case/uploads/") || up.file_url.starts_with("/uploads/"),
            "{}",
            up.file_url
        );
        let name_part = up.file_url.rsplit('/').next().unwrap();
        for path in [
            up.file_url.clone(),
            format!("/uploads/{name_part}"),
            format!("/case/uploads/{name_part}"),
        ] {
            let reply = ann.get(&path).await;
            assert_eq!((reply.status, reply.body.as_slice()), (200, bytes), "{path}");
            assert!(
                reply.header("content-type").starts_with(mime),
                "{}",
                reply.header("content-type")
            );
            assert_eq!(reply.header("x-content-type-options"), "nosniff");
            assert_eq!(
                reply.header("content-security-policy"),
                "default-src 'none'; sandbox"
            );
            assert_eq!(reply.header("cross-origin-resource-policy"), "same-origin");
            assert!(reply.header("cache-control").contains("private"));
            let shown = if mime.starts_with("image/") {
                "inline"
            } else {
                "attachment"
            };
            assert!(
                reply.header("content-disposition").starts_with(shown),
                "{}",
                reply.header("content-disposition")
            );
        }
    }
    assert_eq!(ann.sees(ticket).await.attachments.len(), 10);
    assert_eq!(app.stored_files().len(), 10);
    assert!(
        app.stored_files()
            .iter()
            .all(|name| name.len() > 32 && name.is_ascii()),
        "names nobody can guess"
    );
}

#[actix_web::test]
async fn ending_and_content_must_agree() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let ticket = ann.submits("附件").await;
    for (name, bytes) in [
        ("a.png", HTML),
        ("a.png", JPG),
        ("a.jpg", PNG),
        ("a.gif", PDF),
        ("a.pdf", ZIP),
        ("a.zip", PNG),
        ("a.docx", DOC),
        ("a.doc", ZIP),
        ("a.txt", PNG),
        ("a.txt", b"MZ\x90\0\x03\0\0"),
        ("a.txt", HTML),
        ("a.png", SVG),
        ("a.svg", SVG),
        ("a.html", HTML),
        ("a.exe", b"MZ\x90\0"),
        ("a.pdf.html", PDF),
        ("a", PNG),
        ("png", PNG),
        (".png.", HTML),
        ("a.php", b"<?php echo 1;"),
        ("photo\u{202e}gnp.exe", PNG),
        (".htaccess", b"AddType"),
        ("\u{200b}.htaccess", b"AddType"),
        ("a.js", b"alert(1)"),
    ] {
        ann.uploads(ticket, name, bytes)
            .await
            .refused(ErrorCode::FileTypeNotAllowed);
    }
    let refused = ann.uploads(ticket, "a.png\0.exe", PNG).await.problem().code;
    assert!(
        matches!(refused, ErrorCode::FileTypeNotAllowed | ErrorCode::InvalidUpload),
        "{refused:?}"
    );
    assert_eq!(
        (app.database.count("attachments"), app.stored_files()),
        (0, vec![])
    );
}

#[actix_web::test]
async fn names_are_cleaned_and_come_back_in_the_header() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let ticket = ann.submits("名字").await;
    for (sent, kept) in [
        ("导出 截图（最终版）.png", "导出 截图（最终版）.png"),
        ("../../etc/passwd.png", "passwd.png"),
        ("C:\\temp\\图.png", "图.png"),
        ("😀 e\u{301}.png", "😀 e\u{301}.png"),
        ("photo\u{202e}gpj.png", "photogpj.png"),
        ("CON.png", "CON.png"),
        ("100% & 'x'; a=b.png", "100% & 'x'; a=b.png"),
    ] {
        let up = ann.attaches(ticket, sent, PNG).await;
        assert_eq!(up.attachment.name, kept, "{sent}");
        let header = ann
            .get(&up.file_url)
            .await
            .header("content-disposition")
            .to_owned();
        let encoded = header
            .split("filename*=UTF-8''")
            .nth(1)
            .unwrap_or_else(|| panic!("no filename*: {header}"));
        assert_eq!(percent_decoded(encoded), kept, "{header}");
        assert!(header.is_ascii() && !header.contains(['\r', '\n']), "{header}");
    }
    let long = format!("{}.png", "长".repeat(300));
    let up = ann.attaches(ticket, &long, PNG).await;
    assert!(up.attachment.name.ends_with("长.png") && up.attachment.name.chars().count() <= 200);
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = match (first, tail) {
            (b'%', [high, low, tail @ ..]) => {
                let digits = [*high, *low];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
                tail
            }
            _ => {
                bytes.push(*first);
                tail
            }
        };
    }
    String::from_utf8(bytes).unwrap()
}

#[actix_web::test]
async fn a_file_that_is_too_large_or_empty_leaves_nothing() {
    let app = spawn_app_with(&[("MAX_CONTENT_LENGTH", "1000")]).await;
    let ann = app.customer("ann").await;
    let ticket = ann.submits("大小").await;
    let sized = |bytes: usize| [PNG, &vec![0; bytes - PNG.len()]].concat();
    ann.attaches(ticket, "just.png", &sized(1000)).await;
    ann.uploads(ticket, "over.png", &sized(1001))
        .await
        .refused(ErrorCode::PayloadTooLarge);
    ann.uploads(ticket, "far.png", &sized(200_000))
        .await
        .refused(ErrorCode::PayloadTooLarge);
    ann.uploads(ticket, "empty.png", b"").await.refused_field("file");
    assert_eq!(
        (app.database.count("attachments"), app.stored_files().len()),
        (1, 1)
    );
}

#[actix_web::test]
async fn ten_megabytes_fit_and_one_byte_more_does_not() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let ticket = ann.submits("十兆").await;
    let most = [ZIP, &vec![7; 10 * 1024 * 1024 - ZIP.len()]].concat();
    let up = ann.attaches(ticket, "most.zip", &most).await;
    assert_eq!(ann.get(&up.file_url).await.body, most);
    let more = [most.as_slice(), b"!"].concat();
    ann.uploads(ticket, "more.zip", &more)
        .await
        .refused(ErrorCode::PayloadTooLarge);
    assert_eq!(app.stored_files().len(), 1);
}

#[actix_web::test]
async fn an_upload_that_is_cut_leaves_no_row_and_no_file() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let ticket = ann.submits("断").await;
    for cut in [20, 120, 260, 400] {
        let body = format!(
            "--X\r\nContent-Disposition: form-data; name=\"ticket_id\"\r\n\r\n{ticket}\r\n--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n{}\r\n--X--\r\n",
            "文".repeat(400)
        );
        let head = format!(
            "POST {UPLOAD_PATH} HTTP/1.1\r\nHost: x\r\nCookie: {}\r\nContent-Type: multipart/form-data; boundary=X\r\nContent-Length: {}\r\n\r\n",
            ann.cookie_header().unwrap(),
            body.len()
        );
        let mut stream = tokio::net::TcpStream::connect(ann.address()).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&body.as_bytes()[..cut]).await.unwrap();
        if cut == 400 {
            eventually("the file has begun", async || !app.stored_files().is_empty()).await;
        }
        drop(stream);
        eventually("the half file is gone", async || app.stored_files().is_empty()).await;
    }
    assert_eq!(app.database.count("attachments"), 0);
    // A body without its last boundary, ended properly by the client.
    let body = format!(
        "--X\r\nContent-Disposition: form-data; name=\"ticket_id\"\r\n\r\n{ticket}\r\n--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhalf"
    );
    let request = ann
        .request("POST", UPLOAD_PATH)
        .header("content-type", "multipart/form-data; boundary=X")
        .body(body);
    ann.send(request).await.refused(ErrorCode::InvalidUpload);
    assert_eq!(
        (app.database.count("attachments"), app.stored_files()),
        (0, vec![])
    );
}

#[actix_web::test]
async fn broken_forms_are_refused() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let ticket = ann.submits("表单").await.to_string();
    form(&ann, Form::new().text("ticket_id", ticket.clone()))
        .await
        .refused_field("file");
    form(&ann, Form::new().part("file", file("a.png", PNG)))
        .await
        .refused_field("ticket_id");
    form(
        &ann,
        Form::new()
            .text("ticket_id", "x")
            .part("file", file("a.png", PNG)),
    )
    .await
    .refused(ErrorCode::TicketNotFound);
    form(
        &ann,
        Form::new()
            .text("ticket_id", ticket.clone())
            .text("file", "no file name"),
    )
    .await
    .refused_field("file");
    form(
        &ann,
        Form::new()
            .text("ticket_id", "9".repeat(5000))
            .part("file", file("a.png", PNG)),
    )
    .await
    .refused(ErrorCode::InvalidUpload);
    let many = (0..40).fold(Form::new(), |form, n| form.text(format!("x{n}"), "y"));
    form(&ann, many).await.refused(ErrorCode::InvalidUpload);
    let key = Form::new()
        .text("ticket_id", ticket.clone())
        .text("client_id", "k".repeat(65))
        .part("file", file("a.png", PNG));
    form(&ann, key).await.refused_field("client_id");
    for (kind, body, code) in [
        ("application/json", "{}", ErrorCode::UnsupportedMediaType),
        ("text/plain", "x", ErrorCode::UnsupportedMediaType),
        ("multipart/form-data", "no boundary", ErrorCode::InvalidUpload),
        (
            "multipart/form-data; boundary=X",
            "no parts",
            ErrorCode::InvalidUpload,
        ),
        ("multipart/form-data; boundary=X", "", ErrorCode::InvalidUpload),
    ] {
        let request = ann
            .request("POST", UPLOAD_PATH)
            .header("content-type", kind)
            .body(body);
        let reply = ann.send(request).await;
        assert_eq!(
            (reply.status, reply.problem().code),
            (code.status(), code),
            "{kind} {body}"
        );
    }
    let zipped = ann
        .request("POST", UPLOAD_PATH)
        .header("content-encoding", "gzip")
        .header("content-type", "multipart/form-data; boundary=X")
        .body("x");
    ann.send(zipped).await.refused(ErrorCode::UnsupportedMediaType);
    ann.send(ann.request("GET", UPLOAD_PATH))
        .await
        .refused(ErrorCode::MethodNotAllowed);
    assert_eq!(
        (app.database.count("attachments"), app.stored_files()),
        (0, vec![])
    );
}

#[actix_web::test]
async fn an_operator_may_allow_other_endings() {
    let app = spawn_app_with(&[("ALLOWED_EXTENSIONS", "rar, .PNG")]).await;
    let ann = app.customer("ann").await;
    let ticket = ann.submits("rar").await;
    ann.attaches(ticket, "a.rar", b"Rar!\x1a\x07\x01\0").await;
    ann.attaches(ticket, "a.png", PNG).await;
    ann.uploads(ticket, "a.pdf", PDF)
        .await
        .refused(ErrorCode::FileTypeNotAllowed);
    let app = spawn_app_with(&[("ALLOWED_EXTENSIONS", "html,svg")]).await;
    let ann = app.customer("ann").await;
    let ticket = ann.submits("html").await;
    let up = ann.attaches(ticket, "a.html", HTML).await;
    let reply = ann.get(&up.file_url).await;
    assert_eq!(
        reply.header("content-type"),
        "application/octet-stream",
        "nothing that a browser would run"
    );
    assert!(reply.header("content-disposition").starts_with("attachment"));
}
