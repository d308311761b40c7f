//! Whose files are whose: strangers, guests, repeats, drafts and messages.

use reqwest::multipart::Form;
use shared::{
    ErrorCode, TicketId,
    attachments::Uploaded,
    messages::{NewMessage, PostMessage},
    sessions::{GuestToken, OpenGuestLink},
    tickets::CreateTicket,
};

use crate::{
    support::{ABSENT, Client, client::saying, new_ticket, spawn_app},
    uploads::{PDF, PNG, file, form},
};

#[actix_web::test]
async fn only_who_may_see_the_ticket_uploads_and_downloads() {
    let app = spawn_app().await;
    let (ann, eve, bob, nobody) = (
        app.customer("ann").await,
        app.customer("eve").await,
        app.agent("bob").await,
        app.nobody(),
    );
    let ticket = ann.submits("私事").await;
    let url = ann.attaches(ticket, "秘密.png", PNG).await.file_url;
    assert_eq!(bob.get(&url).await.status, 200);
    let absent = eve
        .get("/case/uploads/00000000000000000000000000000000.png")
        .await;
    absent.refused(ErrorCode::FileNotFound);
    eve.get(&url).await.refused(ErrorCode::FileNotFound);
    nobody.get(&url).await.refused(ErrorCode::Unauthenticated);
    for id in [ticket, ABSENT, TicketId(-1)] {
        eve.uploads(id, "a.png", PNG)
            .await
            .refused(ErrorCode::TicketNotFound);
        nobody
            .uploads(id, "a.png", PNG)
            .await
            .refused(ErrorCode::Unauthenticated);
    }
    for path in [
        "incoming",
        "%2e%2e%2fcasedesk.db",
        "..%2f..%2fcasedesk.db",
        "x%00.png",
        "%ff.png",
        "incoming%2fx",
        "a%5cb.png",
    ] {
        let reply = ann.get(&format!("/case/uploads/{path}")).await;
        assert_eq!(reply.status, 404, "{path}: {}", reply.text());
    }
    // A right once had is no right: no 304 for a stranger.
    let tag = ann.get(&url).await.header("etag").to_owned();
    let again = ann
        .send(ann.request("GET", &url).header("if-none-match", &tag))
        .await;
    assert_eq!(again.status, 304);
    eve.send(eve.request("GET", &url).header("if-none-match", &tag))
        .await
        .refused(ErrorCode::FileNotFound);
    eve.send(eve.request("GET", &url).header("range", "bytes=0-3"))
        .await
        .refused(ErrorCode::FileNotFound);
    let part = ann
        .send(ann.request("GET", &url).header("range", "bytes=0-3"))
        .await;
    assert_eq!((part.status, part.body.as_slice()), (206, &PNG[..4]));
    assert_eq!(
        (app.database.count("attachments"), app.stored_files().len()),
        (1, 1)
    );
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
    assert_eq!(
        (
            guest.get(&own.file_url).await.status,
            guest.get(&from_bob.file_url).await.status
        ),
        (200, 200)
    );
    let hers = ann.submits("别人").await;
    let her_file = ann.attaches(hers, "c.png", PNG).await;
    guest
        .get(&her_file.file_url)
        .await
        .refused(ErrorCode::FileNotFound);
    guest
        .uploads(hers, "d.png", PNG)
        .await
        .refused(ErrorCode::TicketNotFound);
    let token = created
        .access_url
        .unwrap()
        .split_once("#access=")
        .unwrap()
        .1
        .to_owned();
    let elsewhere = app.nobody();
    elsewhere
        .call(
            OpenGuestLink,
            (),
            GuestToken {
                token: token.as_str().into(),
            },
        )
        .await
        .good();
    assert_eq!(elsewhere.get(&own.file_url).await.status, 200);
}

#[actix_web::test]
async fn an_upload_with_a_client_id_is_stored_once() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("重试").await.to_string();
    let keyed = || {
        Form::new()
            .text("ticket_id", ticket.clone())
            .text("client_id", "k1")
            .part("file", file("a.png", PNG))
    };
    let first: Uploaded = serde_json::from_value(form(&ann, keyed()).await.good()).unwrap();
    let again: Uploaded = serde_json::from_value(form(&ann, keyed()).await.good()).unwrap();
    assert_eq!(first, again);
    let race = futures_util::future::join_all((0..6).map(|_| form(&bob, keyed()))).await;
    let ids: std::collections::HashSet<i64> = race
        .iter()
        .map(|reply| reply.good()["attachment"]["id"].as_i64().unwrap())
        .collect();
    assert_eq!(ids.len(), 1, "six at once are one");
    assert_eq!(
        (app.database.count("attachments"), app.stored_files().len()),
        (2, 2),
        "hers and his"
    );
}

#[actix_web::test]
async fn a_message_takes_its_senders_own_files_and_no_others() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("消息附件").await;
    let draft = async |who: &Client| -> Uploaded {
        let parts = Form::new()
            .text("ticket_id", ticket.to_string())
            .text("draft", "1")
            .part("file", file("图.png", PNG));
        serde_json::from_value(form(who, parts).await.good()).unwrap()
    };
    let (hers, his) = (draft(&ann).await, draft(&bob).await);
    bob.get(&hers.file_url).await;
    ann.get(&his.file_url).await.refused(ErrorCode::FileNotFound);
    assert!(
        ann.sees(ticket).await.attachments.is_empty(),
        "a draft is not the ticket's"
    );
    let with = |ids: Vec<shared::AttachmentId>| NewMessage {
        attachment_ids: ids,
        ..saying("")
    };
    ann.call(PostMessage, ticket, with(vec![his.attachment.id]))
        .await
        .refused_field("attachment_ids");
    ann.call(PostMessage, ticket, with(vec![hers.attachment.id; 2]))
        .await
        .refused_field("attachment_ids");
    let other = ann.submits("另一单").await;
    ann.call(PostMessage, other, with(vec![hers.attachment.id]))
        .await
        .refused_field("attachment_ids");
    let mut live = bob.live().await;
    live.join(ticket).await;
    let message = ann
        .call(PostMessage, ticket, with(vec![hers.attachment.id]))
        .await
        .good()
        .message;
    assert_eq!(message.attachment_url.as_deref(), Some(hers.file_url.as_str()));
    assert_eq!(message.attachments[0].name, "图.png");
    assert_eq!(live.next_message().await.attachments, message.attachments);
    ann.call(PostMessage, ticket, with(vec![hers.attachment.id]))
        .await
        .refused_field("attachment_ids");
    // The file of a note stays with the agents.
    let note = NewMessage {
        internal: true,
        ..with(vec![his.attachment.id])
    };
    bob.call(PostMessage, ticket, note).await.good();
    ann.get(&his.file_url).await.refused(ErrorCode::FileNotFound);
    assert_eq!(bob.get(&his.file_url).await.status, 200);
}
