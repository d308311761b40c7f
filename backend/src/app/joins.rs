//! Entering rooms: after a restart or a cut everybody comes back at once, and those who do are looked up together.

use shared::TicketId;

use super::{
    App,
    gather::{Asked, Gather},
};
use crate::{
    actions::live::{self, Entered},
    domain::actor::Actor,
    error::Result,
};

/// How many groups are looked up at once.
pub(super) const AT_ONCE: usize = 2;

type Question = (Actor, TicketId);
type Answer = Result<Entered>;
/// Those who wait to be let in.
pub(super) type Joins = Gather<Question, Answer>;

impl App {
    /// May the actor enter, and where does the ticket stand for him? What he learns is no older than his question.
    pub async fn enter(&self, actor: Actor, ticket: TicketId) -> Result<Entered> {
        let coming = self.joins.ask((actor, ticket))?;
        let app = self.clone();
        actix_web::rt::spawn(async move {
            app.joins
                .rounds(async |round| app.enter_together(round).await)
                .await
        });
        coming.answer().await?
    }

    async fn enter_together(&self, round: Vec<Asked<Question, Answer>>) {
        let (questions, askers): (Vec<_>, Vec<_>) = round.into_iter().unzip();
        let answers = self.read(move |tx| live::join_all(tx, &questions)).await;
        let answers = answers.unwrap_or_else(|error| {
            error.log();
            askers.iter().map(|_| Err(error.code().into())).collect()
        });
        for (asker, answer) in askers.into_iter().zip(answers) {
            // The asker may be gone.
            drop(asker.send(answer));
        }
    }
}
