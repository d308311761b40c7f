//! A server that stops and starts: what was acknowledged is there, and everybody goes on where he was.

use shared::{Role, Status, endpoint::Nothing, messages::NewMessage, sessions::Me};

use crate::support::{client::saying, spawn_app};

#[actix_web::test]
async fn a_restart_during_a_chat_loses_no_acknowledged_message() {
    let mut app = spawn_app().await;
    let ann_id = app.account("ann", Role::Customer).await;
    let bob_id = app.account("bob", Role::Admin).await;
    let ticket = app.as_user(ann_id).await.submits("重启").await;
    let mut acknowledged = 0;
    for round in 0..3 {
        let (ann, bob) = (app.as_user(ann_id).await, app.as_user(bob_id).await);
        let mut live = ann.live().await;
        let (missed, joined) = live.join_since(ticket, 0).await;
        assert_eq!(missed.len() as i64, joined.seq);
        assert!(
            joined.seq >= acknowledged,
            "round {round}: {} of {acknowledged}",
            joined.seq
        );
        // Writers that are cut off by the stop.
        let writing = actix_web::rt::spawn(async move {
            let mut last = joined.seq;
            for n in 0..10_000 {
                let request = bob.request_of(
                    shared::messages::PostMessage,
                    ticket,
                    &saying(&format!("{round} {n}")),
                );
                match request.send().await {
                    Ok(reply) if reply.status() == 201 => {
                        let Ok(body) = reply.json::<serde_json::Value>().await else {
                            break;
                        };
                        last = body["message"]["seq"].as_i64().unwrap();
                    }
                    _ => break,
                }
            }
            last
        });
        live.next_durable().await;
        live.next_durable().await;
        app = app.restart().await;
        acknowledged = writing.await.unwrap();
        let reader = app.as_user(ann_id).await;
        let thread = reader.reads(ticket).await;
        let last = reader.sees(ticket).await.seq;
        assert!(
            last >= acknowledged,
            "lost: {acknowledged} were acknowledged, {last} are there"
        );
        let first = thread.messages.first().unwrap().seq;
        assert_eq!(
            thread.messages.iter().map(|m| m.seq).collect::<Vec<_>>(),
            (first..=last).collect::<Vec<_>>()
        );
    }
}

#[actix_web::test]
async fn a_session_and_a_room_outlive_the_server() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let ticket = ann.submits("续").await;
    let mut live = ann.live().await;
    live.join(ticket).await;
    live.says(ticket, "一").await;
    let unsure = NewMessage {
        client_id: Some("unsure".into()),
        ..saying("二")
    };
    let stored = live.sends(ticket, unsure.clone()).await;
    let cookie = ann.cookie(shared::sessions::SESSION_COOKIE).unwrap();
    let app = app.restart().await;
    live.ended().await;
    let ann = app.nobody().named(ann.id, "ann");
    ann.set_cookie(shared::sessions::SESSION_COOKIE, &cookie);
    ann.call(Me, (), Nothing {}).await.good();
    let mut live = ann.live().await;
    let (missed, joined) = live.join_since(ticket, 1).await;
    assert_eq!((missed.len(), joined.seq), (1, 2));
    assert_eq!(
        live.sends(ticket, unsure).await,
        stored,
        "what was not known to be stored is sent again, and stored once"
    );
    assert_eq!(live.says(ticket, "三").await.seq, 3);
    assert_eq!(ann.sees(ticket).await.status, Status::Pending);
}

#[actix_web::test]
async fn a_second_server_on_the_same_database_serves_the_same_things() {
    let one = spawn_app().await;
    let ann = one.customer("ann").await;
    let ticket = ann.submits("两台").await;
    ann.says(ticket, "在一号上说").await;
    let two = one.another().await;
    let there = two.as_user(ann.id).await;
    assert_eq!(there.reads(ticket).await.messages.len(), 1);
    assert_eq!(there.says(ticket, "在二号上说").await.seq, 2);
    assert_eq!(ann.says(ticket, "又在一号").await.seq, 3);
    // Who is connected to the other server hears of it no later than at the next event, in order.
    let mut live = ann.live().await;
    let (missed, _) = live.join_since(ticket, 0).await;
    assert_eq!(missed.len(), 3);
    there.says(ticket, "四").await;
    ann.says(ticket, "五").await;
    let heard: Vec<i64> = live
        .heard_durable()
        .await
        .iter()
        .map(|event| event.durable().unwrap().1)
        .collect();
    assert_eq!(heard, [4, 5], "the gap is filled from the database");
}
