//! The sending half of a WebSocket, bounded in bytes: actix-ws counts the messages that wait, however long each is.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use actix_web::{
    HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    web::Bytes,
};
use actix_ws::{CloseCode, CloseReason, Closed, Session};
use bytestring::ByteString;
use tokio::sync::Notify;

use super::wire::Gone;

/// So many bytes may wait before whoever says more has to wait too.
const WAITING: usize = 32 * 1024;

/// The sending half of a WebSocket.
#[derive(Clone)]
pub(super) struct Speech {
    session: Session,
    flow: Arc<Flow>,
}

/// What was said and has not gone out.
#[derive(Default)]
struct Flow {
    waiting: AtomicUsize,
    gone_out: Notify,
}

impl Speech {
    /// Over this session, whose words go out with that answer.
    pub(super) fn new(session: Session, answer: HttpResponse) -> (Self, HttpResponse) {
        let flow = Arc::new(Flow::default());
        let counted = Arc::clone(&flow);
        let answer = answer.map_body(|_, body| BoxBody::new(Counted { body, flow: counted }));
        (Self { session, flow }, answer)
    }

    pub(super) async fn text(&mut self, text: impl Into<ByteString>) -> Result<(), Gone> {
        let text = text.into();
        while self.flow.waiting.load(Ordering::Relaxed) >= WAITING {
            self.flow.gone_out.notified().await;
        }
        self.flow.waiting.fetch_add(text.len(), Ordering::Relaxed);
        over(self.session.text(text).await)
    }

    pub(super) async fn ping(&mut self) -> Result<(), Gone> {
        over(self.session.ping(b"").await)
    }

    pub(super) async fn pong(&mut self, bytes: &[u8]) -> Result<(), Gone> {
        over(self.session.pong(bytes).await)
    }

    pub(super) async fn close(&self, code: CloseCode) {
        let reason = CloseReason {
            code,
            description: None,
        };
        drop(self.session.clone().close(Some(reason)).await);
    }
}

fn over(sent: Result<(), Closed>) -> Result<(), Gone> {
    sent.map_err(|_| Gone)
}

/// An answer's body that tells when it is taken. Each time, that is all that waited: it lives on the same thread as
/// whoever speaks.
struct Counted {
    body: BoxBody,
    flow: Arc<Flow>,
}

impl MessageBody for Counted {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let next = Pin::new(&mut self.body).poll_next(cx);
        if next.is_ready() {
            self.flow.waiting.store(0, Ordering::Relaxed);
            self.flow.gone_out.notify_one();
        }
        next
    }
}
