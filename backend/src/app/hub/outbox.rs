//! What waits for one connection: bounded in frames and in bytes, so that one who stops reading costs little.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::Frame;

/// How many things may wait; one more and the connection is cut, to catch up by `since`.
const FRAMES: usize = 256;
/// How many bytes of frames may wait. A single frame that is larger may wait alone.
const BYTES: usize = 192 * 1024;

/// Something for a connection.
#[derive(Clone)]
pub enum Outgoing {
    Frame(Frame),
    /// Prove again who you are.
    Recheck,
    /// The server stops: come back in a moment.
    Goodbye,
}

impl Outgoing {
    fn size(&self) -> usize {
        match self {
            Self::Frame(frame) => frame.size(),
            Self::Recheck | Self::Goodbye => 0,
        }
    }
}

/// Where the hub puts things.
pub(super) struct Outbox {
    queue: Sender<Outgoing>,
    waiting: Arc<AtomicUsize>,
}

/// Where the connection takes them.
pub struct Inbox {
    queue: Receiver<Outgoing>,
    waiting: Arc<AtomicUsize>,
}

/// Both ends.
pub(super) fn pair() -> (Outbox, Inbox) {
    let (sender, receiver) = channel(FRAMES);
    let waiting = Arc::new(AtomicUsize::new(0));
    let outbox = Outbox {
        queue: sender,
        waiting: Arc::clone(&waiting),
    };
    let inbox = Inbox {
        queue: receiver,
        waiting,
    };
    (outbox, inbox)
}

impl Outbox {
    /// Puts something in without waiting; false when it does not fit or nobody takes it any more.
    pub(super) fn put(&self, outgoing: Outgoing) -> bool {
        let size = outgoing.size();
        let before = self.waiting.fetch_add(size, Ordering::Relaxed);
        (size == 0 || before == 0 || before + size <= BYTES) && self.queue.try_send(outgoing).is_ok()
    }
}

impl Inbox {
    /// The next thing; none once the hub has cut the connection. Dropping the future loses nothing.
    pub async fn take(&mut self) -> Option<Outgoing> {
        let outgoing = self.queue.recv().await?;
        Some(self.taken(outgoing))
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
    async fn a_large_frame_may_wait_alone() {
        let (outbox, mut inbox) = pair();
        assert!(outbox.put(frame(BYTES * 2)));
        assert!(outbox.put(Outgoing::Recheck));
        assert!(!outbox.put(frame(1)));
        assert!(inbox.take().await.is_some());
    }
}
