//! How a conversation stays up to date: live events, gaps, fetching again, and the messages that went out.

use gloo_timers::future::TimeoutFuture;
use leptos::task::spawn_local;
use shared::{
    live::{ClientEvent, Read, ServerEvent, TicketChange, Typing},
    messages::{ChangeKind, ListMessages, Message, MessageQuery},
    tickets::GetTicket,
    view::{Applied, Thread},
};

use super::{Asking, Conversation};
use crate::{dom, features::tickets::outbox::News, reactive::StoredValue};

/// How often we say that we are writing.
const SAY_TYPING_MS: f64 = 3_000.0;
/// How soon a ticket is asked for again after that failed, and how often at most.
const AGAIN_MS: u32 = 3_000;
const MAX_FAILURES: u32 = 20;
/// The most messages in one answer while catching up.
const CATCH_UP: u32 = 500;

impl Conversation {
    pub(super) fn follow_live(self) {
        let since = move || {
            self.thread
                .try_with_untracked(|thread| thread.seq())
                .unwrap_or_default()
        };
        self.live.join(self.id, since, move |event| {
            self.viewer.with_value(|viewer| self.company.hear(event, viewer));
            if let ServerEvent::Joined(joined) = event {
                self.current.set_value(true);
                self.say_read();
                self.say_attention();
                if joined.seq > since() {
                    self.catch_up();
                }
            }
            if self.fold(event) == Applied::Gap {
                self.live.rejoin(self.id);
            }
        });
    }

    pub(super) fn follow_outbox(self) {
        self.outbox.attend(self.id, move |news| match news {
            News::Stored(message) => {
                if self.fold(&ServerEvent::NewMessage((*message).clone())) == Applied::Gap {
                    self.catch_up();
                }
            }
            News::Moved => self.catch_up(),
            // The composer's business.
            News::Stale(..) => {}
        });
    }

    /// Folds one event in.
    fn fold(self, event: &ServerEvent) -> Applied {
        let mut applied = Applied::Ignored;
        if self.thread.is_disposed() {
            return applied;
        }
        self.mark_news(event);
        self.thread.maybe_update(|thread| {
            applied = thread.apply(event);
            applied == Applied::Changed
        });
        if let Some((_, _, message)) = event.durable() {
            if applied != Applied::Changed {
                return applied;
            }
            if let Some(client_id) = &message.client_id {
                self.outbox.arrived(client_id);
            }
            self.company.has_said(message);
        }
        if self.thread.with_untracked(|thread| thread.needs_refetch(event)) {
            self.refetch();
        }
        applied
    }

    /// Asks over HTTP for what came after the last known number: the connection may be down, or lag behind.
    pub(in super::super) fn catch_up(self) {
        spawn_local(async move {
            let mut before = -1;
            while let Some(seq) = self
                .thread
                .try_with_untracked(Thread::seq)
                .filter(|seq| *seq > before)
            {
                before = seq;
                let query = MessageQuery {
                    after: Some(seq),
                    limit: Some(CATCH_UP),
                    ..MessageQuery::default()
                };
                let Ok(list) = self.api.call(ListMessages, self.id.into(), query).await else {
                    return;
                };
                for message in list.messages {
                    self.fold(&as_event(message));
                }
                if !list.has_more {
                    break;
                }
            }
            self.refetch();
        });
    }

    /// Asks for the ticket itself, one call after the other: an older answer must not come last. Failing is silent, and it
    /// is tried again while that may help.
    pub(in super::super) fn refetch(self) {
        let before = self.asking.try_update_value(|asking| {
            let next = if *asking == Asking::Not {
                Asking::Once
            } else {
                Asking::Again
            };
            std::mem::replace(asking, next)
        });
        if before == Some(Asking::Not) {
            spawn_local(self.keep_asking());
        }
    }

    async fn keep_asking(self) {
        let mut failures = 0;
        while failures < MAX_FAILURES {
            let answer = self.api.call(GetTicket, self.id.into(), Default::default()).await;
            if self.thread.is_disposed() {
                return;
            }
            let over = match answer {
                Ok(body) => {
                    self.adopt(&body.ticket);
                    true
                }
                Err(error) => !error.may_pass(),
            };
            if over && self.asking.try_get_value() != Some(Asking::Again) {
                break;
            }
            if !over {
                failures += 1;
                TimeoutFuture::new(AGAIN_MS).await;
            }
            self.asking.try_update_value(|asking| *asking = Asking::Once);
        }
        self.asking.try_update_value(|asking| *asking = Asking::Not);
    }

    /// A function to call at every key, and with `false` when nothing is being written any more; second, whether it is an
    /// internal note.
    pub(in super::super) fn tell_typing(self) -> impl Fn(bool, bool) + Copy + 'static {
        let said = StoredValue::new(0.0);
        move |typing: bool, internal: bool| {
            let now = dom::now_ms();
            let last = said.try_get_value().unwrap_or(now);
            let due = if typing {
                now - last > SAY_TYPING_MS
            } else {
                last > 0.0
            };
            if due {
                said.set_value(if typing { now } else { 0.0 });
                self.live.say(&ClientEvent::Typing(Typing {
                    ticket_id: self.id,
                    typing,
                    internal,
                }));
            }
        }
    }

    pub(super) fn say_read(self) {
        if let Some(seq) = self.seen.try_get_untracked().filter(|seq| *seq > 0) {
            self.live.say(&ClientEvent::Read(Read {
                ticket_id: self.id,
                seq,
            }));
        }
    }
}

/// The event that a stored message once was; whom an assignment names by id is left to the refetch.
fn as_event(message: Message) -> ServerEvent {
    let Some(change) = message.change.clone() else {
        return ServerEvent::NewMessage(message);
    };
    let kind = change.kind;
    let news = TicketChange {
        ticket_id: message.ticket_id,
        seq: message.seq,
        from: change.from,
        to: change.to,
        by: message.sender_name.clone(),
        assignee_id: None,
        message,
    };
    match kind {
        ChangeKind::Status | ChangeKind::Created => ServerEvent::StatusChanged(news),
        ChangeKind::Assignee => ServerEvent::Assigned(news),
        ChangeKind::Priority => ServerEvent::PriorityChanged(news),
    }
}
