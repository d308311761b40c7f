//! Doing in one go what many ask for at the same time: whatever is asked while a round is under way waits for the next one,
//! so no answer is older than its question.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

use crate::error::{Error, Result};

/// How many questions a round takes.
const ROUND: usize = 64;
/// How many questions may wait.
const WAITING: usize = 4096;

/// A question, and where its answer goes.
pub(super) type Asked<Q, A> = (Q, oneshot::Sender<A>);

/// The answer to a question, on its way.
pub(super) struct Coming<A>(oneshot::Receiver<A>);

impl<A> Coming<A> {
    /// The answer; `busy` if its round was cut off, and then it may have been done all the same: a worker of a server that
    /// stops takes its rounds with it, whoever asked in them.
    pub(super) async fn answer(self) -> Result<A> {
        self.0.await.map_err(|_| Error::busy())
    }
}

/// The questions that wait.
pub(super) struct Gather<Q, A> {
    state: Mutex<State<Q, A>>,
    /// How many rounds may be under way at once. Fewer make them larger, and more wait behind a slow one.
    at_once: usize,
}

struct State<Q, A> {
    waiting: VecDeque<Asked<Q, A>>,
    rounds: usize,
}

/// The right to take rounds until nothing waits.
struct Rounds<'a, Q, A> {
    gather: &'a Gather<Q, A>,
    over: bool,
}

impl<Q, A> Gather<Q, A> {
    /// With so many rounds under way at once.
    pub(super) fn new(at_once: usize) -> Self {
        Self {
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                rounds: 0,
            }),
            at_once,
        }
    }

    /// The answer that comes once somebody does the [`Self::rounds`]; `busy` if too many wait already.
    pub(super) fn ask(&self, question: Q) -> Result<Coming<A>> {
        let mut state = self.state();
        if state.waiting.len() >= WAITING {
            return Err(Error::busy());
        }
        let (answer, coming) = oneshot::channel();
        state.waiting.push_back((question, answer));
        Ok(Coming(coming))
    }

    /// Lets `answer` do rounds until nothing waits, unless enough are at it. Whoever asks starts this beside waiting.
    pub(super) async fn rounds(&self, mut answer: impl AsyncFnMut(Vec<Asked<Q, A>>)) {
        let Some(mut rounds) = self.begin() else { return };
        while let Some(round) = rounds.next() {
            answer(round).await;
        }
    }

    /// The right to answer; none if nothing waits or enough are at it.
    fn begin(&self) -> Option<Rounds<'_, Q, A>> {
        let mut state = self.state();
        if state.rounds == self.at_once || state.waiting.is_empty() {
            return None;
        }
        state.rounds += 1;
        drop(state);
        Some(Rounds {
            gather: self,
            over: false,
        })
    }

    fn state(&self) -> MutexGuard<'_, State<Q, A>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Q, A> Rounds<'_, Q, A> {
    /// The questions of the next round; none once nothing waits, and the right is given back.
    fn next(&mut self) -> Option<Vec<Asked<Q, A>>> {
        let mut state = self.gather.state();
        if state.waiting.is_empty() {
            // Under the same lock: whoever asks from now on finds the place free.
            state.rounds -= usize::from(!self.over);
            self.over = true;
            return None;
        }
        let count = state.waiting.len().min(ROUND);
        Some(state.waiting.drain(..count).collect())
    }
}

impl<Q, A> Drop for Rounds<'_, Q, A> {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        let mut state = self.gather.state();
        state.rounds -= 1;
        if state.rounds == 0 {
            // Nobody is left to answer them, and they may be the last who ask.
            state.waiting.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::ErrorCode;
    use tokio::sync::oneshot::error::TryRecvError;

    use super::*;

    fn questions(round: Option<Vec<Asked<u32, ()>>>) -> Vec<u32> {
        round
            .into_iter()
            .flatten()
            .map(|(question, _)| question)
            .collect()
    }

    #[test]
    fn what_is_asked_meanwhile_is_the_next_round() {
        let gather = Gather::new(2);
        let _first = gather.ask(1);
        let _second = gather.ask(2);
        let mut rounds = gather.begin().unwrap();
        assert_eq!(questions(rounds.next()), [1, 2]);
        let _third = gather.ask(3);
        assert_eq!(questions(rounds.next()), [3]);
        assert!(rounds.next().is_none());
    }

    #[test]
    fn no_more_rounds_than_allowed_and_each_right_comes_back() {
        let gather: Gather<u32, ()> = Gather::new(2);
        assert!(gather.begin().is_none(), "nothing waits");
        let _waits = gather.ask(1);
        let held: Vec<_> = (0..2).map(|_| gather.begin().unwrap()).collect();
        assert!(gather.begin().is_none());
        drop(held);
        let _waits = gather.ask(1);
        let mut rounds = gather.begin().unwrap();
        assert_eq!(questions(rounds.next()), [1]);
        assert!(rounds.next().is_none());
        drop(rounds);
        let _again = gather.ask(2);
        let held: Vec<_> = (0..2).map_while(|_| gather.begin()).collect();
        assert_eq!(held.len(), 2);
    }

    #[actix_web::test]
    async fn whoever_was_in_a_round_that_is_cut_off_or_waits_behind_it_comes_again() {
        let gather: Gather<u32, ()> = Gather::new(2);
        let first = gather.ask(1).unwrap();
        let (mut cut_off, goes_on) = (gather.begin().unwrap(), gather.begin().unwrap());
        let round = cut_off.next();
        let mut second = gather.ask(2).unwrap();
        drop((round, cut_off));
        assert_eq!(first.answer().await.unwrap_err().code(), ErrorCode::Busy);
        assert_eq!(second.0.try_recv(), Err(TryRecvError::Empty), "somebody is at it");
        drop(goes_on);
        assert_eq!(second.0.try_recv(), Err(TryRecvError::Closed), "nobody is left");
    }

    #[test]
    fn too_many_are_refused() {
        let gather: Gather<usize, ()> = Gather::new(2);
        let waiting: Vec<_> = (0..WAITING).map(|number| gather.ask(number).unwrap()).collect();
        assert!(gather.ask(WAITING).is_err());
        drop(waiting);
    }
}
