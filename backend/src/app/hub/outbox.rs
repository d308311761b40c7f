//! What waits for one connection: bounded in frames and in bytes, so that one who stops reading costs little.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use tokio::sync::{
    Notify,
    mpsc::{Receiver, Sender, channel},
};

use super::Frame;

/// How many things may wait; one more and the connection is cut, to catch up by `since`.
const FRAMES: usize = 256;
/// How many bytes of frames may wait.
const BYTES: usize = 192 * 1024;
/// What a frame counts at most: a message of the largest size, and what comes of it, must not cut those who read. Everybody
/// in a room shares its text anyway.
const COUNTED: usize = BYTES / 3;

/// Something for a connection.
#[derive(Clone)]
pub enum Outgoing {
    Frame(Frame),
    /// Prove again who you are.
    Recheck {
        /// Is there reason to think that you may not?
        doubted: bool,
    },
    /// The server stops: come back in a moment.
    Goodbye,
}

impl Outgoing {
    fn size(&self) -> usize {
        match self {
            Self::Frame(frame) => frame.size().min(COUNTED),
            Self::Recheck { .. } | Self::Goodbye => 0,
        }
    }
}

/// Where the hub puts things.
pub(super) struct Outbox {
    queue: Sender<Outgoing>,
    waiting: Arc<AtomicUsize>,
    recheck: Arc<Recheck>,
}

/// Where the connection takes them.
pub struct Inbox {
    queue: Receiver<Outgoing>,
    waiting: Arc<AtomicUsize>,
    recheck: Arc<Recheck>,
}

#[derive(Default)]
struct Recheck {
    asked: Notify,
    doubted: AtomicBool,
}

/// Both ends.
pub(super) fn pair() -> (Outbox, Inbox) {
    let (sender, receiver) = channel(FRAMES);
    let waiting = Arc::new(AtomicUsize::new(0));
    let recheck = Arc::new(Recheck::default());
    let outbox = Outbox {
        queue: sender,
        waiting: Arc::clone(&waiting),
        recheck: Arc::clone(&recheck),
    };
    let inbox = Inbox {
        queue: receiver,
        waiting,
        recheck,
    };
    (outbox, inbox)
}

impl Outbox {
    /// Puts something in without waiting; false when it does not fit or nobody takes it any more.
    pub(super) fn put(&self, outgoing: Outgoing) -> bool {
        let size = outgoing.size();
        let before = self.waiting.fetch_add(size, Ordering::Relaxed);
        before + size <= BYTES && self.queue.try_send(outgoing).is_ok()
    }

    /// Lets the connection prove again who it is. However often this is asked meanwhile, it does so once, and it takes
    /// no place in the queue.
    pub(super) fn recheck(&self, doubted: bool) {
        self.recheck.doubted.fetch_or(doubted, Ordering::Relaxed);
        self.recheck.asked.notify_one();
    }
}

impl Inbox {
    /// The next thing; none once the hub has cut the connection. Dropping the future loses nothing.
    pub async fn take(&mut self) -> Option<Outgoing> {
        tokio::select! {
            biased;
            () = self.recheck.asked.notified() => Some(Outgoing::Recheck {
                doubted: self.recheck.doubted.swap(false, Ordering::Relaxed),
            }),
            outgoing = self.queue.recv() => outgoing.map(|outgoing| self.taken(outgoing)),
        }
    }

    /// The next thing if it waits already.
    pub fn take_waiting(&mut self) -> Option<Outgoing> {
        let outgoing = self.queue.try_recv().ok()?;
        Some(self.taken(outgoing))
    }

    fn taken(&self, outgoing: Outgoing) -> Outgoing {
        self.waiting.fetch_sub(outgoing.size(), Ordering::Relaxed);
        outgoing
    }
}

#[cfg(test)]
mod tests {
    use shared::live::{ServerEvent, Welcome};

    use super::*;

    fn frame(bytes: usize) -> Outgoing {
        Outgoing::Frame(Frame::new(&ServerEvent::Welcome(Welcome {
            protocol: 1,
            version: "x".repeat(bytes),
            ping_interval_ms: 1,
        })))
    }

    #[actix_web::test]
    async fn a_queue_ends_by_number_or_by_bytes() {
        let (outbox, mut inbox) = pair();
        let fits = (0..).take_while(|_| outbox.put(frame(0))).count();
        assert_eq!(fits, FRAMES);
        assert!(inbox.take().await.is_some());

        let (outbox, _inbox) = pair();
        let size = frame(20_000).size();
        let fits = (0..).take_while(|_| outbox.put(frame(20_000))).count();
        assert!(fits * size <= BYTES && (fits + 1) * size > BYTES);
    }

    #[actix_web::test]
    async fn a_large_frame_leaves_room_for_what_comes_of_it() {
        let (outbox, mut inbox) = pair();
        assert!(outbox.put(frame(BYTES * 2)));
        assert!(outbox.put(frame(1_000)));
        assert!(outbox.put(frame(BYTES * 2)));
        assert!(!outbox.put(frame(BYTES * 2)));
        assert!(inbox.take().await.is_some());
    }

    #[actix_web::test]
    async fn who_is_to_be_rechecked_is_so_once_and_before_all_that_waits() {
        let (outbox, mut inbox) = pair();
        assert!(outbox.put(frame(1)));
        for n in 0..10 * FRAMES {
            outbox.recheck(n == 1);
        }
        assert!(matches!(
            inbox.take().await,
            Some(Outgoing::Recheck { doubted: true })
        ));
        assert!(matches!(inbox.take().await, Some(Outgoing::Frame(_))));
        assert!(inbox.take_waiting().is_none());
    }
}
