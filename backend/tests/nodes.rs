//! Two servers on one database: Redis only wakes them, the sequence heals what it loses.

use std::time::{Duration, Instant};

use serde_json::json;
use shared::{
    Status,
    endpoint::Nothing,
    live::{ClientEvent, Read, ServerEvent, Typing},
    messages::SenderType,
    sessions::{GUEST_COOKIE, RevokeGuestLinks},
    tickets::{ListTickets, TicketQuery},
    users::{UpdateUser, UserChanges},
    view::Applied,
};

use crate::{
    support::{Client, Live, SocketIo, TestApp, Transport, eventually, redis::Redis, spawn_app_with},
    uploads::PNG,
};

/// The longest that anything may take to come across while Redis is away.
pub const BY_POLLING: Duration = Duration::from_secs(5);

/// Two servers that hear each other.
pub async fn two(redis: &Redis) -> (TestApp, TestApp) {
    let here = spawn_app_with(&[("REDIS_URL", &redis.url())]).await;
    let there = here.another().await;
    eventually("both servers listen", async || redis.has_listeners(2).await).await;
    (here, there)
}

/// Waits until both have noticed that Redis is away.
pub async fn noticed(here: &TestApp, there: &TestApp) {
    eventually("the loss is noticed", async || {
        !here.app.hears_others() && !there.app.hears_others()
    })
    .await;
}

/// Waits until both hear each other.
pub async fn heard(here: &TestApp, there: &TestApp) {
    eventually("the servers hear each other", async || {
        here.app.hears_others() && there.app.hears_others()
    })
    .await;
}

/// The same account at another server.
pub async fn at(app: &TestApp, who: &Client) -> Client {
    app.as_user(who.id).await
}

async fn seqs(live: &mut Live, last: i64) -> Vec<i64> {
    let mut seqs = Vec::new();
    while seqs.last() != Some(&last) {
        let event = live.next_durable().await;
        seqs.push(event.durable().unwrap().1);
    }
    seqs
}

#[actix_web::test]
async fn what_happens_at_one_server_is_heard_at_the_other_through_both_doors() {
    let redis = Redis::start().await;
    let (here, there) = two(&redis).await;
    heard(&here, &there).await;
    let (ann, bob) = (here.customer("ann").await, here.agent("bob").await);
    let ticket = ann.submits("两台").await;
    let mut ann_there = at(&there, &ann).await.live().await;
    let mut bob_there = SocketIo::enter(&at(&there, &bob).await, Transport::Upgrade).await;
    ann_there.join(ticket).await;
    bob_there.join(ticket, Some(0)).await;
    let started = Instant::now();
    bob.notes(ticket, "只给同事").await;
    bob.says(ticket, "您好").await;
    bob.moves(ticket, Status::Resolved).await;
    assert_eq!(seqs(&mut ann_there, 3).await, [1, 2, 3]);
    let mut numbers = Vec::new();
    while numbers.len() < 4 {
        let (name, data) = bob_there.next().await;
        if matches!(name.as_str(), "new_message" | "status_changed") {
            numbers.push((name, data["seq"].as_i64().unwrap()));
        }
    }
    assert_eq!(
        numbers.iter().map(|(_, seq)| *seq).collect::<Vec<_>>(),
        [1, 2, 3, 4]
    );
    assert!(started.elapsed() < BY_POLLING, "{:?}", started.elapsed());
}

#[actix_web::test]
async fn lists_at_the_other_server_hear_of_new_tickets_and_changes() {
    let redis = Redis::start().await;
    let (here, there) = two(&redis).await;
    heard(&here, &there).await;
    let (ann, bob) = (here.customer("ann").await, here.agent("bob").await);
    let (ann_at, bob_at) = (at(&there, &ann).await, at(&there, &bob).await);
    let (mut ann_there, mut bob_there) = (ann_at.live().await, bob_at.live().await);
    let ticket = ann.submits("列表").await;
    loop {
        if let ServerEvent::TicketCreated(news) = bob_there.next().await {
            assert_eq!((news.ticket.id, news.ticket.title.as_str()), (ticket, "列表"));
            break;
        }
    }
    let mut page = bob_at.call(ListTickets, (), TicketQuery::default()).await.good();
    bob.says(ticket, "在看").await;
    bob.moves(ticket, Status::Resolved).await;
    let truth = bob_at.call(ListTickets, (), TicketQuery::default()).await.good();
    while page.tickets[0].version < truth.tickets[0].version {
        page.apply(&bob_there.next().await);
    }
    assert_eq!(page.tickets, truth.tickets);
    // A note makes no news for the customer.
    eventually("the customer's list has caught up", async || {
        ann_there.heard().await;
        let mut page = ann_at.call(ListTickets, (), TicketQuery::default()).await.good();
        bob.notes(ticket, "记一下").await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        ann_there
            .heard()
            .await
            .iter()
            .all(|event| page.apply(event) == Applied::Ignored)
    })
    .await;
}

#[actix_web::test]
async fn presence_typing_and_read_marks_cross_over() {
    let redis = Redis::start().await;
    let (here, there) = two(&redis).await;
    heard(&here, &there).await;
    let (ann, bob) = (here.customer("ann").await, here.agent("bob").await);
    let ticket = ann.submits("在场").await;
    ann.says(ticket, "一").await;
    let mut bob_there = at(&there, &bob).await.live().await;
    bob_there.join(ticket).await;
    let mut ann_here = ann.live().await;
    ann_here.join(ticket).await;
    loop {
        if let ServerEvent::Presence(presence) = bob_there.next_of_all().await {
            let names: Vec<_> = presence
                .people
                .iter()
                .map(|person| person.name.as_str())
                .collect();
            if names == ["ann", "bob"] {
                break;
            }
        }
    }
    let typing = Typing {
        ticket_id: ticket,
        typing: true,
        internal: false,
    };
    ann_here.ask(&ClientEvent::Typing(typing)).await;
    loop {
        if let ServerEvent::Typing(news) = bob_there.next().await {
            assert_eq!(
                (news.name.as_str(), news.sender_type),
                ("ann", SenderType::Customer)
            );
            break;
        }
    }
    bob_there
        .ask(&ClientEvent::Read(Read {
            ticket_id: ticket,
            seq: 1,
        }))
        .await;
    loop {
        if let ServerEvent::Read(news) = ann_here.next().await {
            assert_eq!((news.ticket_id, news.seq), (ticket, 1));
            break;
        }
    }
    drop(ann_here);
    loop {
        if let ServerEvent::Presence(presence) = bob_there.next_of_all().await
            && presence.people.len() == 1
        {
            break;
        }
    }
}

#[actix_web::test]
async fn a_revoked_session_ends_at_every_server_with_and_without_redis() {
    let mut redis = Redis::start().await;
    let (here, there) = two(&redis).await;
    heard(&here, &there).await;
    let admin = here.agent("root").await;
    for round in ["mit", "ohne"] {
        let (ann, bob) = (
            here.customer(&format!("ann{round}")).await,
            here.agent(&format!("bob{round}")).await,
        );
        let ticket = ann.submits("撤销").await;
        let ann_there = at(&there, &ann).await;
        // The very session that is at home here, used there.
        let same = there.nobody().named(bob.id, &bob.username);
        same.set_cookie(
            shared::sessions::SESSION_COOKIE,
            &bob.cookie(shared::sessions::SESSION_COOKIE).unwrap(),
        );
        let mut bob_live = same.live().await;
        let mut ann_live = ann_there.live().await;
        let mut ann_door = SocketIo::enter(&ann_there, Transport::Polling).await;
        let eve = here.customer(&format!("eve{round}")).await;
        let hers = eve.submits("她的").await;
        let eve_there = at(&there, &eve).await;
        let mut eve_live = eve_there.live().await;
        eve_live.join(hers).await;
        eve_live.heard_of_all().await;
        let guest = here.nobody();
        let guests = guest.submits("访客").await;
        let guest_there = there.nobody();
        guest_there.set_cookie(GUEST_COOKIE, &guest.cookie(GUEST_COOKIE).unwrap());
        let mut guest_live = guest_there.live().await;
        let mut guest_door = SocketIo::enter(&guest_there, Transport::WebSocket).await;
        guest_live.join(guests).await;
        guest_door.join(guests, None).await;
        bob_live.join(ticket).await;
        ann_live.join(ticket).await;
        ann_door.join(ticket, None).await;
        if round == "ohne" {
            redis.kill();
            noticed(&here, &there).await;
        }
        let started = Instant::now();
        bob.post("/case/api/logout", &json!({})).await;
        assert_eq!(bob_live.ended().await.code, Some(1008));
        let changes = UserChanges {
            is_active: Some(false),
            ..UserChanges::default()
        };
        admin.call(UpdateUser, ann.id, changes).await.good();
        assert_eq!(ann_live.ended().await.code, Some(1008));
        assert_eq!(ann_door.ended().await.last().map(String::as_str), Some("41"));
        let changes = UserChanges {
            password: Some("a new password".into()),
            ..UserChanges::default()
        };
        admin.call(UpdateUser, eve.id, changes).await.good();
        let mut eve_ended = eve_live.ended().await;
        // News of the ticket itself may have been on their way all the time.
        eve_ended
            .events
            .retain(|event| !matches!(event, ServerEvent::TicketCreated(_)));
        assert_eq!(eve_ended.code, Some(1008));
        admin.call(RevokeGuestLinks, guests, Nothing {}).await.good();
        assert_eq!(guest_live.ended().await.code, Some(1008));
        assert_eq!(guest_door.ended().await.last().map(String::as_str), Some("41"));
        assert!(started.elapsed() < BY_POLLING, "{:?}", started.elapsed());
        // Who is let go hears nothing any more, and who comes back is nobody.
        admin.says(ticket, "只给还在的人").await;
        admin.says(hers, "只给还在的人").await;
        assert!(eve_ended.events.is_empty(), "{:?}", eve_ended.events);
        assert!(eve_there.try_live(&[]).await.is_err());
        assert!(guest_there.try_live(&[]).await.is_err());
    }
}

#[actix_web::test]
async fn without_redis_the_servers_stay_right_and_catch_up_by_themselves() {
    let mut redis = Redis::stopped();
    let here = spawn_app_with(&[("REDIS_URL", &redis.url())]).await;
    let there = here.another().await;
    let (ann, bob) = (here.customer("ann").await, here.agent("bob").await);
    let ticket = ann.submits("没有").await;
    let mut ann_here = ann.live().await;
    let mut ann_there = at(&there, &ann).await.live().await;
    let mut bob_there = at(&there, &bob).await.live().await;
    ann_here.join(ticket).await;
    ann_there.join(ticket).await;
    bob_there.join(ticket).await;
    let mut last = 0;
    for round in ["never there", "up", "killed", "up again", "frozen", "thawed"] {
        match round {
            "up" | "up again" => {
                redis.resume().await;
                heard(&here, &there).await;
            }
            "killed" => {
                redis.kill();
            }
            "frozen" => redis.freeze(),
            "thawed" => {
                redis.thaw();
                heard(&here, &there).await;
            }
            _ => {}
        }
        let started = Instant::now();
        for n in 0..5 {
            // No write fails or waits because Redis does.
            bob.says(ticket, &format!("{round} {n}")).await;
        }
        assert!(started.elapsed() < BY_POLLING, "{round}: {:?}", started.elapsed());
        let first = last + 1;
        last += if round == "never there" { 6 } else { 5 };
        let expected: Vec<_> = (first..=last).collect();
        let said = Instant::now();
        assert_eq!(seqs(&mut ann_here, last).await, expected, "{round}, here");
        assert!(
            said.elapsed() < Duration::from_secs(1),
            "{round}: whoever is at the same server waits for nobody"
        );
        assert_eq!(seqs(&mut ann_there, last).await, expected, "{round}, there");
        assert_eq!(seqs(&mut bob_there, last).await, expected, "{round}, there");
        assert!(started.elapsed() < BY_POLLING, "{round}: {:?}", started.elapsed());
    }
}

#[actix_web::test]
async fn read_marks_cross_over_without_redis() {
    let redis = Redis::stopped();
    let here = spawn_app_with(&[("REDIS_URL", &redis.url())]).await;
    let there = here.another().await;
    let (ann, bob) = (here.customer("ann").await, here.agent("bob").await);
    let ticket = ann.submits("已读").await;
    ann.says(ticket, "一").await;
    let mut ann_here = ann.live().await;
    ann_here.join(ticket).await;
    let mut bob_here = bob.live().await;
    let mut bob_there = at(&there, &bob).await.live().await;
    bob_there.join(ticket).await;
    let seen = Read {
        ticket_id: ticket,
        seq: 1,
    };
    let started = Instant::now();
    bob_there.ask(&ClientEvent::Read(seen)).await;
    loop {
        if let ServerEvent::Read(news) = ann_here.next().await {
            assert_eq!(news.seq, 1);
            break;
        }
    }
    loop {
        if let ServerEvent::Unread(news) = bob_here.next().await {
            assert_eq!((news.ticket_id, news.unread), (ticket, 0));
            break;
        }
    }
    assert!(started.elapsed() < BY_POLLING, "{:?}", started.elapsed());
}

#[actix_web::test]
async fn a_tickets_own_files_cross_over_with_and_without_redis() {
    for redis in [Redis::start().await, Redis::stopped()] {
        let here = spawn_app_with(&[("REDIS_URL", &redis.url())]).await;
        let there = here.another().await;
        // Polling alone takes a second without Redis, and five with it.
        let patience = match redis.is_running() {
            true => {
                heard(&here, &there).await;
                Duration::from_secs(1)
            }
            false => BY_POLLING,
        };
        let (ann, bob) = (here.customer("ann").await, here.agent("bob").await);
        let ticket = ann.submits("附件").await;
        let mut bob_there = at(&there, &bob).await.live().await;
        bob_there.join(ticket).await;
        let started = Instant::now();
        ann.attaches(ticket, "截图.png", PNG).await;
        loop {
            if let ServerEvent::AttachmentsChanged(news) = bob_there.next().await {
                assert_eq!(news.ticket_id, ticket);
                break;
            }
        }
        assert!(started.elapsed() < patience, "{:?}", started.elapsed());
    }
}

#[actix_web::test]
async fn a_revocation_whose_call_is_lost_is_found_all_the_same() {
    let redis = Redis::start().await;
    let mute = redis.mute_user().await;
    let there = spawn_app_with(&[("REDIS_URL", &redis.url())]).await;
    // This one hears the others, and nobody hears it.
    let here = there.another_with(&[("REDIS_URL", &mute)]).await;
    eventually("one of them hears Redis", async || there.app.hears_others()).await;
    let bob = here.agent("bob").await;
    let same = there.nobody().named(bob.id, &bob.username);
    let session = bob.cookie(shared::sessions::SESSION_COOKIE).unwrap();
    same.set_cookie(shared::sessions::SESSION_COOKIE, &session);
    let mut live = same.live().await;
    let started = Instant::now();
    bob.post("/case/api/logout", &json!({})).await;
    assert_eq!(live.ended().await.code, Some(1008));
    assert!(started.elapsed() < BY_POLLING, "{:?}", started.elapsed());
}

#[actix_web::test]
async fn whatever_is_said_on_the_channel_nobody_hears_what_is_not_in_the_database() {
    let redis = Redis::start().await;
    let (here, there) = two(&redis).await;
    heard(&here, &there).await;
    let (ann, eve, bob) = (
        here.customer("ann").await,
        here.customer("eve").await,
        here.agent("bob").await,
    );
    let ticket = ann.submits("谎言").await;
    ann.says(ticket, "一").await;
    let mut ann_live = at(&there, &ann).await.live().await;
    let mut bob_live = at(&there, &bob).await.live().await;
    ann_live.join(ticket).await;
    bob_live.join(ticket).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    ann_live.heard().await;
    bob_live.heard().await;
    let lie = |call: serde_json::Value| {
        let mut letter = call;
        letter["node"] = json!("liar");
        letter.to_string()
    };
    let lies = [
        "".into(),
        "null".into(),
        "[".repeat(60_000),
        "x".repeat(1_000_000),
        lie(json!({ "call": "new_message", "ticket": ticket, "content": "假的" })),
        lie(json!({ "call": "ticket", "id": 987_654 })),
        lie(json!({ "call": "ticket", "id": -1 })),
        lie(json!({ "call": "sessions", "user": bob.id })),
        lie(json!({ "call": "bell", "user": bob.id })),
        lie(json!({ "call": "attachments", "ticket": 987_654, "file": 1 })),
        lie(json!({ "call": "ticket", "id": 987_654 })),
        lie(json!({ "call": "ticket", "id": "1; DROP TABLE tickets" })),
        lie(json!({ "call": "read", "ticket": ticket, "user": 987_654 })),
        // Neither a stranger nor an account that does not exist can be shown as writing here.
        lie(json!({ "call": "typing", "ticket": ticket, "user": eve.id, "typing": true, "internal": false })),
        lie(
            json!({ "call": "typing", "ticket": ticket, "user": 987_654, "typing": true, "internal": false }),
        ),
        lie(
            json!({ "call": "typing", "ticket": 987_654, "user": bob.id, "typing": true, "internal": false }),
        ),
    ];
    for lie in lies {
        redis.publish(lie).await;
    }
    redis.publish(vec![0_u8, 159, 146, 150]).await;
    // Known news a hundred times are no news.
    for _ in 0..100 {
        redis
            .publish(lie(json!({ "call": "ticket", "id": ticket })))
            .await;
    }
    redis
        .publish(lie(
            json!({ "call": "presence", "ticket": ticket, "people": [{ "user": eve.id, "hidden": false }] }),
        ))
        .await;
    ann.says(ticket, "二").await;
    assert_eq!(ann_live.next_message().await.content, "二");
    assert_eq!(bob_live.next_message().await.content, "二");
    let rest = bob_live.heard_of_all().await;
    assert!(
        !rest.iter().any(|event| match event {
            ServerEvent::Presence(presence) => presence.people.iter().any(|person| person.name == "eve"),
            ServerEvent::Typing(_) | ServerEvent::NewMessage(_) => true,
            _ => false,
        }),
        "{rest:?}"
    );
}
