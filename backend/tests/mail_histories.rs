//! Random histories: whatever people do at the same time, what is refused, repeated or rolled back among it, each one who
//! is to be told of a change has one mail of it, and nobody a mail of what never was. `HISTORY_SEED` repeats a run,
//! `HISTORY_STEPS` lengthens it; `cargo xtask test --long` asks for 10,000.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

use casedesk::{actions, domain::actor::Actor, error::Result};
use futures_util::future::join_all;
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use shared::{
    ErrorCode, Lang, Status, TicketId, UserId,
    messages::{ChangeKind, Message, NewMessage, PostMessage, SenderType},
    notifications::NotificationKind,
    tickets::{
        AssignTicket, AssigneeRef, Assignment, Batch, BatchAction, BatchTickets, SetStatus, StatusChange,
    },
};

use crate::support::{Client, TestApp, client::saying, new_ticket, number, outbox::rows, spawn_app};

/// How much happens in a run by default.
const STEPS: usize = 1_000;
/// How many act at once.
const ACTORS: usize = 6;

/// A ticket, and who submitted it: a customer, a guest, or an agent for somebody.
struct Case<'a> {
    ticket: TicketId,
    submitter: &'a Client,
    actor: Actor,
    /// The customer's account; 0 for one without.
    customer: UserId,
}

/// Of what, to whom: how many mails.
type Mails = BTreeMap<(TicketId, i64, UserId, &'static str), usize>;

/// One thing that somebody does, if he can.
async fn act(app: &TestApp, case: &Case<'_>, agents: &[Client], rng: &RefCell<StdRng>) {
    let (dice, by_submitter, choice, key) = {
        let mut rng = rng.borrow_mut();
        (
            rng.random_range(0..100),
            rng.random_bool(0.5),
            rng.random_range(0..4),
            format!("{:032x}", rng.random::<u128>()),
        )
    };
    let agent = &agents[choice % agents.len()];
    let who = if by_submitter { case.submitter } else { agent };
    let status = [
        Status::Pending,
        Status::Processing,
        Status::Resolved,
        Status::Closed,
    ][choice];
    match dice {
        // Said twice at the same time, as a weak network does.
        0..20 => {
            let message = NewMessage {
                client_id: Some(key.clone()),
                ..saying(&key)
            };
            let twice = [message.clone(), message].map(|message| who.call(PostMessage, case.ticket, message));
            join_all(twice).await;
        }
        20..40 => drop(who.call(PostMessage, case.ticket, saying(&key)).await),
        40..50 => drop(agent.notes(case.ticket, &key).await),
        // Crosses whatever was said before, and is held back.
        50..58 => {
            let stale = NewMessage {
                seen_seq: Some(0),
                ..saying(&key)
            };
            drop(who.call(PostMessage, case.ticket, stale).await);
        }
        // What the status machine does not know, or what only agents may do.
        58..74 => {
            let change = StatusChange {
                status: Some(status),
                resolution: Some("好了".into()),
            };
            drop(who.call(SetStatus, case.ticket, change).await);
        }
        74..84 => {
            let assignee = (choice > 0).then(|| AssigneeRef::Name(agents[choice % 2].username.clone()));
            let assignment = Assignment {
                assignee: Some(assignee),
            };
            drop(who.call(AssignTicket, case.ticket, assignment).await);
        }
        84..90 => {
            let batch = Batch {
                ids: vec![case.ticket, TicketId(i32::MAX)],
                action: BatchAction::Status { status },
            };
            drop(agent.call(BatchTickets, (), batch).await);
        }
        _ => rolled_back(app, case, &key).await,
    }
}

/// Everything that a message and a new ticket write is written, and then the transaction fails.
async fn rolled_back(app: &TestApp, case: &Case<'_>, key: &str) {
    let (ticket, actor, key) = (case.ticket, case.actor.clone(), key.to_owned());
    let outcome: Result<()> = app
        .app
        .write(move |tx| {
            actions::messages::post(tx, &actor, &ticket.into(), &saying(&key))?;
            actions::tickets::create(tx, &actor, &new_ticket(&key), None, Lang::Zh)?;
            Err(ErrorCode::Forbidden.into())
        })
        .await;
    assert_eq!(outcome.unwrap_err().code(), ErrorCode::Forbidden);
}

/// Who is to be told, by what the ticket's thread shows.
fn expected(case: &Case<'_>, thread: &[Message], agents: &[Client], all: &[UserId]) -> Mails {
    let mut mails = Mails::new();
    let mut tell = |seq: i64, kind: NotificationKind, by: UserId, whom: Vec<UserId>| {
        let mut whom: Vec<UserId> = whom
            .into_iter()
            .filter(|user| user.0 == 0 || *user != by)
            .collect();
        whom.sort_unstable();
        whom.dedup();
        for user in whom {
            *mails.entry((case.ticket, seq, user, kind.as_str())).or_default() += 1;
        }
    };
    tell(0, NotificationKind::Created, case.submitter.id, all.to_vec());
    let mut assignee = None;
    for message in thread.iter().filter(|message| !message.internal) {
        let (seq, by, is_agent) = (
            message.seq,
            message.sender_id,
            message.sender_type == SenderType::Admin,
        );
        match message.change.as_ref().map(|change| change.kind) {
            None if is_agent => tell(
                seq,
                NotificationKind::Message,
                by,
                assignee.into_iter().chain([case.customer]).collect(),
            ),
            None => tell(
                seq,
                NotificationKind::Message,
                by,
                assignee.map_or_else(|| all.to_vec(), |agent| vec![agent]),
            ),
            Some(ChangeKind::Status) if is_agent => {
                tell(seq, NotificationKind::Status, by, vec![case.customer])
            }
            Some(ChangeKind::Assignee) => {
                let name = message.change.as_ref().and_then(|change| change.to.clone());
                assignee = name.map(|name| {
                    let agent = agents.iter().find(|agent| agent.username == name);
                    agent.unwrap_or_else(|| panic!("{name} is no agent")).id
                });
                tell(
                    seq,
                    NotificationKind::Assigned,
                    by,
                    assignee.into_iter().collect(),
                );
            }
            Some(_) => {}
        }
    }
    mails
}

#[actix_web::test]
async fn each_change_is_one_mail_to_each_and_what_never_was_is_none() {
    let seed = number("HISTORY_SEED").unwrap_or_else(rand::random);
    let steps = number("HISTORY_STEPS").map_or(STEPS, |steps| steps as usize);
    eprintln!("HISTORY_SEED={seed} HISTORY_STEPS={steps}");
    let rng = RefCell::new(StdRng::seed_from_u64(seed));

    let app = spawn_app().await;
    let agents = [app.agent("bob").await, app.agent("mo").await];
    let customers = [
        app.customer("ann").await,
        app.customer("cai").await,
        app.nobody(),
        app.nobody(),
    ];
    let mut cases = Vec::new();
    for (n, submitter) in customers.iter().chain(&agents).enumerate() {
        let ticket = submitter.submits(&format!("第 {n} 单")).await;
        let actor = match submitter.id {
            UserId(0) => Actor::Guest(ticket),
            _ => app.actor(submitter).await,
        };
        cases.push(Case {
            ticket,
            submitter,
            customer: if actor.is_staff() { UserId(0) } else { actor.id() },
            actor,
        });
    }
    let left = Cell::new(steps);
    join_all((0..ACTORS).map(async |_| {
        while let Some(fewer) = left.get().checked_sub(1) {
            left.set(fewer);
            let case = cases.choose(&mut *rng.borrow_mut()).unwrap();
            act(&app, case, &agents, &rng).await;
        }
    }))
    .await;

    let list = |tx: &mut actions::Tx<'_>| Ok(casedesk::db::users::list_agents(tx.conn)?);
    let all = app.app.read(list).await.unwrap();
    let mut should = Mails::new();
    for case in &cases {
        let thread = agents[0].reads_all(case.ticket).await;
        should.extend(expected(case, &thread, &agents, &all));
    }
    let mut is = Mails::new();
    for row in rows(&app).await {
        *is.entry((row.ticket_id, row.staff_seq, row.user_id, row.kind.as_str()))
            .or_default() += 1;
    }
    let missing: Vec<_> = should.iter().filter(|(key, _)| !is.contains_key(key)).collect();
    let phantoms: Vec<_> = is
        .iter()
        .filter(|(key, count)| should.get(key) != Some(count))
        .collect();
    assert!(
        missing.is_empty() && phantoms.is_empty(),
        "missing: {missing:?}, not to be there: {phantoms:?}"
    );
    assert!(is.len() > steps / 2, "only {} mails", is.len());
}
