//! Who is there, who is writing, and how far everybody has read: told to the right side, in its own numbering.

use shared::{
    TicketId,
    live::{Attention, ClientEvent, Person, Read, ServerEvent, Typing, TypingNews},
    messages::SenderType,
    tickets::{CreateTicket, ListTickets, TicketQuery},
};

use crate::{
    nodes::{at, heard},
    support::{Client, Live, TestApp, new_ticket, redis::Redis, spawn_app, spawn_app_with},
};

async fn a_customer_and_two_agents(app: &TestApp) -> [Client; 3] {
    [
        app.customer("ann").await,
        app.agent("bob").await,
        app.agent("cai").await,
    ]
}

/// The next picture of who is there.
async fn people(live: &mut Live) -> Vec<Person> {
    loop {
        if let ServerEvent::Presence(presence) = live.next_of_all().await {
            return presence.people;
        }
    }
}

/// Waits until those people are there, by name, with a mark behind who looks away.
async fn there(live: &mut Live, wanted: &[&str]) {
    loop {
        let names: Vec<String> = people(live)
            .await
            .iter()
            .map(|person| format!("{}{}", person.name, if person.hidden { " (hidden)" } else { "" }))
            .collect();
        if names == wanted {
            return;
        }
    }
}

async fn looks(live: &mut Live, ticket_id: TicketId, hidden: bool) {
    let answer = live
        .ask(&ClientEvent::Presence(Attention { ticket_id, hidden }))
        .await;
    assert_eq!(answer["success"], true, "{answer}");
}

async fn types(live: &mut Live, ticket_id: TicketId, internal: bool) {
    let typing = Typing {
        ticket_id,
        typing: true,
        internal,
    };
    live.ask(&ClientEvent::Typing(typing)).await;
}

async fn stops(live: &mut Live, ticket_id: TicketId) {
    let typing = Typing {
        ticket_id,
        typing: false,
        internal: false,
    };
    live.ask(&ClientEvent::Typing(typing)).await;
}

async fn reads(live: &mut Live, ticket_id: TicketId, seq: i64) {
    let answer = live.ask(&ClientEvent::Read(Read { ticket_id, seq })).await;
    assert_eq!(answer["success"], true, "{answer}");
}

async fn unread(who: &Client, ticket: TicketId) -> i32 {
    let page = who.call(ListTickets, (), TicketQuery::default()).await.good();
    page.tickets
        .iter()
        .find(|known| known.id == ticket)
        .unwrap()
        .unread
}

#[actix_web::test]
async fn agents_see_who_has_the_ticket_open_and_customers_do_not() {
    let app = spawn_app().await;
    let [ann, bob, cai] = a_customer_and_two_agents(&app).await;
    let ticket = ann.submits("在场").await;
    let (mut ann_live, mut bob_live, mut cai_live) = (ann.live().await, bob.live().await, cai.live().await);
    bob_live.join(ticket).await;
    there(&mut bob_live, &["bob"]).await;
    cai_live.join(ticket).await;
    there(&mut bob_live, &["bob", "cai"]).await;
    there(&mut cai_live, &["bob", "cai"]).await;
    ann_live.join(ticket).await;
    there(&mut bob_live, &["ann", "bob", "cai"]).await;
    looks(&mut cai_live, ticket, true).await;
    there(&mut bob_live, &["ann", "bob", "cai (hidden)"]).await;
    // A second tab in front counts for both.
    let mut second_tab = cai.live().await;
    second_tab.join(ticket).await;
    there(&mut bob_live, &["ann", "bob", "cai"]).await;
    drop(second_tab);
    there(&mut bob_live, &["ann", "bob", "cai (hidden)"]).await;
    cai_live.leave(ticket).await;
    there(&mut bob_live, &["ann", "bob"]).await;
    let heard = ann_live.heard_of_all().await;
    assert!(heard.is_empty(), "{heard:?}");
}

#[actix_web::test]
async fn a_guest_is_called_what_his_ticket_calls_him() {
    let app = spawn_app().await;
    let (guest, bob) = (app.nobody(), app.agent("bob").await);
    let ticket = guest
        .call(CreateTicket, (), new_ticket("访客"))
        .await
        .good()
        .ticket_id;
    let (mut guest_live, mut bob_live) = (guest.live().await, bob.live().await);
    bob_live.join(ticket).await;
    guest_live.join(ticket).await;
    there(&mut bob_live, &["张三", "bob"]).await;
    types(&mut guest_live, ticket, true).await;
    let ServerEvent::Typing(news) = bob_live.next().await else {
        panic!("not told")
    };
    assert_eq!(
        (news.name.as_str(), news.sender_type),
        ("张三", SenderType::Customer)
    );
    assert!(!news.internal, "a customer has no notes to write");
}

#[actix_web::test]
async fn only_agents_learn_that_a_note_is_being_written() {
    let app = spawn_app().await;
    let [ann, bob, cai] = a_customer_and_two_agents(&app).await;
    let ticket = ann.submits("笔记").await;
    let (mut ann_live, mut bob_live, mut cai_live) = (ann.live().await, bob.live().await, cai.live().await);
    for live in [&mut ann_live, &mut bob_live, &mut cai_live] {
        live.join(ticket).await;
    }
    there(&mut cai_live, &["ann", "bob", "cai"]).await;
    types(&mut bob_live, ticket, true).await;
    let news = TypingNews {
        ticket_id: ticket,
        user_id: bob.id,
        name: "bob".into(),
        sender_type: SenderType::Admin,
        typing: true,
        internal: true,
    };
    assert_eq!(cai_live.next().await, ServerEvent::Typing(news.clone()));
    ann_live.hears_nothing().await;
    // The composer does not say of what it ends.
    stops(&mut bob_live, ticket).await;
    let ended = TypingNews {
        typing: false,
        ..news.clone()
    };
    assert_eq!(cai_live.next().await, ServerEvent::Typing(ended));
    ann_live.hears_nothing().await;
    types(&mut bob_live, ticket, false).await;
    let begun = TypingNews {
        internal: false,
        ..news
    };
    assert_eq!(ann_live.next().await, ServerEvent::Typing(begun.clone()));
    stops(&mut bob_live, ticket).await;
    let ended = TypingNews {
        typing: false,
        ..begun
    };
    assert_eq!(ann_live.next().await, ServerEvent::Typing(ended));
    stops(&mut bob_live, ticket).await;
    ann_live.hears_nothing().await;
    // What becomes a note is no answer any more.
    types(&mut bob_live, ticket, false).await;
    ann_live.heard().await;
    types(&mut bob_live, ticket, true).await;
    let heard = ann_live.heard().await;
    assert!(
        matches!(heard.as_slice(), [ServerEvent::Typing(news)] if !news.typing && !news.internal),
        "{heard:?}"
    );
}

#[actix_web::test]
async fn customers_hear_nothing_of_a_note_that_is_written_and_read() {
    let app = spawn_app().await;
    let [ann, bob, cai] = a_customer_and_two_agents(&app).await;
    let ticket = ann.submits("笔记").await;
    ann.says(ticket, "一").await;
    let (mut ann_live, mut bob_live, mut cai_live) = (ann.live().await, bob.live().await, cai.live().await);
    for live in [&mut ann_live, &mut bob_live, &mut cai_live] {
        live.join(ticket).await;
    }
    ann_live.heard().await;
    reads(&mut bob_live, ticket, 1).await;
    let heard = ann_live.heard().await;
    assert!(
        matches!(heard.as_slice(), [ServerEvent::Read(news)] if news.seq == 1),
        "{heard:?}"
    );
    types(&mut bob_live, ticket, true).await;
    bob.notes(ticket, "只给同事").await;
    stops(&mut bob_live, ticket).await;
    for live in [&mut bob_live, &mut cai_live] {
        reads(live, ticket, 2).await;
    }
    ann_live.hears_nothing().await;
    // Whoever comes later knows it from entering.
    let mut second = ann.live().await;
    assert_eq!(second.join(ticket).await.read_seq, 1);
    second.heard().await;
    bob.notes(ticket, "还是只给同事").await;
    reads(&mut bob_live, ticket, 3).await;
    second.hears_nothing().await;
    ann.says(ticket, "二").await;
    reads(&mut bob_live, ticket, 4).await;
    for live in [&mut ann_live, &mut second] {
        let heard = live.heard().await;
        let is_told = |event: &ServerEvent| matches!(event, ServerEvent::Read(news) if news.seq == 2);
        assert!(heard.iter().any(is_told), "{heard:?}");
    }
}

#[actix_web::test]
async fn each_side_learns_how_far_it_has_been_read_in_its_own_numbering() {
    let app = spawn_app().await;
    let [ann, bob, cai] = a_customer_and_two_agents(&app).await;
    let ticket = ann.submits("已读").await;
    // staff: 1 一, 2 note, 3 二, 4 三 and the step; customer: 1 一, 2 二, 3 step …
    ann.says(ticket, "一").await;
    bob.notes(ticket, "笔记").await;
    ann.says(ticket, "二").await;
    bob.says(ticket, "三").await;
    let (mut ann_live, mut bob_live, mut cai_live) = (ann.live().await, bob.live().await, cai.live().await);
    ann_live.join(ticket).await;
    bob_live.join(ticket).await;
    let joined = cai_live.join(ticket).await;
    assert_eq!(joined.read_seq, 0, "nobody has read anything");
    there(&mut bob_live, &["ann", "bob", "cai"]).await;
    for live in [&mut ann_live, &mut bob_live, &mut cai_live] {
        live.heard().await;
    }

    reads(&mut bob_live, ticket, 2).await;
    let heard = ann_live.heard().await;
    let [ServerEvent::Read(news)] = heard.as_slice() else {
        panic!("{heard:?}")
    };
    assert_eq!(
        (news.ticket_id, news.seq),
        (ticket, 1),
        "the note leaves no trace"
    );
    cai_live.hears_nothing().await;

    reads(&mut ann_live, ticket, 3).await;
    for live in [&mut bob_live, &mut cai_live] {
        let heard = live.heard().await;
        let read = heard.iter().find_map(|event| match event {
            ServerEvent::Read(news) => Some(news.seq),
            _ => None,
        });
        assert_eq!(read, Some(4), "{heard:?}");
    }
    // A mark never goes back, and a repeat is no news.
    reads(&mut ann_live, ticket, 1).await;
    reads(&mut ann_live, ticket, 3).await;
    cai_live.hears_nothing().await;
    assert_eq!(cai.live().await.join(ticket).await.read_seq, 4);
    assert_eq!(ann.live().await.join(ticket).await.read_seq, 1);
}

#[actix_web::test]
async fn unread_counts_are_shared_by_all_of_a_users_tabs_and_by_nobody_else() {
    let app = spawn_app().await;
    let [ann, bob, cai] = a_customer_and_two_agents(&app).await;
    let ticket = ann.submits("未读").await;
    ann.says(ticket, "一").await;
    bob.notes(ticket, "不算").await;
    ann.says(ticket, "二").await;
    assert_eq!((unread(&bob, ticket).await, unread(&ann, ticket).await), (2, 0));
    let (mut reading, mut other_tab) = (bob.live().await, bob.live().await);
    let (mut ann_live, mut cai_live) = (ann.live().await, cai.live().await);
    for live in [&mut reading, &mut other_tab, &mut ann_live, &mut cai_live] {
        live.heard().await;
    }
    reads(&mut reading, ticket, 1).await;
    let heard = other_tab.heard().await;
    let [ServerEvent::Unread(news)] = heard.as_slice() else {
        panic!("{heard:?}")
    };
    assert_eq!((news.ticket_id, news.unread), (ticket, 1));
    assert_eq!((unread(&bob, ticket).await, unread(&cai, ticket).await), (1, 2));
    reads(&mut other_tab, ticket, 3).await;
    let heard = reading.heard().await;
    assert!(
        matches!(heard.last(), Some(ServerEvent::Unread(news)) if news.unread == 0),
        "{heard:?}"
    );
    assert_eq!(unread(&bob, ticket).await, 0);
    ann_live.hears_nothing().await;
    cai_live.hears_nothing().await;
}

#[actix_web::test]
async fn a_note_at_another_server_leaves_customers_nothing() {
    let redis = Redis::start().await;
    let here = spawn_app_with(&[("REDIS_URL", &redis.url())]).await;
    let (ann, bob) = (here.customer("ann").await, here.agent("bob").await);
    let old = ann.submits("很久以前").await;
    here.clock.advance(600);
    let there = here.another().await;
    heard(&here, &there).await;
    let (ann_there, bob_there) = (at(&there, &ann).await, at(&there, &bob).await);
    let (mut ann_here, mut bob_here) = (ann.live().await, bob.live().await);
    let (mut far_ann, mut far_bob) = (ann_there.live().await, bob_there.live().await);
    let fresh = ann.submits("刚才").await;
    for live in [&mut ann_here, &mut bob_here, &mut far_ann, &mut far_bob] {
        while !matches!(live.next().await, ServerEvent::TicketCreated(_)) {}
    }
    for ticket in [old, fresh] {
        bob.notes(ticket, "只给同事").await;
        bob_there.notes(ticket, "也只给同事").await;
        for live in [&mut bob_here, &mut far_bob] {
            let both = async {
                while !matches!(live.next().await, ServerEvent::TicketUpdated(news) if news.ticket.version == 2)
                {
                }
            };
            both.await;
        }
    }
    ann_here.hears_nothing().await;
    far_ann.hears_nothing().await;
}
