//! Somebody who watches tickets and his list through one connection at a time, and believes only what he hears.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use rand::{Rng, rngs::StdRng};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::{
    ErrorCode, TicketId,
    live::ServerEvent,
    messages::{Message, SenderType},
    sessions::SESSION_COOKIE,
    tickets::{ListTickets, TicketPage, TicketQuery},
};
use tokio::{sync::Notify, time::timeout};

use super::{NOTE, World};
use crate::support::{BadLine, Client, Door, Line, TestApp};

/// Somebody who watches tickets through one connection at a time, and his list.
pub(super) struct Watcher {
    pub(super) who: Client,
    pub(super) side: SenderType,
    pub(super) door: Door,
    /// Is there a proxy between him and the servers that loses connections?
    pub(super) on_a_bad_line: bool,
    pub(super) tickets: Vec<TicketId>,
    pub(super) state: RefCell<Seen>,
    pub(super) cut: Notify,
}

/// What a watcher shows.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) threads: BTreeMap<TicketId, Vec<Message>>,
    pub(super) page: Option<TicketPage>,
    /// The names of the events that he has heard.
    pub(super) kinds: BTreeSet<String>,
    pub(super) connections: usize,
    /// What he said through his line and has not heard yet: ticket and key.
    pub(super) unheard: Option<(TicketId, String)>,
    /// The rooms that he is in; those that he has left he comes back to.
    pub(super) inside: BTreeSet<TicketId>,
    /// How often he said something through it.
    pub(super) spoken: usize,
    pub(super) done: bool,
}

impl Watcher {
    fn seq(&self, ticket: TicketId) -> i64 {
        let state = self.state.borrow();
        state
            .threads
            .get(&ticket)
            .and_then(|thread| thread.last())
            .map_or(0, |message| message.seq)
    }

    /// Watches until told that it is over.
    pub(super) async fn watch(&self, world: &World, rng: &RefCell<StdRng>) {
        while !self.state.borrow().done {
            let at = rng.borrow_mut().random_range(0..2);
            let server = world.server(at);
            let ended = self.watch_once(world, &server, rng).await;
            drop(server);
            if ended.is_none() {
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
        }
    }

    /// One connection, from its beginning to its end.
    async fn watch_once(&self, world: &World, server: &TestApp, rng: &RefCell<StdRng>) -> Option<()> {
        let who = at(server, &self.who);
        let bad_line = match self.on_a_bad_line && !world.peace.get() {
            true => Some(BadLine::before(who.address(), rng, &world.lost).await),
            false => None,
        };
        let there = match &bad_line {
            Some(proxy) => who.through(proxy.address),
            None => who.copy(),
        };
        let mut line = timeout(Duration::from_secs(5), self.dial(&there)).await.ok()??;
        self.state.borrow_mut().connections += 1;
        self.state.borrow_mut().inside.clear();
        for ticket in &self.tickets {
            let join = json!({ "ticket_id": ticket, "since": self.seq(*ticket) });
            line.say("join", &join).await?;
        }
        // Whether it was stored is not known: said again with the same key, it is stored once.
        let unheard = self.state.borrow().unheard.clone();
        if let Some((ticket, key)) = unheard {
            self.send_message(&mut line, ticket, &key).await?;
        }
        // The list is asked for anew after each cut, as the SPA does; what changes from then on is heard.
        let asked = who.request_of(ListTickets, (), &everything());
        let page = asked.send().await.ok()?.json::<TicketPage>().await.ok()?;
        self.state.borrow_mut().page = Some(page);
        loop {
            let frame = tokio::select! {
                frame = line.next() => frame?,
                () = self.cut.notified() => return Some(()),
            };
            if let Some(event) = self.read(frame) {
                self.fold(&event);
                // Who is told that the server is busy comes again.
                if matches!(event, ServerEvent::ErrorMessage(_)) {
                    return None;
                }
                self.react(world, &mut line, &event, rng).await?;
            }
        }
    }

    /// Connects, and is welcomed: from then on all that happens is heard.
    async fn dial(&self, who: &Client) -> Option<Line> {
        let mut line = Line::open(who, self.door).await?;
        loop {
            if let Some(ServerEvent::Welcome(_)) = self.read(line.next().await?) {
                return Some(line);
            }
        }
    }

    fn read(&self, frame: Value) -> Option<ServerEvent> {
        self.may_hear(&frame);
        if frame["event"] == "receive_message" {
            return None; // The same as the `new_message` before it.
        }
        let kind = frame["event"].as_str().unwrap().to_owned();
        self.state.borrow_mut().kinds.insert(kind);
        Some(ServerEvent::deserialize(&frame).unwrap_or_else(|error| panic!("{error}: {frame}")))
    }

    /// No event of any kind tells of a ticket that is not his to see, or a customer of what is for agents only.
    fn may_hear(&self, frame: &Value) {
        let (name, data) = (&self.who.username, &frame["data"]);
        for named in [
            &data["ticket_id"],
            &data["ticket"]["id"],
            &data["message"]["ticket_id"],
        ] {
            let his = self.tickets.iter().any(|ticket| named == &json!(ticket));
            assert!(named.is_null() || his, "{name}: foreign {frame}");
        }
        let is_for_agents = frame["event"] == "presence"
            || data["internal"] == true
            || data["message"]["internal"] == true
            || frame.to_string().contains(NOTE);
        assert!(
            self.side == SenderType::Admin || !is_for_agents,
            "{name}: for agents only {frame}"
        );
    }

    async fn send_message(&self, line: &mut Line, ticket: TicketId, key: &str) -> Option<()> {
        let data = json!({ "ticket_id": ticket, "content": key, "client_id": key });
        line.say("send_message", &data).await
    }

    /// Now and then he lets it be known how far he has read, or that he writes, says something, or goes and comes back.
    async fn react(
        &self,
        world: &World,
        line: &mut Line,
        event: &ServerEvent,
        rng: &RefCell<StdRng>,
    ) -> Option<()> {
        if let ServerEvent::Left(room) = event {
            let join = json!({ "ticket_id": room.ticket_id, "since": self.seq(room.ticket_id) });
            return line.say("join", &join).await;
        }
        let Some((ticket, seq, _)) = event.durable() else {
            return Some(());
        };
        if !self.state.borrow().inside.contains(&ticket) {
            return Some(());
        }
        let dice = rng.borrow_mut().random_range(0..100);
        if (9..12).contains(&dice) && world.lively.get() && self.state.borrow().unheard.is_none() {
            let key = format!("{:032x}", rng.borrow_mut().random::<u128>());
            world.said.borrow_mut().insert(key.clone());
            self.state.borrow_mut().unheard = Some((ticket, key.clone()));
            self.state.borrow_mut().spoken += 1;
            return self.send_message(line, ticket, &key).await;
        }
        let (name, data) = match dice {
            0..3 => ("read", json!({ "ticket_id": ticket, "seq": seq })),
            3..9 => (
                "typing",
                json!({ "ticket_id": ticket, "typing": dice % 2 == 0, "internal": dice % 3 == 0 }),
            ),
            12..14 => {
                self.state.borrow_mut().inside.remove(&ticket);
                ("leave", json!({ "ticket_id": ticket }))
            }
            _ => return Some(()),
        };
        line.say(name, &data).await
    }

    /// Takes an event: of each thread the next number.
    fn fold(&self, event: &ServerEvent) {
        let name = &self.who.username;
        match event {
            ServerEvent::ErrorMessage(error) => assert_eq!(error.code, ErrorCode::Busy, "{name}"),
            ServerEvent::Joined(joined) => {
                assert_eq!(joined.seq, self.seq(joined.ticket_id), "{name}: {event:?}");
                self.state.borrow_mut().inside.insert(joined.ticket_id);
            }
            _ => {}
        }
        if let Some((ticket, seq, message)) = event.durable() {
            assert_eq!(seq, self.seq(ticket) + 1, "{name}: {event:?}");
            let key = message.client_id.clone();
            let mut state = self.state.borrow_mut();
            state
                .unheard
                .take_if(|(_, unheard)| key.as_ref() == Some(unheard));
            drop(state);
            self.state
                .borrow_mut()
                .threads
                .entry(ticket)
                .or_default()
                .push(message.clone());
        }
        if let Some(page) = self.state.borrow_mut().page.as_mut() {
            page.apply(event);
        }
    }

    /// Does his list show what a fresh look would show?
    pub(super) async fn has_the_list(&self, server: &TestApp) -> bool {
        let truth = at(server, &self.who)
            .call(ListTickets, (), everything())
            .await
            .good();
        self.state
            .borrow()
            .page
            .as_ref()
            .is_some_and(|page| page.tickets == truth.tickets)
    }

    /// Does that ticket's thread?
    pub(super) async fn has_the_thread(&self, server: &TestApp, ticket: TicketId) -> bool {
        let truth = at(server, &self.who).reads_all(ticket).await;
        self.state.borrow().threads.get(&ticket).unwrap_or(&Vec::new()) == &truth
    }
}

/// The same session at that server.
pub(super) fn at(server: &TestApp, who: &Client) -> Client {
    let there = server.nobody().named(who.id, &who.username);
    there.set_cookie(SESSION_COOKIE, &who.cookie(SESSION_COOKIE).unwrap());
    there
}

fn everything() -> TicketQuery {
    TicketQuery {
        per_page: Some(100),
        ..TicketQuery::default()
    }
}
