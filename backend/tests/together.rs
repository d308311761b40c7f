//! Messages that arrive together share a transaction; nobody notices: each is stored, numbered, told and answered as if alone.

use std::{collections::BTreeSet, sync::Arc};

use casedesk::{
    actions::messages::{Post, Repeats, post_all},
    domain::actor::Actor,
    error::Error,
};
use futures_util::future::join_all;
use shared::{
    ErrorCode, MessageId, Status, TicketId,
    messages::{Message, NewMessage, PostMessage},
};

use crate::support::{ABSENT, TestApp, client::saying, database::is_mysql, spawn_app};

fn post(actor: &Actor, ticket: TicketId, input: NewMessage) -> Arc<Post> {
    let actor = actor.clone();
    Arc::new(Post { actor, ticket, input })
}

type Outcome = Option<Result<Message, Error>>;

async fn in_one_transaction(app: &TestApp, posts: &[Arc<Post>]) -> Vec<Outcome> {
    together(app, posts, Repeats::LookedFor).await.unwrap()
}

async fn together(app: &TestApp, posts: &[Arc<Post>], repeats: Repeats) -> Result<Vec<Outcome>, Error> {
    let posts = posts.to_vec();
    app.app.write(move |tx| post_all(tx, &posts, repeats)).await
}

#[actix_web::test]
async fn what_was_stored_is_told_though_its_sender_is_gone() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let ticket = ann.submits("断线").await;
    let mut live = bob.live().await;
    live.join(ticket).await;
    let post = post(&app.actor(&ann).await, ticket, saying("说完就断"));
    let asked = app
        .app
        .write(move |tx| post_all(tx, std::slice::from_ref(&post), Repeats::LookedFor));
    let mut asked = Box::pin(asked);
    assert!(futures_util::poll!(&mut asked).is_pending());
    drop(asked);
    assert_eq!(live.next_message().await.content, "说完就断");
}

fn code(outcome: &Outcome) -> Option<ErrorCode> {
    outcome.as_ref().unwrap().as_ref().err().map(Error::code)
}

#[actix_web::test]
async fn each_of_a_group_gets_its_own_answer() {
    let app = spawn_app().await;
    let (ann, eve, bob) = (
        app.customer("ann").await,
        app.customer("eve").await,
        app.agent("bob").await,
    );
    let (hers, agent) = (app.actor(&ann).await, app.actor(&bob).await);
    let mut tickets = Vec::new();
    for title in ["一", "二", "三", "四", "五"] {
        tickets.push(ann.submits(title).await);
    }
    let foreign = eve.submits("别人的").await;
    let keyed = || NewMessage {
        client_id: Some("k1".into()),
        ..saying("只存一次")
    };
    let first = ann.call(PostMessage, tickets[3], keyed()).await.good().message;
    bob.says(tickets[4], "您没看到的").await;
    let stale = NewMessage {
        seen_seq: Some(0),
        ..saying("我没看到")
    };
    let posts = [
        post(&hers, tickets[0], saying("甲")),
        post(&hers, foreign, saying("不许")),
        post(&agent, tickets[1], saying("我来处理")),
        post(&hers, ABSENT, saying("没有")),
        post(&hers, tickets[2], saying("   ")),
        post(&hers, tickets[3], keyed()),
        post(&hers, tickets[4], stale),
        post(&hers, tickets[0], saying("乙")),
    ];
    let outcomes = in_one_transaction(&app, &posts).await;
    let said = |place: usize| outcomes[place].as_ref().unwrap().as_ref().unwrap();

    assert_eq!(said(0).content, "甲");
    assert_eq!(ann.reads(tickets[0]).await.messages, [said(0).clone()]);
    assert_eq!(code(&outcomes[1]), Some(ErrorCode::TicketNotFound));
    assert!(eve.reads(foreign).await.messages.is_empty());
    assert_eq!(said(2).content, "我来处理");
    let taken = bob.reads(tickets[1]).await.messages;
    assert_eq!(taken[0], *said(2));
    assert!(taken[1].is_system, "the answer has moved the status: {taken:?}");
    assert_eq!(bob.sees(tickets[1]).await.status, Status::Processing);
    assert!(outcomes[3].is_none(), "no such ticket: to be asked alone");
    assert_eq!(code(&outcomes[4]), Some(ErrorCode::ValidationFailed));
    assert!(ann.reads(tickets[2]).await.messages.is_empty());
    assert_eq!(*said(5), first, "a repeat is answered with what was stored");
    assert_eq!(code(&outcomes[6]), Some(ErrorCode::StaleSend));
    assert!(outcomes[7].is_none(), "the second one of a ticket waits its turn");
}

/// Nobody looks for repeats in a group at first: one that is there all the same is found when it is stored.
#[actix_web::test]
async fn a_repeat_in_a_group_is_found_all_the_same() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let hers = app.actor(&ann).await;
    let (one, other, third) = (
        ann.submits("一").await,
        ann.submits("二").await,
        ann.submits("三").await,
    );
    let keyed = |words: &str| NewMessage {
        client_id: Some("k1".into()),
        seen_seq: Some(0),
        ..saying(words)
    };
    let first = ann.call(PostMessage, one, keyed("只存一次")).await.good().message;
    let second = ann
        .call(PostMessage, other, keyed("也只一次"))
        .await
        .good()
        .message;
    bob.says(other, "中间有人说话").await;
    let posts = [
        post(&hers, one, keyed("只存一次")),
        post(&hers, third, keyed("新的")),
    ];
    let refused = together(&app, &posts, Repeats::NotExpected).await;
    assert_eq!(refused.unwrap_err().code(), ErrorCode::ClientKeyReused);
    assert_eq!(ann.reads(one).await.messages, std::slice::from_ref(&first));
    assert!(ann.reads(third).await.messages.is_empty());

    // Others have written since: it would be refused, but it was said already.
    let late = [post(&hers, other, keyed("也只一次"))];
    let answers = together(&app, &late, Repeats::NotExpected).await.unwrap();
    assert_eq!(answers[0].as_ref().unwrap().as_ref().unwrap(), &second);

    let said = join_all([
        ann.call(PostMessage, one, keyed("只存一次")),
        ann.call(PostMessage, third, keyed("新的")),
        ann.call(PostMessage, other, keyed("也只一次")),
    ])
    .await;
    let said: Vec<Message> = said.into_iter().map(|reply| reply.good().message).collect();
    assert_eq!((&said[0], &said[2]), (&first, &second));
    assert_eq!(ann.reads(third).await.messages, [said[1].clone()]);
    let other_words = ann.call(PostMessage, one, keyed("别的话")).await;
    other_words.refused(ErrorCode::ClientKeyReused);
}

#[actix_web::test]
async fn everybody_at_once_is_stored_once_and_numbered_in_order() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let mut tickets = Vec::new();
    for number in 0..10 {
        tickets.push(ann.submits(&format!("工单 {number}")).await);
    }
    let said = (0..120).map(|number| {
        let ticket = tickets[number % tickets.len()];
        let input = saying(&format!("第 {number} 句"));
        let who = if number % 3 == 0 { &bob } else { &ann };
        async move { (ticket, who.call(PostMessage, ticket, input).await.good().message) }
    });
    let said = join_all(said).await;
    let ids: BTreeSet<MessageId> = said.iter().map(|(_, message)| message.id).collect();
    assert_eq!(ids.len(), said.len());
    for (number, (ticket, message)) in said.iter().enumerate() {
        assert_eq!(message.content, format!("第 {number} 句"));
        assert_eq!(message.ticket_id, *ticket);
    }
    for ticket in tickets {
        let stored = bob.reads(ticket).await.messages;
        let seqs: Vec<i64> = stored.iter().map(|message| message.seq).collect();
        assert_eq!(
            seqs,
            (1..=13).collect::<Vec<_>>(),
            "twelve, and the move to 处理中"
        );
        for (_, answer) in said.iter().filter(|(of, _)| *of == ticket) {
            let found = stored.iter().find(|message| message.id == answer.id).unwrap();
            assert_eq!(found.content, answer.content);
        }
    }
}

/// What a message leaves in its ticket, as it is stored; of moments only whether they are those of this round.
fn left_in(app: &TestApp, tickets: &[TicketId], since: &str) -> Vec<String> {
    let ids = tickets
        .iter()
        .map(TicketId::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    let rows = app.database.texts(&format!(
        "SELECT CONCAT_WS('|', staff_seq, customer_seq, customer_messages, staff_messages, \
         COALESCE(first_reply_seconds >= 200, '-'), COALESCE(first_reply_seconds >= 100, '-'), \
         COALESCE(last_message, '-'), COALESCE(last_message_from, '-'), COALESCE(last_message_at >= '{since}', '-'), \
         updated_at >= '{since}', status) AS t FROM tickets WHERE id IN ({ids}) ORDER BY id"
    ));
    rows.into_iter().flatten().collect()
}

#[actix_web::test]
async fn what_is_said_together_leaves_tickets_as_if_it_were_said_one_by_one() {
    let app = spawn_app().await;
    let (ann, bob) = (app.customer("ann").await, app.agent("bob").await);
    let (hers, agent) = (app.actor(&ann).await, app.actor(&bob).await);
    let mut groups = [Vec::new(), Vec::new()];
    for group in &mut groups {
        for number in 0..5 {
            let ticket = ann.submits(&format!("工单 {number}")).await;
            if number == 3 {
                bob.moves(ticket, Status::Closed).await;
            }
            group.push(ticket);
        }
    }
    let note = |words: &str| NewMessage {
        internal: true,
        ..saying(words)
    };
    let rounds = [
        [
            (&hers, saying("还有一句")),
            (&agent, saying("我来处理")),
            (&agent, note("先查日志")),
            (&hers, saying("又坏了")),
            (&agent, saying("引号 ' \" 和 \\ 和 😀 𠮷")),
        ],
        [
            (&agent, saying("第一次回复")),
            (&agent, note("查过了")),
            (&hers, saying("有人吗")),
            (&agent, saying("又修好了")),
            (&hers, saying(&"长".repeat(5_000))),
        ],
    ];
    let long = "长".repeat(120);
    let left = [
        [
            "1|1|1|0|-|-|还有一句|customer|1|1|待处理",
            "2|2|0|1|0|1|我来处理|admin|1|1|处理中",
            "1|0|0|0|-|-|-|-|-|0|待处理",
            "3|3|1|0|-|-|又坏了|customer|1|1|处理中",
            "2|2|0|1|0|1|引号 ' \" 和 \\ 和 😀 𠮷|admin|1|1|处理中",
        ]
        .map(str::to_owned),
        [
            "3|3|1|1|1|1|第一次回复|admin|1|1|处理中",
            "3|2|0|1|0|1|我来处理|admin|0|0|处理中",
            "2|1|1|0|-|-|有人吗|customer|1|1|待处理",
            "4|4|1|1|1|1|又修好了|admin|1|1|处理中",
            &format!("3|3|1|1|0|1|{long}|customer|1|1|处理中"),
        ]
        .map(str::to_owned),
    ];
    for (round, left) in rounds.into_iter().zip(left) {
        app.clock.advance(100);
        let since = app.clock.now().to_string();
        let [together, alone] = &groups;
        let posts = |tickets: &[TicketId]| -> Vec<Arc<Post>> {
            let said = tickets.iter().zip(&round);
            said.map(|(ticket, (actor, input))| post(actor, *ticket, input.clone()))
                .collect()
        };
        for outcome in in_one_transaction(&app, &posts(together)).await {
            outcome.unwrap().unwrap();
        }
        for one in posts(alone) {
            let [outcome] = in_one_transaction(&app, &[one]).await.try_into().unwrap();
            outcome.unwrap().unwrap();
        }
        for group in &groups {
            assert_eq!(left_in(&app, group, &since), left);
        }
    }
}

/// A colleague's transaction keeps one ticket; the others of the group must not wait for it.
#[actix_web::test]
async fn a_ticket_that_somebody_holds_is_left_out_of_the_group() {
    let app = spawn_app().await;
    if !is_mysql() {
        // One writer: nobody else can hold anything while a group is posted.
        return;
    }
    let ann = app.customer("ann").await;
    let hers = app.actor(&ann).await;
    let (held, free) = (ann.submits("占用").await, ann.submits("空闲").await);
    let mut holder = app.database.connect();
    diesel::connection::SimpleConnection::batch_execute(
        &mut holder,
        &format!("SET autocommit = 0; UPDATE tickets SET title = '改' WHERE id = {held}"),
    )
    .unwrap();
    let posts = [
        post(&hers, held, saying("等等")),
        post(&hers, free, saying("马上")),
    ];
    let outcomes = in_one_transaction(&app, &posts).await;
    assert!(outcomes[0].is_none());
    assert_eq!(outcomes[1].as_ref().unwrap().as_ref().unwrap().content, "马上");
    let waiting = ann.call(PostMessage, held, saying("等到了"));
    let letting_go = async {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        diesel::connection::SimpleConnection::batch_execute(&mut holder, "COMMIT").unwrap();
    };
    let (answer, ()) = futures_util::join!(waiting, letting_go);
    assert_eq!(answer.good().message.content, "等到了");
}
