//! Whatever changes a ticket, in whichever order: after each step everybody shows what a fresh look would show.

use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use shared::{
    Priority, Status, TicketId,
    endpoint::{self, Method},
    messages::{NewMessage, PostMessage},
    tickets::{
        AssignTicket, AssigneeRef, Assignment, Batch, BatchAction, BatchTickets, CloseTicket, Closing,
        SetStatus, StatusChange,
    },
};

use crate::{
    convergence::{Viewer, all_converge, scene},
    support::{Client, number},
    uploads::PNG,
};

/// What everybody who has a ticket open must be able to follow.
const CHANGES: [&str; 6] = [
    "PostMessage",
    "SetStatus",
    "AssignTicket",
    "CloseTicket",
    "BatchTickets",
    "upload",
];
/// What changes no ticket that somebody has open, or nothing that shows there.
const OTHERS: [&str; 21] = [
    "Login",
    "AdminLogin",
    "Logout",
    "ChangePassword",
    "OpenGuestLink",
    "RevokeGuestLinks",
    "SetUp",
    "CreateUser",
    "UpdateUser",
    "CreateTicket",
    "TestMail",
    "SetMailChoices",
    "StopMails",
    "RetryMail",
    "CancelMail",
    "RetryFailedMails",
    "CancelFailedMails",
    "SaveMailTemplate",
    "PreviewMailTemplate",
    "ResetMailTemplate",
    "ReadNotifications",
];

#[test]
fn every_call_that_changes_something_is_known_here() {
    for (name, method, _) in endpoint::all() {
        let known = CHANGES.contains(&name) || OTHERS.contains(&name);
        assert!(
            method == Method::Get || known,
            "{name}: does it change a ticket that somebody has open? Then its events are to be tested here"
        );
    }
}

/// Somebody does one of these things; it may be refused.
async fn does_something(rng: &mut StdRng, ticket: TicketId, ann: &Client, bob: &Client) {
    let who = if rng.random_bool(0.5) { ann } else { bob };
    let status = *Status::ALL.choose(rng).unwrap();
    let assignee = [None, Some("cai"), Some("bob")][rng.random_range(0..3)];
    let assignee = assignee.map(|name| AssigneeRef::Name(name.into()));
    match *CHANGES.choose(rng).unwrap() {
        "PostMessage" => {
            let file = rng.random_bool(0.3);
            let attachment_ids = if file {
                vec![who.attaches(ticket, "截图.png", PNG).await.attachment.id]
            } else {
                Vec::new()
            };
            let message = NewMessage {
                content: "话".into(),
                attachment_ids,
                internal: who.id == bob.id && rng.random_bool(0.3),
                ..Default::default()
            };
            who.call(PostMessage, ticket, message).await.good();
        }
        "SetStatus" => {
            let change = StatusChange {
                status: Some(status),
                resolution: Some("好了".into()),
            };
            drop(bob.call(SetStatus, ticket, change).await);
        }
        "AssignTicket" => {
            let assignment = Assignment {
                assignee: Some(assignee),
            };
            bob.call(AssignTicket, ticket, assignment).await.good();
        }
        "CloseTicket" => {
            let closing = Closing {
                resolution: Some("关了".into()),
            };
            drop(bob.call(CloseTicket, ticket, closing).await);
        }
        "BatchTickets" => {
            let action = match rng.random_range(0..4) {
                0 => BatchAction::Status { status },
                1 => BatchAction::Assign { assignee },
                2 => BatchAction::Close {
                    resolution: "一起关".into(),
                },
                _ => BatchAction::Priority {
                    priority: *Priority::ALL.choose(rng).unwrap(),
                },
            };
            let batch = Batch {
                ids: vec![TicketId(1), ticket],
                action,
            };
            drop(bob.call(BatchTickets, (), batch).await);
        }
        "upload" => drop(who.attaches(ticket, "附件.png", PNG).await),
        other => panic!("{other} is not done here"),
    }
}

/// `CONVERGENCE_SEED` repeats a run, `CONVERGENCE_STEPS` lengthens it; `cargo xtask test --long` asks for 10,000.
#[actix_web::test]
async fn whatever_is_done_in_whichever_order_converges_after_each_step() {
    let seed = number("CONVERGENCE_SEED").unwrap_or_else(rand::random);
    let steps = number("CONVERGENCE_STEPS").unwrap_or(150);
    eprintln!("CONVERGENCE_SEED={seed} CONVERGENCE_STEPS={steps}");
    let mut rng = StdRng::seed_from_u64(seed);
    let (app, mut ticket, ann, bob, mut viewers) = scene().await;
    for step in 0..steps {
        // A thread that grows without an end would be compared for ever longer.
        if step % 100 == 99 {
            ticket = ann.submits("下一单").await;
            for viewer in &mut viewers {
                *viewer = Viewer::new(viewer.who.copy(), ticket).await;
            }
        }
        does_something(&mut rng, ticket, &ann, &bob).await;
        all_converge(&app, &mut viewers).await;
    }
}
