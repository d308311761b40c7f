//! Everything at once, at random: people talk, lines are cut, servers restart, Redis comes and goes. In the end everybody
//! has seen exactly what the database holds, once and in order, and nothing that is not for him. `MODEL_SEED` repeats a
//! run, `MODEL_EVENTS` lengthens it; `cargo xtask test --long` asks for 10,000.

mod watcher;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    rc::Rc,
    time::Duration,
};

use futures_util::future::join_all;
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use shared::{
    Priority, Status, TicketId,
    messages::{NewMessage, PostMessage, SenderType},
    tickets::{
        AssignTicket, AssigneeRef, Assignment, Batch, BatchAction, BatchTickets, SetStatus, StatusChange,
    },
};
use tokio::{sync::Notify, time::timeout};

use self::watcher::{Watcher, at};
use crate::support::{Client, Door, TestApp, eventually, number, redis::Redis, spawn_app_with};

/// How much happens in a run by default.
const EVENTS: usize = 1500;
/// How much happens once all is well again.
const LAST: usize = 60;
/// How many talk at once.
const TALKERS: usize = 6;
/// What every internal note says, and nothing else.
const NOTE: &str = "只给同事";
/// What both sides hear of, and so must have heard in a run of the usual length.
const KINDS: [&str; 8] = [
    "new_message",
    "status_changed",
    "assigned",
    "priority_changed",
    "ticket_updated",
    "typing",
    "read",
    "unread",
];

/// The two servers, as they come and go.
struct World {
    redis: RefCell<Redis>,
    servers: [RefCell<Rc<TestApp>>; 2],
    tickets: Vec<(TicketId, usize)>,
    /// What was meant to be said, once each.
    said: RefCell<BTreeSet<String>>,
    /// How many connections a bad line has lost.
    lost: Rc<Cell<usize>>,
    /// Is nothing disturbed any more?
    peace: Cell<bool>,
    /// Do people talk at the moment?
    lively: Cell<bool>,
}

impl World {
    fn server(&self, at: usize) -> Rc<TestApp> {
        Rc::clone(&self.servers[at].borrow())
    }

    /// Redis starts anew, whatever became of it.
    async fn fresh_redis(&self) {
        let mut redis = self.redis.replace(Redis::stopped());
        redis.kill();
        redis.resume().await;
        self.redis.replace(redis);
    }
}

/// Waits until everybody shows what a fresh look would show.
async fn all_are_right(world: &World, watchers: &[Rc<Watcher>], seed: u64) {
    for watcher in watchers {
        let (name, door) = (&watcher.who.username, watcher.door);
        eventually(
            &format!("the list of {name} ({door:?}) is what is stored (seed {seed})"),
            async || watcher.has_the_list(&world.server(0)).await,
        )
        .await;
        eventually(
            &format!("what {name} ({door:?}) said through his line is stored (seed {seed})"),
            async || watcher.state.borrow().unheard.is_none(),
        )
        .await;
        for ticket in &watcher.tickets {
            eventually(
                &format!("{name} ({door:?}) has seen all of {ticket} (seed {seed})"),
                async || watcher.has_the_thread(&world.server(0), *ticket).await,
            )
            .await;
        }
    }
}

/// How many connections these have had.
fn connections(watchers: &[Rc<Watcher>]) -> usize {
    let counts = watchers.iter().map(|watcher| watcher.state.borrow().connections);
    counts.sum()
}

/// One thing that somebody does; what fails because a server is away is done again, with the same key.
async fn act(world: &World, people: &[Client], rng: &RefCell<StdRng>) {
    let (dice, choice, by_customer, twice, first, (ticket, owner), agent, key) = {
        let mut rng = rng.borrow_mut();
        (
            rng.random_range(0..100),
            rng.random_range(0..100),
            rng.random_bool(0.5),
            // A weak network: the answer is lost and the same thing is sent again.
            rng.random_bool(0.1),
            rng.random_range(0..2),
            *world.tickets.choose(&mut rng).unwrap(),
            rng.random_range(people.len() - 2..people.len()),
            format!("{:032x}", rng.random::<u128>()),
        )
    };
    let internal = !by_customer && dice < 20;
    let content = if internal {
        format!("{NOTE} {key}")
    } else {
        key.clone()
    };
    let person = if by_customer {
        &people[owner]
    } else {
        &people[agent]
    };
    for attempt in 0..200 {
        let server = world.server((first + attempt) % 2);
        let who = at(&server, person);
        let request = if dice < 85 || by_customer {
            let message = NewMessage {
                content: content.clone(),
                client_id: Some(key.clone()),
                internal,
                ..NewMessage::default()
            };
            world.said.borrow_mut().insert(content.clone());
            who.request_of(PostMessage, ticket, &message)
        } else if dice < 91 {
            let status = [
                Status::Pending,
                Status::Processing,
                Status::Resolved,
                Status::Closed,
            ][choice % 4];
            let change = StatusChange {
                status: Some(status),
                resolution: Some("好了".into()),
            };
            who.request_of(SetStatus, ticket, &change)
        } else if dice < 96 {
            let assignee = (choice % 2 == 1).then(|| AssigneeRef::Name(person.username.clone()));
            who.request_of(
                AssignTicket,
                ticket,
                &Assignment {
                    assignee: Some(assignee),
                },
            )
        } else {
            let batch = Batch {
                ids: vec![ticket],
                action: BatchAction::Priority {
                    priority: [Priority::High, Priority::Low][choice % 2],
                },
            };
            who.request_of(BatchTickets, (), &batch)
        };
        let outcome = timeout(Duration::from_secs(10), request.send()).await;
        let status = outcome
            .ok()
            .and_then(Result::ok)
            .map(|answer| answer.status().as_u16());
        match status {
            Some(200 | 201) if twice && attempt == 0 => {}
            // 409: a step that the status machine does not have.
            Some(200 | 201 | 409) => return,
            Some(503) | None => tokio::time::sleep(Duration::from_millis(20)).await,
            Some(other) => panic!("{other}"),
        }
    }
    panic!("no server has ever answered");
}

/// Cuts lines, restarts servers, and takes Redis away, until it is over.
async fn disturb(world: &World, watchers: &[Rc<Watcher>], rng: &RefCell<StdRng>, over: &RefCell<bool>) {
    while !*over.borrow() {
        let (dice, pause, at) = {
            let mut rng = rng.borrow_mut();
            (
                rng.random_range(0..100),
                rng.random_range(5..60),
                rng.random_range(0..2),
            )
        };
        tokio::time::sleep(Duration::from_millis(pause)).await;
        match dice {
            0..70 => watchers[dice % watchers.len()].cut.notify_one(),
            70..76 => {
                let next = world.server(1 - at).another().await;
                // The old one ends when the last who still speaks to it is done.
                let old = world.servers[at].replace(Rc::new(next));
                old.stop().await;
            }
            76..82 => world.redis.borrow_mut().kill(),
            82..88 if world.redis.borrow().is_running() => world.redis.borrow().freeze(),
            88..94 if world.redis.borrow().is_running() => world.redis.borrow().thaw(),
            _ => world.fresh_redis().await,
        }
    }
}

#[actix_web::test]
async fn whatever_happens_everybody_ends_up_with_what_is_stored() {
    let seed = number("MODEL_SEED").unwrap_or_else(rand::random);
    let events = number("MODEL_EVENTS").map_or(EVENTS, |events| events as usize);
    eprintln!("MODEL_SEED={seed} MODEL_EVENTS={events}");
    let rng = RefCell::new(StdRng::seed_from_u64(seed));

    let redis = Redis::start().await;
    let here = spawn_app_with(&[("REDIS_URL", &redis.url())]).await;
    let there = here.another().await;
    let mut people = Vec::new();
    for name in ["ann", "eve", "kim"] {
        people.push(here.customer(name).await);
    }
    for name in ["bob", "cai"] {
        people.push(here.agent(name).await);
    }
    let mut tickets = Vec::new();
    for (owner, person) in people[..3].iter().enumerate() {
        for n in 0..2 {
            tickets.push((person.submits(&format!("{owner} {n}")).await, owner));
        }
    }
    let world = World {
        redis: RefCell::new(redis),
        servers: [RefCell::new(Rc::new(here)), RefCell::new(Rc::new(there))],
        tickets,
        said: RefCell::default(),
        lost: Rc::default(),
        peace: Cell::new(false),
        lively: Cell::new(false),
    };
    let watchers: Vec<Rc<Watcher>> = (0..10)
        .map(|n| {
            let person = n % people.len();
            let staff = person >= 3;
            let may_see = |(_, owner): &&(TicketId, usize)| staff || *owner == person;
            Rc::new(Watcher {
                who: people[person].copy(),
                side: if staff {
                    SenderType::Admin
                } else {
                    SenderType::Customer
                },
                door: match n {
                    0..5 => Door::Plain,
                    5..8 => Door::SocketIo,
                    // One that is cut and one that lasts.
                    _ => Door::Polling,
                },
                on_a_bad_line: n % 2 == 0,
                tickets: world.tickets.iter().filter(may_see).map(|(id, _)| *id).collect(),
                state: RefCell::default(),
                cut: Notify::new(),
            })
        })
        .collect();

    // Of each person's two lines one is bad and is cut at random; the other ends only when its server does.
    let restless: Vec<_> = watchers.iter().step_by(2).cloned().collect();
    let steady: Vec<_> = watchers.iter().skip(1).step_by(2).cloned().collect();

    let over = RefCell::new(false);
    let talk = async |events: usize| {
        let left = RefCell::new(events);
        world.lively.set(true);
        let talker = async || {
            while left.replace_with(|left| left.saturating_sub(1)) > 0 {
                act(&world, &people, &rng).await;
            }
        };
        join_all((0..TALKERS).map(|_| talker())).await;
        world.lively.set(false);
    };
    let talking = async {
        talk(events).await;
        *over.borrow_mut() = true;
    };
    let story = async {
        futures_util::join!(talking, disturb(&world, &restless, &rng, &over));
        // Peace: Redis is well, and nobody needs a fresh line to learn what he has missed.
        world.peace.set(true);
        world.fresh_redis().await;
        all_are_right(&world, &watchers, seed).await;
        // The last words: some come anew while they are said, the others have nothing but what they hear.
        let before = connections(&steady);
        for watcher in &restless {
            watcher.cut.notify_one();
        }
        talk(LAST).await;
        all_are_right(&world, &watchers, seed).await;
        assert_eq!(
            connections(&steady),
            before,
            "a list that was to live by events was fetched anew"
        );
        for watcher in &watchers {
            watcher.state.borrow_mut().done = true;
            watcher.cut.notify_one();
        }
    };
    futures_util::join!(
        story,
        join_all(watchers.iter().map(|watcher| watcher.watch(&world, &rng)))
    );

    // Every message that was meant once is there once, however often it was sent.
    let server = world.server(0);
    let bob = at(&server, &people[3]);
    let mut found = Vec::new();
    for (ticket, _) in &world.tickets {
        let messages = bob.reads_all(*ticket).await;
        assert_eq!(
            messages.iter().map(|message| message.seq).collect::<Vec<_>>(),
            (1..=messages.len() as i64).collect::<Vec<_>>()
        );
        found.extend(messages.into_iter().filter(|m| !m.is_system).map(|m| m.content));
    }
    found.sort();
    let through_lines: usize = watchers.iter().map(|watcher| watcher.state.borrow().spoken).sum();
    assert!(
        events < EVENTS || through_lines > 10,
        "nobody spoke through his line"
    );
    assert_eq!(found, world.said.into_inner().into_iter().collect::<Vec<_>>());
    let connections = connections(&watchers);
    let lost = world.lost.get();
    eprintln!(
        "{} messages, {connections} connections, {lost} of them lost",
        found.len()
    );
    assert!(lost > 10, "no line was bad");
    assert!(connections > watchers.len() * 2, "nothing was disturbed");
    let heard = |side: SenderType| -> BTreeSet<String> {
        let watchers = watchers.iter().filter(|watcher| watcher.side == side);
        watchers
            .flat_map(|watcher| watcher.state.borrow().kinds.clone())
            .collect()
    };
    let (customers, agents) = (heard(SenderType::Customer), heard(SenderType::Admin));
    if events >= EVENTS {
        for kind in KINDS {
            assert!(customers.contains(kind) && agents.contains(kind), "no {kind}");
        }
        assert!(agents.contains("presence"), "nobody was seen");
    }
}
