//! SQLite's one writer: a thread that runs queued writes as savepoints of one transaction and answers after its commit.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
};

use diesel::{Connection, QueryResult, connection::TransactionManager};
use tokio::sync::oneshot;

use super::connection::{DbConnection, Target};
use crate::error::{Error, Result};

type Transactions = <DbConnection as Connection>::TransactionManager;
/// Runs inside the open transaction, if it could be opened, and hands back what to do once it is decided.
type Job = Box<dyn FnOnce(Result<&mut DbConnection>) -> Finish + Send>;
type Finish = Box<dyn FnOnce(QueryResult<()>) + Send>;

/// How many writes may wait; one more is answered `busy`.
const QUEUE: usize = 1024;
/// How many writes share one commit at most.
const GROUP: usize = 128;

/// The way into the writer thread. The thread ends when the last handle is gone.
#[derive(Clone)]
pub struct Writer {
    queue: SyncSender<Job>,
}

impl Writer {
    /// Opens the writing connection and starts its thread.
    pub fn start(target: &Target) -> anyhow::Result<Self> {
        let mut conn = target.connect()?;
        conn.keep_savepoints_in_memory()?;
        let (queue, jobs) = sync_channel(QUEUE);
        std::thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || serve(&mut conn, &jobs))?;
        Ok(Self { queue })
    }

    /// Runs `work` in a savepoint, and `committed` right after the commit that holds it, whether the asker still waits
    /// or not.
    pub async fn run<T, U>(
        &self,
        work: impl FnMut(&mut DbConnection) -> Result<T> + Send + 'static,
        committed: impl FnOnce(T) -> U + Send + 'static,
    ) -> Result<U>
    where
        T: Send + 'static,
        U: Send + 'static,
    {
        let mut work = work;
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |conn| {
            let outcome = conn.and_then(|conn| super::retrying(|| conn.transaction(&mut work)));
            Box::new(move |decided| {
                let outcome = outcome.and_then(|value| decided.map(|()| value).map_err(Error::from));
                let outcome = outcome.map(committed);
                // The asker may be gone; the write stands all the same.
                drop(reply.send(outcome));
            })
        });
        self.queue.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => Error::busy(),
            TrySendError::Disconnected(_) => {
                Error::internal(anyhow::anyhow!("the SQLite writer has stopped"))
            }
        })?;
        answer
            .await
            .unwrap_or_else(|_| Err(Error::internal(anyhow::anyhow!("a write panicked"))))
    }
}

fn serve(conn: &mut DbConnection, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let group: Vec<Job> = std::iter::once(first)
            .chain(jobs.try_iter().take(GROUP - 1))
            .collect();
        if let Err(error) = conn.begin_immediate() {
            tracing::error!(%error, "the SQLite writer could not begin a transaction");
            for job in group {
                job(Err(undone("begun", &error).into()))(Ok(()));
            }
            continue;
        }
        let mut finishes = Vec::with_capacity(group.len());
        let mut sound = true;
        for job in group {
            match catch_unwind(AssertUnwindSafe(|| job(Ok(&mut *conn)))) {
                Ok(finish) => finishes.push(finish),
                // The savepoint is in an unknown state: nothing of this group may be committed.
                Err(_) => {
                    sound = false;
                    break;
                }
            }
        }
        let committed = if sound {
            Transactions::commit_transaction(conn)
        } else {
            Err(diesel::result::Error::RollbackTransaction)
        };
        if committed.is_err() {
            roll_back(conn);
        }
        for finish in finishes {
            let decided = match &committed {
                Ok(()) => Ok(()),
                Err(error) => Err(undone("committed", error)),
            };
            // A panic here costs its own asker the answer and nobody the writer.
            drop(catch_unwind(AssertUnwindSafe(|| finish(decided))));
        }
    }
}

fn roll_back(conn: &mut DbConnection) {
    while let Ok(Some(_)) = Transactions::transaction_manager_status_mut(conn).transaction_depth() {
        if let Err(error) = Transactions::rollback_transaction(conn) {
            tracing::error!(%error, "the SQLite writer could not roll back");
            return;
        }
    }
}

/// Each asker gets an error of his own.
fn undone(step: &str, error: &diesel::result::Error) -> diesel::result::Error {
    diesel::result::Error::DatabaseError(
        diesel::result::DatabaseErrorKind::UnableToSendCommand,
        Box::new(format!("the group was not {step}: {error}")),
    )
}
