//! A crowd on bad lines: each of two hundred clients hears its ticket from 1 to n, once and in order, however often it is
//! cut off or asleep. `CROWD_SEED` repeats a run, `CROWD_MESSAGES` lengthens it.

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use futures_util::future::{join, join_all};
use rand::{Rng, SeedableRng, rngs::StdRng};
use shared::{
    TicketId,
    live::{ClientEvent, Join, ServerEvent},
};
use tokio::time::{sleep, timeout};

use crate::support::{Client, number, spawn_app};

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
    async fn listen(mut self, who: &Client, talk: &Talk, rng: &RefCell<StdRng>) -> Self {
        while talk.last.get() != Some(self.heard) {
            // A server with this crowd before it may answer that it is busy: whoever was sent away comes again.
            let Ok(mut live) = who.try_live(&[]).await else {
                sleep(Duration::from_millis(50)).await;
                continue;
            };
            self.connections += 1;
            let join = ClientEvent::Join(Join {
                ticket_id: talk.ticket,
                since: Some(self.heard),
            });
            let answer = live.ask(&join).await;
            assert!(answer["success"] == true || answer["code"] == "busy", "{answer}");
            let patience = rng.borrow_mut().random_range(1..60);
            for _ in 0..patience {
                match timeout(Duration::from_millis(100), live.next_durable()).await {
                    Ok(event) => self.hear(&event, talk.ticket),
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
    let listening = join_all((0..CLIENTS).map(|n| {
        let listener = Listener::default();
        listener.listen(&people[n % 2], &talks[n / 2 % TICKETS], &rng)
    }));
    let story = timeout(Duration::from_secs(600), join(talking, listening));
    let (_, listeners) = story.await.expect("everybody hears everything in time");
    let connections: usize = listeners.iter().map(|listener| listener.connections).sum();
    eprintln!("{connections} connections");
    assert!(connections > CLIENTS * 2, "nobody was cut off");
}
