//! What cannot be known for a while: whether a session still stands, and whether a commit does whose answer was lost.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::json;
use shared::{
    ErrorCode, Status,
    endpoint::Nothing,
    live::{ClientEvent, Send, ServerEvent},
    messages::PostMessage,
    sessions::{Logout, Me},
    tickets::TicketKey,
};

use crate::support::{
    PATIENCE, TestApp,
    client::saying,
    database::{Database, is_mysql},
    eventually, spawn_app, spawn_app_with,
    sql_line::SqlLine,
};

/// Takes every reading connection until it is dropped.
struct Readers(Arc<AtomicBool>);

impl Readers {
    async fn all_taken(app: &TestApp) -> Self {
        let free = Arc::new(AtomicBool::new(false));
        let taken = Arc::new(AtomicU32::new(0));
        let all = app.app.config().database.pool_size;
        for _ in 0..all {
            let (app, free, taken) = (app.app.clone(), Arc::clone(&free), Arc::clone(&taken));
            actix_web::rt::spawn(async move {
                let holds = app.read(move |_| {
                    taken.fetch_add(1, Ordering::Relaxed);
                    let began = Instant::now();
                    while !free.load(Ordering::Relaxed) && began.elapsed() < PATIENCE {
                        std::thread::sleep(Duration::from_millis(10));
                    }
                    Ok(())
                });
                holds.await.unwrap();
            });
        }
        eventually("all are taken", async || taken.load(Ordering::Relaxed) == all).await;
        Self(free)
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[actix_web::test]
async fn whoever_was_locked_out_says_and_hears_nothing_while_that_cannot_be_looked_up() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("撤销").await;
    let (mut live, mut other) = (ann.live().await, bob.live().await);
    live.join(ticket).await;
    other.join(ticket).await;
    // Remembered for a few seconds, so that it can be ended although nobody can be looked up.
    ann.call(Me, (), Nothing {}).await.good();
    let readers = Readers::all_taken(&app).await;
    let started = Instant::now();
    ann.call(Logout, (), Nothing {}).await.good();
    let said = Send {
        ticket_id: ticket,
        message: saying("还能说吗？"),
    };
    let said = serde_json::to_string(&ClientEvent::SendMessage(said)).unwrap();
    live.shout(&said).await;
    assert_eq!(
        live.ended().await.code,
        Some(1013),
        "she may come back and prove herself"
    );
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "{:?}",
        started.elapsed()
    );
    drop(readers);
    assert_eq!(bob.reads(ticket).await.messages.len(), 0);
    // Whoever nobody doubts has noticed nothing.
    bob.says(ticket, "在").await;
    assert_eq!(other.next_message().await.content, "在");
}

#[actix_web::test]
async fn nothing_is_taken_from_somebody_who_cannot_be_looked_up() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("查不到").await;
    let mut live = ann.live().await;
    live.join(ticket).await;
    let said = ClientEvent::SendMessage(Send {
        ticket_id: ticket,
        message: saying("我是谁？"),
    });
    // Who he was is remembered so long.
    tokio::time::sleep(Duration::from_millis(5_200)).await;
    let readers = Readers::all_taken(&app).await;
    assert_eq!(live.refused(&said).await.code, ErrorCode::Busy);
    drop(readers);
    assert_eq!(bob.reads(ticket).await.messages.len(), 0);
    eventually("she is known again", async || {
        live.ask(&said).await["success"] == json!(true)
    })
    .await;
}

#[actix_web::test]
async fn what_a_lost_answer_has_committed_is_told_all_the_same() {
    if !is_mysql() {
        return; // SQLite is in the process itself: its answer cannot be lost.
    }
    let database = Database::empty();
    let line = SqlLine::before(&database.url());
    let app = spawn_app_with(&[("DATABASE_URL", line.url())]).await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("在吗").await;
    let (mut ann_live, mut bob_live) = (ann.live().await, bob.live().await);
    ann_live.join(ticket).await;
    bob_live.join(ticket).await;
    bob_live.heard().await;
    let mut message = saying("有人吗？");
    message.client_id = Some("7b0c".into());
    let refused = line
        .losing_the_commit_of("有人吗", ann.call(PostMessage, ticket, message.clone()))
        .await;
    assert_eq!(refused.status(), 503);
    let heard = bob_live.next_message().await;
    assert_eq!((heard.seq, &*heard.content), (1, "有人吗？"));
    let updated = async {
        loop {
            if let ServerEvent::TicketUpdated(news) = bob_live.next().await {
                return news.ticket.version;
            }
        }
    };
    assert_eq!(updated.await, 1);
    // She sends it again, and nobody hears it twice.
    let again = ann.call(PostMessage, ticket, message).await.good();
    assert_eq!(again.message.seq, 1);
    assert_eq!(bob_live.heard_durable().await.len(), 0);
    // The same of a step.
    let steps = json!({ "status": Status::Resolved });
    let path = format!("/case/api/tickets/{ticket}/status");
    let refused = line.losing_the_commit_of("状态由", bob.post(&path, &steps)).await;
    assert_eq!(refused.status, 503, "{}", refused.text());
    let heard = async {
        loop {
            if let ServerEvent::StatusChanged(change) = ann_live.next_durable().await {
                return change.to;
            }
        }
    };
    assert_eq!(heard.await.as_deref(), Some("已解决"));
    eventually("the server works on", async || {
        ann.may_see(TicketKey::Id(ticket)).await
    })
    .await;
}
