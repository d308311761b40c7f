//! A crowd on bad lines: each of two hundred clients hears its ticket from 1 to n, once and in order, however often it is
//! cut off or asleep. `CROWD_SEED` repeats a run, `CROWD_MESSAGES` lengthens it.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use futures_util::future::{join, join_all};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde::Deserialize;
use serde_json::json;
use shared::{ErrorCode, TicketId, live::ServerEvent};
use tokio::time::{sleep, timeout};

use crate::support::{BadLine, Client, Door, Line, number, spawn_app};

const CLIENTS: usize = 200;
const TICKETS: usize = 10;
/// How much is said in a run by default.
const MESSAGES: usize = 1000;

/// A ticket, and its last number once everything is said.
struct Talk {
    ticket: TicketId,
    last: Cell<Option<i64>>,
}

/// What one client has heard.
#[derive(Default)]
struct Listener {
    heard: i64,
    connections: usize,
}

impl Listener {
    fn hear(&mut self, event: &ServerEvent, ticket: TicketId) {
        let (of, seq, _) = event.durable().expect("an event of the thread");
        assert_eq!(
            (of, seq),
            (ticket, self.heard + 1),
            "after {} cuts",
            self.connections
        );
        self.heard = seq;
    }

    /// Listens over one line after the other until it has heard everything.
    async fn listen(mut self, seat: Seat<'_>, rng: &RefCell<StdRng>, lost: &Rc<Cell<usize>>) -> Self {
        let Seat { who, door, talk, .. } = seat;
        while talk.last.get() != Some(self.heard) {
            let proxy = match seat.on_a_bad_line {
                true => Some(BadLine::before(who.address(), rng, lost).await),
                false => None,
            };
            let there = who.through(proxy.as_ref().map_or(who.address(), |proxy| proxy.address));
            // A server with this crowd before it may answer that it is busy: whoever was sent away comes again.
            let coming = timeout(Duration::from_secs(10), Line::open(&there, door));
            let Ok(Some(mut line)) = coming.await else {
                sleep(Duration::from_millis(50)).await;
                continue;
            };
            self.connections += 1;
            let join = json!({ "ticket_id": talk.ticket, "since": self.heard });
            if line.say("join", &join).await.is_none() {
                continue;
            }
            let patience = rng.borrow_mut().random_range(1..60);
            for _ in 0..patience {
                match timeout(Duration::from_millis(100), line.next()).await {
                    Ok(None) => break,
                    // The same as the `new_message` before it.
                    Ok(Some(frame)) if frame["event"] == "receive_message" => {}
                    Ok(Some(frame)) => {
                        let event = ServerEvent::deserialize(&frame).unwrap();
                        if let ServerEvent::ErrorMessage(error) = &event {
                            assert_eq!(error.code, ErrorCode::Busy);
                            break;
                        }
                        if event.durable().is_some() {
                            self.hear(&event, talk.ticket);
                        }
                    }
                    Err(_) if talk.last.get() == Some(self.heard) => return self,
                    Err(_) => {}
                }
                let asleep = rng.borrow_mut().random_bool(0.05);
                if asleep {
                    let long = rng.borrow_mut().random_range(50..300);
                    sleep(Duration::from_millis(long)).await;
                }
            }
            // The line is cut without a word.
        }
        self
    }
}

/// Who listens where, and how.
#[derive(Clone, Copy)]
struct Seat<'a> {
    who: &'a Client,
    door: Door,
    /// Is there a proxy before the server that loses connections?
    on_a_bad_line: bool,
    talk: &'a Talk,
}

#[actix_web::test]
async fn a_crowd_on_bad_lines_hears_everything_once_and_in_order() {
    let seed = number("CROWD_SEED").unwrap_or_else(rand::random);
    let messages = number("CROWD_MESSAGES").map_or(MESSAGES, |messages| messages as usize);
    eprintln!("CROWD_SEED={seed} CROWD_MESSAGES={messages}");
    let rng = RefCell::new(StdRng::seed_from_u64(seed));

    let app = spawn_app().await;
    let people = [app.customer("ann").await, app.agent("bob").await];
    let mut talks = Vec::new();
    for n in 0..TICKETS {
        talks.push(Talk {
            ticket: people[0].submits(&format!("第 {n} 单")).await,
            last: Cell::new(None),
        });
    }
    let talking = join_all(talks.iter().map(async |talk| {
        for n in 0..messages / TICKETS {
            people[n % 2].says(talk.ticket, &n.to_string()).await;
        }
        talk.last.set(Some(people[1].sees(talk.ticket).await.seq));
    }));
    let lost: Rc<Cell<usize>> = Rc::default();
    let listening = join_all((0..CLIENTS).map(|n| {
        let seat = Seat {
            who: &people[n % 2],
            door: [Door::Plain, Door::SocketIo, Door::Plain, Door::Polling][n / 2 % 4],
            on_a_bad_line: n % 3 == 0,
            talk: &talks[n / 2 % TICKETS],
        };
        Listener::default().listen(seat, &rng, &lost)
    }));
    let story = timeout(Duration::from_secs(600), join(talking, listening));
    let (_, listeners) = story.await.expect("everybody hears everything in time");
    let connections: usize = listeners.iter().map(|listener| listener.connections).sum();
    eprintln!("{connections} connections, {} of them lost", lost.get());
    assert!(connections > CLIENTS * 2, "nobody was cut off");
    assert!(lost.get() > CLIENTS / 3, "no line was bad");
}
