//! Many at once: numbers without holes, nothing twice, nothing lost, on both databases.

use std::collections::BTreeSet;

use casedesk::{db::migrate, domain::events::Audience};
use futures_util::future::join_all;
use shared::{
    ErrorCode, Status,
    live::ServerEvent,
    messages::{NewMessage, PostMessage},
    tickets::{CloseTicket, Closing, CreateTicket, SetStatus, StatusChange},
};

use crate::support::{
    Live, TestApp,
    client::saying,
    database::{Database, is_mysql},
    eventually,
    live::to_both,
    new_ticket,
    outbox::is_empty,
    spawn_app,
};

fn seqs(events: &[ServerEvent]) -> Vec<i64> {
    events
        .iter()
        .filter_map(|event| event.durable().map(|(_, seq, _)| seq))
        .collect()
}

#[actix_web::test]
async fn fifty_tickets_at_once_get_fifty_numbers() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let created = join_all((0..50).map(|n| ann.call(CreateTicket, (), new_ticket(&n.to_string())))).await;
    let numbers: BTreeSet<String> = created
        .into_iter()
        .map(|outcome| outcome.good().ticket_number)
        .collect();
    assert_eq!(numbers.len(), 50);
    assert!(numbers.iter().all(|number| number.len() == 14), "{numbers:?}");
    assert_eq!(app.database.count("tickets"), 50);
}

#[actix_web::test]
async fn two_servers_on_one_database_never_give_a_number_twice() {
    let one = spawn_app().await;
    let two = one.another().await;
    let (ann, eve) = (one.customer("ann").await, two.customer("eve").await);
    let calls = (0..40).map(|n| {
        let who = if n % 2 == 0 { &ann } else { &eve };
        who.call(CreateTicket, (), new_ticket(&n.to_string()))
    });
    let numbers: BTreeSet<String> = join_all(calls)
        .await
        .into_iter()
        .map(|outcome| outcome.good().ticket_number)
        .collect();
    assert_eq!(numbers.len(), 40);
}

#[actix_web::test]
async fn a_submission_with_a_key_is_stored_once_however_often_it_is_sent() {
    let app = spawn_app().await;
    let (ann, guest) = (app.customer("ann").await, app.nobody());
    for who in [&ann, &guest] {
        let calls = (0..12).map(|_| {
            let request = who
                .request_of(CreateTicket, (), &new_ticket("只有一次"))
                .header("idempotency-key", "click-1");
            who.send_as(CreateTicket, request)
        });
        let ids: BTreeSet<_> = join_all(calls)
            .await
            .into_iter()
            .map(|outcome| outcome.good().ticket_id)
            .collect();
        assert_eq!(ids.len(), 1);
    }
    assert_eq!(app.database.count("tickets"), 2, "hers and the guest's");
    assert_eq!(
        app.database
            .number("SELECT COUNT(*) FROM ticket_events WHERE kind = 'created'"),
        2
    );
    let other = ann
        .request_of(CreateTicket, (), &new_ticket("别的"))
        .header("idempotency-key", "click-1");
    assert_eq!(
        ann.send_as(CreateTicket, other).await.code(),
        ErrorCode::ClientKeyReused
    );
    let eve = app.customer("eve").await;
    let hers = eve
        .request_of(CreateTicket, (), &new_ticket("只有一次"))
        .header("idempotency-key", "click-1");
    let ticket = eve.send_as(CreateTicket, hers).await.good().ticket_id;
    assert!(!ann.may_see(ticket).await, "a key belongs to its account");
}

#[actix_web::test]
async fn messages_at_once_are_numbered_without_holes_and_everybody_hears_each_once_in_order() {
    const EACH: usize = 15;
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("热闹").await;
    bob.moves(ticket, Status::Processing).await;
    let mut listeners: Vec<Live> = Vec::new();
    for who in [&ann, &ann, &bob, &bob] {
        let mut live = who.live().await;
        live.join(ticket).await;
        listeners.push(live);
    }
    let post = |who: &'static str, n: usize, internal: bool| NewMessage {
        internal,
        ..saying(&format!("{who} {n}"))
    };
    let calls = (0..EACH).flat_map(|n| {
        [
            ann.call(PostMessage, ticket, post("ann", n, false)),
            bob.call(PostMessage, ticket, post("bob", n, false)),
            bob.call(PostMessage, ticket, post("note", n, true)),
        ]
    });
    for outcome in join_all(calls).await {
        outcome.good();
    }
    let (for_ann, for_bob) = (ann.reads(ticket).await, bob.reads(ticket).await);
    assert_eq!(
        for_ann.messages.iter().map(|m| m.seq).collect::<Vec<_>>(),
        (1..=1 + 2 * EACH as i64).collect::<Vec<_>>()
    );
    assert_eq!(
        for_bob.messages.iter().map(|m| m.seq).collect::<Vec<_>>(),
        (1..=1 + 3 * EACH as i64).collect::<Vec<_>>()
    );
    for (live, thread) in listeners.iter_mut().zip([&for_ann, &for_ann, &for_bob, &for_bob]) {
        let heard = live.heard_durable().await;
        assert_eq!(
            seqs(&heard),
            thread.messages.iter().skip(1).map(|m| m.seq).collect::<Vec<_>>()
        );
        for (event, stored) in heard.iter().zip(thread.messages.iter().skip(1)) {
            assert_eq!(
                event.durable().unwrap().2,
                stored,
                "what was told is what is stored"
            );
        }
    }
}

#[actix_web::test]
async fn one_client_id_sent_many_times_at_once_is_one_message() {
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let ticket = ann.submits("连点").await;
    let message = NewMessage {
        client_id: Some("same".into()),
        ..saying("一次")
    };
    let calls = (0..16).map(|_| ann.call(PostMessage, ticket, message.clone()));
    let ids: BTreeSet<_> = join_all(calls)
        .await
        .into_iter()
        .map(|outcome| outcome.good().message.id)
        .collect();
    assert_eq!((ids.len(), ann.reads(ticket).await.messages.len()), (1, 1));
}

#[actix_web::test]
async fn of_several_closings_at_once_one_wins_and_the_others_are_told_where_it_stands() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    for _ in 0..5 {
        let ticket = ann.submits("抢").await;
        let closing = Closing {
            resolution: Some("好了".into()),
        };
        let calls = (0..6).map(|_| bob.call(CloseTicket, ticket, closing.clone()));
        let outcomes = join_all(calls).await;
        assert_eq!(
            outcomes.iter().filter(|outcome| outcome.status() == 200).count(),
            1
        );
        for lost in outcomes.iter().filter(|outcome| outcome.status() != 200) {
            assert_eq!(
                lost.refused(ErrorCode::TransitionNotAllowed).allowed.unwrap(),
                [Status::Processing]
            );
        }
        assert_eq!(bob.sees(ticket).await.seq, 1);
    }
}

#[actix_web::test]
async fn words_and_steps_at_once_leave_a_history_that_adds_up() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("乱").await;
    let step = |status: Status| StatusChange {
        status: Some(status),
        resolution: None,
    };
    for round in 0..6 {
        let (said, answered, moved, closed) = tokio::join!(
            ann.call(PostMessage, ticket, saying(&format!("问 {round}"))),
            bob.call(PostMessage, ticket, saying(&format!("答 {round}"))),
            bob.call(SetStatus, ticket, step(Status::Resolved)),
            ann.call(CloseTicket, ticket, Closing::default()),
        );
        said.good();
        answered.good();
        for outcome in [moved.reply, closed.reply] {
            assert!(matches!(outcome.status, 200 | 409), "{}", outcome.text());
        }
    }
    let history = casedesk::db::events::list(&mut app.database.connect(), ticket).unwrap();
    let mut status = Status::Pending.to_string();
    for event in history.iter().skip(1) {
        assert_eq!(
            event.from_value.as_deref(),
            Some(status.as_str()),
            "each step begins where the one before ended"
        );
        status = event.to_value.clone().unwrap();
        assert!(
            event
                .from_value
                .as_deref()
                .unwrap()
                .parse::<Status>()
                .unwrap()
                .can_become(status.parse().unwrap())
        );
    }
    let seen = bob.sees(ticket).await;
    assert_eq!(seen.status.to_string(), status);
    let thread = bob.reads(ticket).await.messages;
    assert_eq!(
        thread.iter().map(|m| m.seq).collect::<Vec<_>>(),
        (1..=seen.seq).collect::<Vec<_>>()
    );
    assert_eq!(thread.len(), 12 + history.len() - 1);
}

#[actix_web::test]
async fn two_servers_that_start_at_once_on_an_empty_database_migrate_it_once() {
    for _ in 0..3 {
        let database = Database::empty();
        let runs: Vec<_> = (0..4)
            .map(|_| {
                let target = database.target().clone();
                std::thread::spawn(move || migrate::run(&target).map(|done| done.ran))
            })
            .collect();
        let ran: Vec<usize> = runs.into_iter().map(|run| run.join().unwrap().unwrap()).collect();
        assert_eq!(ran.iter().filter(|ran| **ran > 0).count(), 1, "{ran:?}");
        let app = TestApp::on(database, &[]).await;
        let (two, three) = tokio::join!(app.another(), app.another());
        assert_eq!(app.database.count("users"), 2);
        for app in [&app, &two, &three] {
            app.nobody().get("/readyz").await.good();
        }
    }
}

#[actix_web::test]
async fn two_servers_make_the_first_accounts_once() {
    let database = Database::empty();
    migrate::run(database.target()).unwrap();
    let app = TestApp::on(database, &[]).await;
    app.database.execute("DELETE FROM users");
    let (one, two) = tokio::join!(app.another(), app.another());
    assert_eq!(one.database.count("users"), 2);
    drop(two);
}

#[actix_web::test]
async fn what_is_told_twice_late_or_too_early_is_heard_once_and_in_order() {
    let app = spawn_app().await;
    let elsewhere = app.another().await;
    let ann = app.customer("ann").await;
    let ticket = ann.submits("乱序").await;
    let mut live = ann.live().await;
    live.join(ticket).await;
    // The other server tells its own listeners only: here, news come as this test hands them over.
    let there = elsewhere.as_user(ann.id).await;
    let mut told = Vec::new();
    for n in 1..=4 {
        let event = ServerEvent::NewMessage(there.says(ticket, &n.to_string()).await);
        told.push(to_both(Audience::Room(ticket), &event));
    }
    for order in [&[0][..], &[0, 0], &[2], &[1, 2, 0], &[3, 1, 3]] {
        for &at in order {
            app.app.hub.publish(&told[at..=at]);
        }
    }
    assert_eq!(seqs(&live.heard_durable().await), [1, 2, 3, 4]);
}

#[actix_web::test]
async fn while_another_program_holds_sqlites_file_writers_are_told_that_it_is_busy() {
    if is_mysql() {
        return; // There is no file.
    }
    let app = spawn_app().await;
    app.nobody().submits("备份前").await;
    eventually("nothing else is written", async || is_empty(&app).await).await;
    let mut backup = app.database.connect();
    backup.begin_immediate().unwrap();
    let refused = app.nobody().call(CreateTicket, (), new_ticket("备份中")).await;
    refused.refused(ErrorCode::Busy);
    drop(backup);
    app.nobody().submits("备份后").await;
}
