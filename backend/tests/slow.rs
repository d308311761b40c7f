//! Clients that cannot keep up, and databases that go away: the others do not notice, and everything heals.

use std::{collections::BTreeSet, time::Duration};

use casedesk::{
    config::DatabaseConfig,
    db::{Db, connection::DbConnection},
    domain::events::{Audience, Envelope},
};
use diesel::connection::SimpleConnection;
use futures_util::future::join_all;
use shared::{
    TicketId,
    live::{ServerEvent, TicketNews},
    tickets::{ListTickets, TicketQuery},
};

use crate::support::{
    SocketIo, Transport,
    client::saying,
    database::{Database, is_mysql},
    eventually,
    live::{to_both, typing},
    spawn_app,
};

#[actix_web::test]
async fn a_client_that_does_not_read_is_cut_and_harms_nobody() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("慢").await;
    let (mut slow, mut quick) = (ann.live().await, bob.live().await);
    slow.join(ticket).await;
    quick.join(ticket).await;
    // Large frames fill the machine's socket buffers soon.
    let big = |n: usize| typing(TicketId(n as i32), "x".repeat(64 * 1024));
    let mut sent = 0;
    while app.app.hub.connections() == 2 {
        app.app
            .hub
            .publish(&[to_both(Audience::Room(ticket), &big(sent))]);
        let news = loop {
            if let ServerEvent::Typing(news) = quick.next().await {
                break news;
            }
        };
        assert_eq!(
            news.ticket_id.0 as usize, sent,
            "the quick one hears everything, in order"
        );
        sent += 1;
        assert!(sent < 5_000, "a queue without an end");
    }
    bob.says(ticket, "照常").await;
    assert_eq!(quick.next_message().await.content, "照常");
    // Reading again, the slow one learns that it missed something, and catches up on a new connection.
    let ended = slow.ended().await;
    assert!(
        matches!(ended.events.last(), Some(ServerEvent::Resync(_))),
        "{:?}",
        ended.code
    );
    assert_eq!(ended.code, Some(1013));
    assert!(ended.events.len() <= sent);
    let (missed, _) = ann.live().await.join_since(ticket, 0).await;
    assert_eq!(missed.len(), 2);
}

#[actix_web::test]
async fn behind_socket_io_too_who_does_not_read_is_cut_with_one_word_and_harms_nobody() {
    for transport in [Transport::WebSocket, Transport::Polling] {
        let app = spawn_app().await;
        let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
        let ticket = ann.submits("慢").await;
        let mut slow = SocketIo::enter(&ann, transport).await;
        let mut quick = bob.live().await;
        slow.join(ticket, None).await;
        quick.join(ticket).await;
        let big = "x".repeat(64 * 1024);
        let mut sent = 0;
        while app.app.hub.connections() == 2 {
            let frame = typing(TicketId(sent), big.clone());
            app.app.hub.publish(&[to_both(Audience::Room(ticket), &frame)]);
            loop {
                if let ServerEvent::Typing(news) = quick.next().await {
                    assert_eq!(news.ticket_id, TicketId(sent), "all of it, in order");
                    break;
                }
            }
            sent += 1;
            assert!(sent < 5_000, "a queue without an end");
        }
        let heard = slow.ended().await;
        eventually("it is counted", async || {
            app.metric(r#"casedesk_live_cut_total{reason="slow"}"#).await == 1
        })
        .await;
        let resyncs = heard
            .iter()
            .filter(|packet| packet.contains("\"resync\""))
            .count();
        assert!(resyncs <= 1, "{resyncs} times");
        if transport == Transport::WebSocket {
            assert_eq!(resyncs, 1, "it is told what to do");
        }
    }
}

#[actix_web::test]
async fn the_largest_message_cuts_nobody_who_reads() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("最长").await;
    let (mut hers, mut his) = (ann.live().await, bob.live().await);
    hers.join(ticket).await;
    his.join(ticket).await;
    let longest = "字".repeat(shared::check::limit::MESSAGE);
    // The first answer: the ticket is taken up in the same transaction.
    bob.says(ticket, &longest).await;
    for live in [&mut hers, &mut his] {
        assert_eq!(live.next_message().await.content, longest);
        assert!(matches!(live.next_durable().await, ServerEvent::StatusChanged(_)));
    }
}

#[actix_web::test]
async fn a_client_that_never_reads_again_is_gone_for_good() {
    use tokio::io::AsyncWriteExt;

    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("不读").await;
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(app.address).await.unwrap();
    let hello = format!(
        "GET /case/ws HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: {}\r\n\r\n",
        app.address,
        ann.cookie_header().unwrap()
    );
    stream.write_all(hello.as_bytes()).await.unwrap();
    let join = format!(r#"{{"event":"join","data":{{"ticket_id":{ticket}}}}}"#);
    let mut frame = vec![0x81, 0x80 | u8::try_from(join.len()).unwrap(), 0, 0, 0, 0];
    frame.extend_from_slice(join.as_bytes());
    stream.write_all(&frame).await.unwrap();
    eventually("she is in the room", async || {
        app.app.hub.rooms().contains(&ticket)
    })
    .await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let text = "x".repeat(60_000);
    for _ in 0..100 {
        bob.says(ticket, &text).await;
        if app.app.hub.connections() == 0 {
            break;
        }
    }
    eventually("she is counted out", async || {
        app.metric(r#"casedesk_live_cut_total{reason="slow"}"#).await == 1
    })
    .await;
    let started = std::time::Instant::now();
    // The system gives the line up without a word; the next byte is answered by a reset.
    while stream.write_all(b"?").await.is_ok() {
        assert!(started.elapsed() < Duration::from_secs(60), "the line is kept");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[actix_web::test]
async fn news_of_very_many_tickets_at_once_cut_nobody_who_reads() {
    const TICKETS: i32 = 1_000;
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    ann.submits("很多").await;
    let list = bob.call(ListTickets, (), TicketQuery::default()).await.good();
    let news = |id: i32| {
        let mut ticket = list.tickets[0].clone();
        ticket.id = TicketId(id);
        to_both(
            Audience::Lists { owner: None },
            &ServerEvent::TicketUpdated(TicketNews { ticket }),
        )
    };
    let mut live = bob.live().await;
    let events: Vec<Envelope> = (1..=TICKETS).map(news).collect();
    app.app.hub.publish(&events);
    let mut told = BTreeSet::new();
    while told.len() < TICKETS as usize {
        if let ServerEvent::TicketUpdated(news) = live.next().await {
            assert!(told.insert(news.ticket.id), "told once each");
        }
    }
}

#[actix_web::test]
async fn a_database_that_drops_every_connection_is_found_again() {
    if !is_mysql() {
        return; // SQLite is in the process itself.
    }
    let app = spawn_app().await;
    let ann = app.customer("ann").await;
    let ticket = ann.submits("断开").await;
    for round in 0..3 {
        let busy = (0..8).map(|n| {
            ann.call(
                shared::messages::PostMessage,
                ticket,
                saying(&format!("{round} {n}")),
            )
        });
        join_all(busy).await;
        app.database.cut_connections();
        let mut refused = 0;
        eventually("writes work again", async || {
            let outcome = ann
                .call(shared::messages::PostMessage, ticket, saying("之后"))
                .await;
            refused += i32::from(outcome.status() != 201);
            assert!(matches!(outcome.status(), 201 | 503), "{}", outcome.reply.text());
            outcome.status() == 201
        })
        .await;
        assert!(refused <= 10, "{refused} refusals before it healed");
    }
    let seen = ann.reads(ticket).await;
    assert_eq!(
        seen.messages.iter().map(|m| m.seq).collect::<Vec<_>>(),
        (1..=seen.seq).collect::<Vec<_>>()
    );
}

#[actix_web::test]
async fn connections_that_died_while_nobody_asked_cost_no_request() {
    if !is_mysql() {
        return; // SQLite is in the process itself.
    }
    // Without a server, whose workers would meet the dead connections first.
    let database = Database::empty();
    let config = DatabaseConfig {
        target: database.target().clone(),
        pool_size: 8,
    };
    let db = Db::open(&config).unwrap();
    let eight_at_once = async || {
        let asks = |conn: &mut DbConnection| {
            conn.batch_execute("DO SLEEP(0.05)")?;
            Ok(())
        };
        let reads = join_all((0..8).map(|_| db.read(asks)));
        let writes = join_all((0..8).map(|_| db.write(asks, |()| (), |()| ())));
        let (reads, writes) = futures_util::future::join(reads, writes).await;
        reads
            .into_iter()
            .chain(writes)
            .filter(|outcome| outcome.is_err())
            .count()
    };
    assert_eq!(eight_at_once().await, 0);
    for round in 0..3 {
        database.cut_connections();
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert_eq!(eight_at_once().await, 0, "round {round}");
    }
}
