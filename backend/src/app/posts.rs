//! Messages that arrive together share one transaction: one lock statement, one insert and one commit for all of them.

use std::sync::Arc;

use shared::{
    ErrorCode,
    messages::{Message, NewMessage},
    tickets::TicketKey,
};

use super::{
    App,
    gather::{Asked, Gather},
};
use crate::{
    actions::messages::{self, Post, Repeats},
    domain::actor::Actor,
    error::Result,
};

/// How many transactions are under way at once: some work while others wait for the disk.
pub(super) const AT_ONCE: usize = 3;

/// None for a message that has to be posted alone.
type Answer = Option<Result<Message>>;
/// Messages that wait for the next transaction.
pub(super) type Posts = Gather<Arc<Post>, Answer>;

impl App {
    /// Says something on a ticket.
    pub async fn post(&self, actor: Actor, key: TicketKey, input: NewMessage) -> Result<Message> {
        messages::admit(&actor, &input)?;
        let TicketKey::Id(ticket) = key else {
            return self
                .write(move |tx| messages::post(tx, &actor, &key, &input))
                .await;
        };
        let post = Arc::new(Post { actor, ticket, input });
        let coming = self.posts.ask(Arc::clone(&post))?;
        let app = self.clone();
        actix_web::rt::spawn(async move {
            app.posts
                .rounds(async |round| app.post_together(round).await)
                .await
        });
        match coming.answer().await? {
            Some(outcome) => outcome,
            None => {
                self.write(move |tx| messages::post(tx, &post.actor, &key, &post.input))
                    .await
            }
        }
    }

    async fn post_together(&self, round: Vec<Asked<Arc<Post>, Answer>>) {
        let posts: Vec<Arc<Post>> = round.iter().map(|(post, _)| Arc::clone(post)).collect();
        let mut outcome = self.post_all(posts.clone(), Repeats::NotExpected).await;
        if let Err(error) = &outcome
            && error.code() == ErrorCode::ClientKeyReused
        {
            outcome = self.post_all(posts, Repeats::LookedFor).await;
        }
        let answers = outcome.unwrap_or_else(|error| {
            let told = |_: &_| match error.code() {
                // What became of the commit is not known, or everybody would only wait again.
                code @ (ErrorCode::DatabaseUnavailable | ErrorCode::Busy) => Some(Err(code.into())),
                // Nothing was stored. Nobody pays for another's fault: each is tried on its own.
                _ => None,
            };
            round.iter().map(told).collect()
        });
        for ((_, asker), answer) in round.into_iter().zip(answers) {
            // The asker may be gone; what was said stands all the same.
            drop(asker.send(answer));
        }
    }

    async fn post_all(&self, posts: Vec<Arc<Post>>, repeats: Repeats) -> Result<Vec<Answer>> {
        self.write(move |tx| messages::post_all(tx, &posts, repeats))
            .await
    }
}
