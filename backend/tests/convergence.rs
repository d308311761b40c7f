//! What a client shows after folding events in is what it would show after asking anew: one test per kind of event.

use shared::{
    Priority, Status, TicketId,
    live::{AttachmentNews, ServerEvent},
    messages::{NewMessage, PostMessage},
    tickets::{
        AssignTicket, AssigneeRef, Assignment, Batch, BatchAction, BatchTickets, CloseTicket, Closing,
        ListTickets, TicketPage, TicketQuery,
    },
    view::{Applied, Thread},
};

use crate::support::{Client, Live, TestApp, spawn_app};

/// Somebody who looks at a ticket and at his list, and keeps both up to date by events alone.
pub struct Viewer {
    pub who: Client,
    live: Live,
    ticket: TicketId,
    thread: Thread,
    page: TicketPage,
}

async fn thread(who: &Client, ticket: TicketId) -> Thread {
    Thread {
        messages: who.reads(ticket).await.messages,
        ticket: who.sees(ticket).await,
    }
}

async fn page(who: &Client) -> TicketPage {
    who.call(ListTickets, (), TicketQuery::default()).await.good()
}

impl Viewer {
    /// Joins and asks for both.
    pub async fn new(who: Client, ticket: TicketId) -> Self {
        let mut live = who.live().await;
        live.join(ticket).await;
        let (thread, page) = (thread(&who, ticket).await, page(&who).await);
        Self {
            who,
            live,
            ticket,
            thread,
            page,
        }
    }

    /// Folds in what was heard, and compares with the server's own picture.
    async fn converges(&mut self) -> Vec<ServerEvent> {
        let events = self.live.heard().await;
        let mut refetch = false;
        for event in &events {
            if event.durable().is_some() {
                assert_eq!(self.thread.apply(event), Applied::Changed, "{event:?}");
                assert_eq!(self.thread.apply(event), Applied::Ignored, "the same event twice");
            } else {
                assert_eq!(self.thread.apply(event), Applied::Ignored);
            }
            refetch |= self.thread.needs_refetch(event);
            self.page.apply(event);
            assert_eq!(self.page.apply(event), Applied::Ignored, "the same news twice");
        }
        let truth = thread(&self.who, self.ticket).await;
        if refetch {
            // What is not in the event: the client asks for the ticket.
            self.thread
                .ticket
                .attachments
                .clone_from(&truth.ticket.attachments);
            self.thread.ticket.resolution.clone_from(&truth.ticket.resolution);
            self.thread
                .ticket
                .resolved_at
                .clone_from(&truth.ticket.resolved_at);
            self.thread.ticket.closed_at.clone_from(&truth.ticket.closed_at);
        }
        // How much is unread belongs to the list; an open thread is being read.
        self.thread.ticket.unread = truth.ticket.unread;
        assert_eq!(self.thread, truth, "the thread of {}", self.who.username);
        assert_eq!(
            self.page,
            page(&self.who).await,
            "the list of {}",
            self.who.username
        );
        events
    }
}

/// The customer, an agent who acts, and one who only looks.
pub async fn scene() -> (TestApp, TicketId, Client, Client, [Viewer; 3]) {
    let app = spawn_app().await;
    let (ann, bob, cai) = (
        app.customer("ann").await,
        app.agent("bob").await,
        app.agent("cai").await,
    );
    ann.submits("别的").await;
    let ticket = ann.submits("收敛").await;
    let viewers = [
        Viewer::new(ann.copy(), ticket).await,
        Viewer::new(bob.copy(), ticket).await,
        Viewer::new(cai, ticket).await,
    ];
    app.clock.advance(60);
    (app, ticket, ann, bob, viewers)
}

/// Everybody shows what a fresh look would show; what they have heard.
pub async fn all_converge(app: &TestApp, viewers: &mut [Viewer; 3]) -> Vec<ServerEvent> {
    let mut heard = Vec::new();
    for viewer in viewers {
        heard.extend(viewer.converges().await);
    }
    app.clock.advance(7);
    heard
}

#[actix_web::test]
async fn new_message_converges() {
    let (app, ticket, ann, bob, mut viewers) = scene().await;
    ann.says(ticket, "在吗").await;
    let heard = all_converge(&app, &mut viewers).await;
    assert_eq!(
        heard
            .iter()
            .filter(|event| matches!(event, ServerEvent::NewMessage(_)))
            .count(),
        3
    );
    bob.says(ticket, "在\n\n的 😀").await;
    all_converge(&app, &mut viewers).await;
    let file = ann
        .attaches(ticket, "截图.png", crate::uploads::PNG)
        .await
        .attachment;
    all_converge(&app, &mut viewers).await;
    assert_eq!(
        viewers[1].thread.ticket.attachments[..],
        *std::slice::from_ref(&file)
    );
    // Then a message takes it.
    let with_file = NewMessage {
        attachment_ids: vec![file.id],
        ..Default::default()
    };
    ann.call(PostMessage, ticket, with_file).await.good();
    all_converge(&app, &mut viewers).await;
}

#[actix_web::test]
async fn attachments_changed_converges_for_both_sides_and_for_who_comes_later() {
    let (app, ticket, ann, _bob, mut viewers) = scene().await;
    let mut late = viewers[2].who.live().await;
    let file = ann
        .attaches(ticket, "截图.png", crate::uploads::PNG)
        .await
        .attachment;
    let heard = all_converge(&app, &mut viewers).await;
    assert_eq!(
        heard,
        vec![
            ServerEvent::AttachmentsChanged(AttachmentNews {
                ticket_id: ticket,
                attachment_id: file.id,
            });
            3
        ],
        "nobody else is told anything"
    );
    // Whoever comes back sees by the count that something is missing.
    let (_, joined) = late.join_since(ticket, 0).await;
    assert_eq!(joined.attachment_count, 1);
    let mut before = viewers[2].thread.clone();
    assert!(!before.needs_refetch(&ServerEvent::Joined(joined.clone())));
    before.ticket.attachments.clear();
    assert!(before.needs_refetch(&ServerEvent::Joined(joined)));
}

#[actix_web::test]
async fn a_file_that_a_note_takes_is_gone_for_the_customer() {
    let (app, ticket, _ann, bob, mut viewers) = scene().await;
    let file = bob
        .attaches(ticket, "截图.png", crate::uploads::PNG)
        .await
        .attachment;
    all_converge(&app, &mut viewers).await;
    assert_eq!(viewers[0].thread.ticket.attachments.len(), 1);
    let note = NewMessage {
        content: "只给同事".into(),
        attachment_ids: vec![file.id],
        internal: true,
        ..Default::default()
    };
    bob.call(PostMessage, ticket, note).await.good();
    all_converge(&app, &mut viewers).await;
    assert!(viewers[0].thread.ticket.attachments.is_empty());
}

#[actix_web::test]
async fn an_internal_note_converges_for_both_sides() {
    let (app, ticket, ann, bob, mut viewers) = scene().await;
    bob.notes(ticket, "只给同事").await;
    assert!(
        viewers[0].converges().await.is_empty(),
        "the customer hears nothing at all"
    );
    all_converge(&app, &mut viewers).await;
    ann.says(ticket, "在吗").await;
    all_converge(&app, &mut viewers).await;
}

#[actix_web::test]
async fn status_changed_converges() {
    let (app, ticket, ann, bob, mut viewers) = scene().await;
    for status in [
        Status::Processing,
        Status::Pending,
        Status::Resolved,
        Status::Processing,
    ] {
        bob.moves(ticket, status).await;
        let heard = all_converge(&app, &mut viewers).await;
        assert_eq!(
            heard
                .iter()
                .filter(|event| matches!(event, ServerEvent::StatusChanged(_)))
                .count(),
            3
        );
    }
    bob.call(
        CloseTicket,
        ticket,
        Closing {
            resolution: Some("好了".into()),
        },
    )
    .await
    .good();
    all_converge(&app, &mut viewers).await;
    ann.says(ticket, "没好").await;
    all_converge(&app, &mut viewers).await;
}

#[actix_web::test]
async fn assigned_converges() {
    let (app, ticket, _ann, bob, mut viewers) = scene().await;
    for assignee in [Some("cai"), Some("bob"), None] {
        let assignee = assignee.map(|name| AssigneeRef::Name(name.into()));
        bob.call(
            AssignTicket,
            ticket,
            Assignment {
                assignee: Some(assignee),
            },
        )
        .await
        .good();
        let heard = all_converge(&app, &mut viewers).await;
        assert_eq!(
            heard
                .iter()
                .filter(|event| matches!(event, ServerEvent::Assigned(_)))
                .count(),
            3
        );
    }
}

#[actix_web::test]
async fn priority_changed_converges() {
    let (app, ticket, _ann, bob, mut viewers) = scene().await;
    for priority in [Priority::High, Priority::Low] {
        bob.call(
            BatchTickets,
            (),
            Batch {
                ids: vec![ticket],
                action: BatchAction::Priority { priority },
            },
        )
        .await
        .good();
        let heard = all_converge(&app, &mut viewers).await;
        assert_eq!(
            heard
                .iter()
                .filter(|event| matches!(event, ServerEvent::PriorityChanged(_)))
                .count(),
            3
        );
    }
}

#[actix_web::test]
async fn ticket_updated_converges_for_tickets_whose_room_nobody_is_in() {
    let (app, _ticket, ann, bob, mut viewers) = scene().await;
    let other = TicketId(1);
    ann.says(other, "一").await;
    app.clock.advance(1);
    ann.says(other, "二").await;
    bob.says(other, "三").await;
    bob.moves(other, Status::Resolved).await;
    let heard = all_converge(&app, &mut viewers).await;
    assert!(
        heard
            .iter()
            .all(|event| matches!(event, ServerEvent::TicketUpdated(_))),
        "{heard:?}"
    );
    assert!(heard.len() >= 3, "{heard:?}");
}

#[actix_web::test]
async fn of_a_lively_ticket_the_lists_hear_the_latest_only() {
    let (app, _ticket, ann, _bob, mut viewers) = scene().await;
    let other = TicketId(1);
    for _ in 0..40 {
        ann.says(other, "还在吗").await;
    }
    let heard = all_converge(&app, &mut viewers).await;
    assert!(heard.len() < 3 * 40, "{} were told", heard.len());
    assert!(heard.len() >= 3);
}

#[actix_web::test]
async fn ticket_created_is_left_to_the_caller() {
    let (_app, _ticket, ann, _bob, mut viewers) = scene().await;
    ann.submits("第三单").await;
    for viewer in &mut viewers {
        let heard = viewer.live.heard().await;
        let [event @ ServerEvent::TicketCreated(news)] = heard.as_slice() else {
            panic!("heard {heard:?}")
        };
        assert_eq!(viewer.page.apply(event), Applied::Ignored);
        viewer.page.tickets.insert(0, news.ticket.clone());
        viewer.page.total += 1;
        assert_eq!(viewer.page, page(&viewer.who).await);
    }
}

#[actix_web::test]
async fn the_same_words_twice_in_one_second_are_two_unread_messages() {
    let (_app, ticket, ann, _bob, mut viewers) = scene().await;
    ann.says(ticket, "在吗").await;
    ann.says(ticket, "在吗").await;
    viewers[2].converges().await;
}

#[actix_web::test]
async fn a_replay_converges_like_the_events_themselves() {
    let (_app, ticket, ann, bob, mut viewers) = scene().await;
    ann.says(ticket, "一").await;
    bob.notes(ticket, "记").await;
    bob.says(ticket, "二").await;
    let give = |name: &str| Assignment {
        assignee: Some(Some(AssigneeRef::Name(name.into()))),
    };
    bob.call(AssignTicket, ticket, give("bob")).await.good();
    bob.call(AssignTicket, ticket, give("cai")).await.good();
    bob.call(AssignTicket, ticket, Assignment { assignee: Some(None) })
        .await
        .good();
    bob.call(AssignTicket, ticket, give("bob")).await.good();
    bob.call(
        BatchTickets,
        (),
        Batch {
            ids: vec![ticket],
            action: BatchAction::Priority {
                priority: Priority::High,
            },
        },
    )
    .await
    .good();
    bob.call(
        CloseTicket,
        ticket,
        Closing {
            resolution: Some("好".into()),
        },
    )
    .await
    .good();
    for viewer in &mut viewers {
        let direct = viewer.live.heard_durable().await;
        let mut late = viewer.who.live().await;
        let (replayed, _) = late.join_since(ticket, 0).await;
        let mut by_replay = viewer.thread.clone();
        for event in &replayed {
            assert_eq!(by_replay.apply(event), Applied::Changed);
        }
        for event in &direct {
            assert_eq!(viewer.thread.apply(event), Applied::Changed);
        }
        assert_eq!(by_replay, viewer.thread);
        let gap = replayed.last().unwrap();
        let mut behind = thread(&viewer.who, ticket).await;
        behind.ticket.seq -= 2;
        assert_eq!(behind.apply(gap), Applied::Gap);
    }
}

#[actix_web::test]
async fn unread_converges_in_every_tab_of_the_reader() {
    let (app, ticket, ann, bob, mut viewers) = scene().await;
    for n in 0..3 {
        ann.says(ticket, &n.to_string()).await;
        bob.notes(ticket, &n.to_string()).await;
        bob.says(ticket, &n.to_string()).await;
    }
    all_converge(&app, &mut viewers).await;
    for (reader, seqs) in [(1, [1, 4, 99]), (0, [2, 3, 99])] {
        let who = viewers[reader].who.copy();
        let mut elsewhere = who.live().await;
        for seq in seqs {
            let read = shared::live::Read {
                ticket_id: ticket,
                seq,
            };
            elsewhere.ask(&shared::live::ClientEvent::Read(read)).await;
            all_converge(&app, &mut viewers).await;
        }
        let known = viewers[reader]
            .page
            .tickets
            .iter()
            .find(|known| known.id == ticket);
        assert_eq!(known.unwrap().unread, 0);
    }
}
