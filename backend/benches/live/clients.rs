//! Where clients run: two threads, each with its own event loop, so that the load is no narrower than the servers.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::rt;
use anyhow::{Context, Result};
use futures_util::future::{BoxFuture, FutureExt};
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::target::{Socket, Target};

const THREADS: usize = 2;
/// How many connections are set up at once.
const AT_ONCE: usize = 64;

/// The threads, by the way to give them work. They end with it.
pub struct Clients(Vec<mpsc::UnboundedSender<BoxFuture<'static, ()>>>);

/// A member of a room, connected.
pub struct Seated {
    pub room: usize,
    /// Its place in the room, from 0.
    pub place: usize,
    pub socket: Socket,
}

impl Clients {
    /// Starts the threads.
    pub fn start() -> Self {
        let thread = |_| {
            let (sender, mut work) = mpsc::unbounded_channel();
            std::thread::spawn(move || {
                rt::System::new().block_on(async move {
                    while let Some(work) = work.recv().await {
                        drop(rt::spawn(work));
                    }
                });
            });
            sender
        };
        Self((0..THREADS).map(thread).collect())
    }

    /// Runs something on one of the threads.
    pub fn spawn<T: Send + 'static>(
        &self,
        number: usize,
        work: impl Future<Output = T> + Send + 'static,
    ) -> oneshot::Receiver<T> {
        let (sender, receiver) = oneshot::channel();
        if let Some(thread) = self.0.get(number % THREADS) {
            let work = async move { drop(sender.send(work.await)) };
            drop(thread.send(work.boxed()));
        }
        receiver
    }

    /// Fills that many rooms with that many members each. Those in the last places of a room are `narrow`.
    pub async fn seat(
        &self,
        target: &Arc<Target>,
        rooms: usize,
        members: usize,
        narrow: usize,
    ) -> Result<(Vec<Seated>, Duration)> {
        let gate = Arc::new(Semaphore::new(AT_ONCE));
        let began = Instant::now();
        let dialling: Vec<_> = (0..rooms * members)
            .map(|number| {
                let (target, gate) = (Arc::clone(target), Arc::clone(&gate));
                let (room, place) = (number / members, number % members);
                self.spawn(number, async move {
                    let _permit = gate.acquire().await?;
                    let socket = target.join(room, place + narrow >= members).await?;
                    anyhow::Ok(Seated { room, place, socket })
                })
            })
            .collect();
        let mut seated = Vec::with_capacity(dialling.len());
        for seat in dialling {
            seated.push(seat.await?.context("connecting a member")?);
        }
        Ok((seated, began.elapsed()))
    }
}
