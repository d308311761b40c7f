//! Files: which are let in, how they come back, who may have them, and what a failed upload leaves behind.

use reqwest::multipart::{Form, Part};
use shared::{
    ErrorCode, TicketId,
    attachments::Uploaded,
    endpoint::UPLOAD_PATH,
    messages::{NewMessage, PostMessage},
    sessions::{GuestToken, OpenGuestLink},
    tickets::CreateTicket,
};
use tokio::io::AsyncWriteExt;

use crate::support::{ABSENT, Client, Reply, client::saying, eventually, new_ticket, spawn_app, spawn_app_with};

pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";
const JPG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0";
const GIF: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0;";
const PDF: &[u8] = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";
const DOC: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0\0\0\0\0";
const ZIP: &[u8] = b"PK\x03\x04\x14\0\0\0\0\0";
const HTML: &[u8] = b"<!DOCTYPE html><html><script>alert(1)</script></html>";
const SVG: &[u8] = b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";

async fn form(client: &Client, form: Form) -> Reply {
    client.send(client.request("POST", UPLOAD_PATH).multipart(form)).await
}

fn file(name: &str, bytes: &[u8]) -> Part {
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
        ("f.docx", ZIP, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("g.txt", "你好".as_bytes(), "text/plain"),
        ("gbk.txt", b"\xc4\xe3\xba\xc3", "text/plain"),
        ("h.zip", ZIP, "application/zip"),
    ] {
        let up = ann.attaches(ticket, name, bytes).await;
        assert_eq!((up.attachment.name.as_str(), up.attachment.mime.as_str()), (name, mime));
        assert_eq!(up.attachment.size, bytes.len() as i64);
        assert_eq!(up.file_url, up.attachment.url);
        assert!(up.file_url.starts_with("/case/uploads/") || up.file_url.starts_with("/uploads/"), "{}", up.file_url);
        let name_part = up.file_url.rsplit('/').next().unwrap();
        for path in [up.file_url.clone(), format!("/uploads/{name_part}"), format!("/case/uploads/{name_part}")] {
            let reply = ann.get(&path).await;
            assert_eq!((reply.status, reply.body.as_slice()), (200, bytes), "{path}");
            assert!(reply.header("content-type").starts_with(mime), "{}", reply.header("content-type"));
            assert_eq!(reply.header("x-content-type-options"), "nosniff");
            assert_eq!(reply.header("content-security-policy"), "default-src 'none'; sandbox");
            assert_eq!(reply.header("cross-origin-resource-policy"), "same-origin");
            assert!(reply.header("cache-control").contains("private"));
            let shown = if mime.starts_with("image/") { "inline" } else { "attachment" };
            assert!(reply.header("content-disposition").starts_with(shown), "{}", reply.header("content-disposition"));
        }
    }
    assert_eq!(ann.sees(ticket).await.attachments.len(), 10);
    assert_eq!(app.stored_files().len(), 10);
    assert!(app.stored_files().iter().all(|name| name.len() > 32 && name.is_ascii()), "names nobody can guess");
}

#[actix_web::test]
async fn ending_and_content_must_agree() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let ticket = ann.submits("附件").await;
    for (name, bytes) in [
        ("a.png", HTML), ("a.png", JPG), ("a.jpg", PNG), ("a.gif", PDF), ("a.pdf", ZIP), ("a.zip", PNG), ("a.docx", DOC),
        ("a.doc", ZIP), ("a.txt", PNG), ("a.txt", b"MZ\x90\0\x03\0\0"), ("a.txt", HTML), ("a.png", SVG), ("a.svg", SVG),
        ("a.html", HTML), ("a.exe", b"MZ\x90\0"), ("a.pdf.html", PDF), ("a", PNG), ("png", PNG), (".png.", HTML),
        ("a.php", b"<?php echo 1;"), ("photo\u{202e}gnp.exe", PNG), (".htaccess", b"AddType"),
        ("\u{200b}.htaccess", b"AddType"), ("a.js", b"alert(1)"),
    ] {
        ann.uploads(ticket, name, bytes).await.refused(ErrorCode::FileTypeNotAllowed);
    }
    let refused = ann.uploads(ticket, "a.png\0.exe", PNG).await.problem().code;
    assert!(matches!(refused, ErrorCode::FileTypeNotAllowed | ErrorCode::InvalidUpload), "{refused:?}");
    assert_eq!((app.database.count("attachments"), app.stored_files()), (0, vec![]));
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
        let header = ann.get(&up.file_url).await.header("content-disposition").to_owned();
        let encoded = header.split("filename*=UTF-8''").nth(1).unwrap_or_else(|| panic!("no filename*: {header}"));
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
    ann.uploads(ticket, "over.png", &sized(1001)).await.refused(ErrorCode::PayloadTooLarge);
    ann.uploads(ticket, "far.png", &sized(200_000)).await.refused(ErrorCode::PayloadTooLarge);
    ann.uploads(ticket, "empty.png", b"").await.refused_field("file");
    assert_eq!((app.database.count("attachments"), app.stored_files().len()), (1, 1));
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
    ann.uploads(ticket, "more.zip", &more).await.refused(ErrorCode::PayloadTooLarge);
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
    let body = format!("--X\r\nContent-Disposition: form-data; name=\"ticket_id\"\r\n\r\n{ticket}\r\n--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhalf");
    let request = ann.request("POST", UPLOAD_PATH).header("content-type", "multipart/form-data; boundary=X").body(body);
    ann.send(request).await.refused(ErrorCode::InvalidUpload);
    assert_eq!((app.database.count("attachments"), app.stored_files()), (0, vec![]));
}

#[actix_web::test]
async fn broken_forms_are_refused() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let ticket = ann.submits("表单").await.to_string();
    form(&ann, Form::new().text("ticket_id", ticket.clone())).await.refused_field("file");
    form(&ann, Form::new().part("file", file("a.png", PNG))).await.refused_field("ticket_id");
    form(&ann, Form::new().text("ticket_id", "x").part("file", file("a.png", PNG))).await.refused(ErrorCode::TicketNotFound);
    form(&ann, Form::new().text("ticket_id", ticket.clone()).text("file", "no file name")).await.refused_field("file");
    form(&ann, Form::new().text("ticket_id", "9".repeat(5000)).part("file", file("a.png", PNG))).await.refused(ErrorCode::InvalidUpload);
    let many = (0..40).fold(Form::new(), |form, n| form.text(format!("x{n}"), "y"));
    form(&ann, many).await.refused(ErrorCode::InvalidUpload);
    let key = Form::new().text("ticket_id", ticket.clone()).text("client_id", "k".repeat(65)).part("file", file("a.png", PNG));
    form(&ann, key).await.refused_field("client_id");
    for (kind, body, code) in [
        ("application/json", "{}", ErrorCode::UnsupportedMediaType),
        ("text/plain", "x", ErrorCode::UnsupportedMediaType),
        ("multipart/form-data", "no boundary", ErrorCode::InvalidUpload),
        ("multipart/form-data; boundary=X", "no parts", ErrorCode::InvalidUpload),
        ("multipart/form-data; boundary=X", "", ErrorCode::InvalidUpload),
    ] {
        let request = ann.request("POST", UPLOAD_PATH).header("content-type", kind).body(body);
        let reply = ann.send(request).await;
        assert_eq!((reply.status, reply.problem().code), (code.status(), code), "{kind} {body}");
    }
    let zipped = ann.request("POST", UPLOAD_PATH).header("content-encoding", "gzip").header("content-type", "multipart/form-data; boundary=X").body("x");
    ann.send(zipped).await.refused(ErrorCode::UnsupportedMediaType);
    ann.send(ann.request("GET", UPLOAD_PATH)).await.refused(ErrorCode::MethodNotAllowed);
    assert_eq!((app.database.count("attachments"), app.stored_files()), (0, vec![]));
}

#[actix_web::test]
async fn only_who_may_see_the_ticket_uploads_and_downloads() {
    let app = spawn_app().await;
    let (ann, eve, bob, nobody) = (app.customer("ann").await, app.customer("eve").await, app.agent("bob").await, app.nobody());
    let ticket = ann.submits("私事").await;
    let url = ann.attaches(ticket, "秘密.png", PNG).await.file_url;
    assert_eq!(bob.get(&url).await.status, 200);
    let absent = eve.get("/case/uploads/00000000000000000000000000000000.png").await;
    absent.refused(ErrorCode::FileNotFound);
    eve.get(&url).await.refused(ErrorCode::FileNotFound);
    nobody.get(&url).await.refused(ErrorCode::Unauthenticated);
    for id in [ticket, ABSENT, TicketId(-1)] {
        eve.uploads(id, "a.png", PNG).await.refused(ErrorCode::TicketNotFound);
        nobody.uploads(id, "a.png", PNG).await.refused(ErrorCode::Unauthenticated);
    }
    for path in ["incoming", "%2e%2e%2fcasedesk.db", "..%2f..%2fcasedesk.db", "x%00.png", "%ff.png", "incoming%2fx", "a%5cb.png"] {
        let reply = ann.get(&format!("/case/uploads/{path}")).await;
        assert_eq!(reply.status, 404, "{path}: {}", reply.text());
    }
    // A right once had is no right: no 304 for a stranger.
    let tag = ann.get(&url).await.header("etag").to_owned();
    let again = ann.send(ann.request("GET", &url).header("if-none-match", &tag)).await;
    assert_eq!(again.status, 304);
    eve.send(eve.request("GET", &url).header("if-none-match", &tag)).await.refused(ErrorCode::FileNotFound);
    eve.send(eve.request("GET", &url).header("range", "bytes=0-3")).await.refused(ErrorCode::FileNotFound);
    let part = ann.send(ann.request("GET", &url).header("range", "bytes=0-3")).await;
    assert_eq!((part.status, part.body.as_slice()), (206, &PNG[..4]));
    assert_eq!((app.database.count("attachments"), app.stored_files().len()), (1, 1));
}

#[actix_web::test]
async fn a_file_answers_head_as_well() {
    let app = spawn_app().await;
    let (ann, eve) = (app.customer("ann").await, app.customer("eve").await);
    let ticket = ann.submits("头").await;
    let url = ann.attaches(ticket, "a.png", PNG).await.file_url;
    let head = ann.send(ann.request("HEAD", &url)).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), PNG.len().to_string());
    assert_eq!(eve.send(eve.request("HEAD", &url)).await.status, 404);
}

#[actix_web::test]
async fn a_guest_uploads_to_his_own_ticket_and_sees_its_files() {
    let app = spawn_app().await;
    let (guest, ann, bob) = (app.nobody(), app.customer("ann").await, app.agent("bob").await);
    let created = guest.call(CreateTicket, (), new_ticket("访客")).await.good();
    let own = guest.attaches(created.ticket_id, "a.png", PNG).await;
    let from_bob = bob.attaches(created.ticket_id, "b.pdf", PDF).await;
    assert_eq!((guest.get(&own.file_url).await.status, guest.get(&from_bob.file_url).await.status), (200, 200));
    let hers = ann.submits("别人").await;
    let her_file = ann.attaches(hers, "c.png", PNG).await;
    guest.get(&her_file.file_url).await.refused(ErrorCode::FileNotFound);
    guest.uploads(hers, "d.png", PNG).await.refused(ErrorCode::TicketNotFound);
    let token = created.access_url.unwrap().split_once("#access=").unwrap().1.to_owned();
    let elsewhere = app.nobody();
    elsewhere.call(OpenGuestLink, (), GuestToken { token: token.as_str().into() }).await.good();
    assert_eq!(elsewhere.get(&own.file_url).await.status, 200);
}

#[actix_web::test]
async fn an_upload_with_a_client_id_is_stored_once() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("重试").await.to_string();
    let keyed = || Form::new().text("ticket_id", ticket.clone()).text("client_id", "k1").part("file", file("a.png", PNG));
    let first: Uploaded = serde_json::from_value(form(&ann, keyed()).await.good()).unwrap();
    let again: Uploaded = serde_json::from_value(form(&ann, keyed()).await.good()).unwrap();
    assert_eq!(first, again);
    let race = futures_util::future::join_all((0..6).map(|_| form(&bob, keyed()))).await;
    let ids: std::collections::HashSet<i64> = race.iter().map(|reply| reply.good()["attachment"]["id"].as_i64().unwrap()).collect();
    assert_eq!(ids.len(), 1, "six at once are one");
    assert_eq!((app.database.count("attachments"), app.stored_files().len()), (2, 2), "hers and his");
}

#[actix_web::test]
async fn a_message_takes_its_senders_own_files_and_no_others() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("消息附件").await;
    let draft = async |who: &Client| -> Uploaded {
        let parts = Form::new().text("ticket_id", ticket.to_string()).text("draft", "1").part("file", file("图.png", PNG));
        serde_json::from_value(form(who, parts).await.good()).unwrap()
    };
    let (hers, his) = (draft(&ann).await, draft(&bob).await);
    bob.get(&hers.file_url).await;
    ann.get(&his.file_url).await.refused(ErrorCode::FileNotFound);
    assert!(ann.sees(ticket).await.attachments.is_empty(), "a draft is not the ticket's");
    let with = |ids: Vec<shared::AttachmentId>| NewMessage { attachment_ids: ids, ..saying("") };
    ann.call(PostMessage, ticket, with(vec![his.attachment.id])).await.refused_field("attachment_ids");
    ann.call(PostMessage, ticket, with(vec![hers.attachment.id; 2])).await.refused_field("attachment_ids");
    let other = ann.submits("另一单").await;
    ann.call(PostMessage, other, with(vec![hers.attachment.id])).await.refused_field("attachment_ids");
    let mut live = bob.live().await;
    live.join(ticket).await;
    let message = ann.call(PostMessage, ticket, with(vec![hers.attachment.id])).await.good().message;
    assert_eq!(message.attachment_url.as_deref(), Some(hers.file_url.as_str()));
    assert_eq!(message.attachments[0].name, "图.png");
    assert_eq!(live.next_message().await.attachments, message.attachments);
    ann.call(PostMessage, ticket, with(vec![hers.attachment.id])).await.refused_field("attachment_ids");
    // The file of a note stays with the agents.
    let note = NewMessage { internal: true, ..with(vec![his.attachment.id]) };
    bob.call(PostMessage, ticket, note).await.good();
    ann.get(&his.file_url).await.refused(ErrorCode::FileNotFound);
    assert_eq!(bob.get(&his.file_url).await.status, 200);
}

#[actix_web::test]
async fn an_operator_may_allow_other_endings() {
    let app = spawn_app_with(&[("ALLOWED_EXTENSIONS", "rar, .PNG")]).await;
    let ann = app.customer("ann").await;
    let ticket = ann.submits("rar").await;
    ann.attaches(ticket, "a.rar", b"Rar!\x1a\x07\x01\0").await;
    ann.attaches(ticket, "a.png", PNG).await;
    ann.uploads(ticket, "a.pdf", PDF).await.refused(ErrorCode::FileTypeNotAllowed);
    let app = spawn_app_with(&[("ALLOWED_EXTENSIONS", "html,svg")]).await;
    let ann = app.customer("ann").await;
    let ticket = ann.submits("html").await;
    let up = ann.attaches(ticket, "a.html", HTML).await;
    let reply = ann.get(&up.file_url).await;
    assert_eq!(reply.header("content-type"), "application/octet-stream", "nothing that a browser would run");
    assert!(reply.header("content-disposition").starts_with("attachment"));
}
