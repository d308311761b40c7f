//! A ticket and what is said on it, kept up to date while its page is open.

mod company;
mod follow;
mod reading;
mod writers;

use leptos::{prelude::*, task::spawn_local};
use shared::{
    TicketId, UserId,
    messages::{ListMessages, Message, MessageList, MessageQuery, SenderType},
    tickets::Ticket,
    users::User,
    view::Thread,
};

pub(super) use company::Colleague;
use company::Company;

use super::{
    cache::{self, Kept},
    keeper,
    outbox::{Outbox, use_outbox},
};
use crate::reactive::{Memo, RwSignal, StoredValue, memo};
use crate::{
    api::{Api, use_api},
    components::toast::{Toasts, use_toasts},
    live::{Live, use_live},
    session::Who,
};

/// How many messages one answer brings.
pub(super) const STEP: u32 = 100;

/// Who looks at the ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Viewer {
    pub(super) side: SenderType,
    /// None for a guest.
    id: Option<UserId>,
    /// See `super::keeper`.
    pub(super) keeper: String,
}

impl Viewer {
    pub(super) fn of(who: &Who) -> Self {
        let side = match who {
            Who::User(user) if is_agent(user) => SenderType::Admin,
            Who::User(_) | Who::Guest(_) | Who::Visitor => SenderType::Customer,
        };
        let id = match who {
            Who::User(user) => Some(user.id),
            Who::Guest(_) | Who::Visitor => None,
        };
        Self {
            side,
            id,
            keeper: keeper(who).unwrap_or_default(),
        }
    }

    /// Is it this viewer, in whatever tab? A customer's side has one voice, agents are told apart.
    fn is(&self, side: SenderType, id: UserId) -> bool {
        side == self.side && (side == SenderType::Customer || Some(id) == self.id)
    }

    /// Did this viewer write it?
    pub(super) fn wrote(&self, message: &Message) -> bool {
        self.is(message.sender_type, message.sender_id)
    }

    /// Is it something said by somebody else, on either side?
    pub(super) fn hears(&self, message: &Message) -> bool {
        !message.is_system && !self.wrote(message)
    }
}

fn is_agent(user: &User) -> bool {
    user.role.may(shared::Permission::SeeAllTickets)
}

/// Whether the ticket itself is being asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asking {
    Not,
    Once,
    /// And once more after that: there was news meanwhile.
    Again,
}

/// The conversation of the open page.
#[derive(Clone, Copy)]
pub(super) struct Conversation {
    pub(super) id: TicketId,
    thread: RwSignal<Thread>,
    has_older: RwSignal<bool>,
    fetching_older: RwSignal<bool>,
    viewer: StoredValue<Viewer>,
    /// The last number that was on screen in a visible tab.
    seen: RwSignal<i64>,
    /// The number before the first new message: the line stays until the ticket is left.
    news_after: RwSignal<Option<i64>>,
    /// Is the end of the thread on screen?
    at_end: RwSignal<bool>,
    /// Asks the thread to go to its end.
    pull: RwSignal<u32>,
    /// False while a conversation that was left hears what it missed.
    current: StoredValue<bool>,
    asking: StoredValue<Asking>,
    company: Company,
    api: Api,
    live: Live,
    outbox: Outbox,
    toasts: Toasts,
}

impl Conversation {
    /// Opens a conversation from what the server said.
    pub(super) fn open(viewer: Viewer, ticket: Ticket, list: MessageList) -> Self {
        // The two answers may be a moment apart: what only one of them knows comes again over the connection.
        let seq = ticket.seq.min(list.seq);
        let unread = ticket.unread;
        let mut messages = list.messages;
        messages.retain(|message| message.seq <= seq);
        let thread = Thread {
            ticket: Ticket { seq, ..ticket },
            messages,
        };
        Self::start(
            viewer,
            Kept {
                thread,
                has_older: list.has_more,
            },
            unread,
        )
    }

    /// Opens a conversation as it was left, then asks what is different now.
    pub(super) fn reopen(viewer: Viewer, kept: Kept) -> Self {
        let conversation = Self::start(viewer, kept, 0);
        conversation.current.set_value(false);
        conversation.refetch();
        conversation
    }

    fn start(viewer: Viewer, kept: Kept, unread: i32) -> Self {
        let before = reading::before_unread(&kept.thread, viewer.side, unread);
        let conversation = Self {
            id: kept.thread.ticket.id,
            seen: RwSignal::new(before.unwrap_or(kept.thread.ticket.seq)),
            news_after: RwSignal::new(before),
            thread: RwSignal::new(kept.thread),
            has_older: RwSignal::new(kept.has_older),
            fetching_older: RwSignal::new(false),
            viewer: StoredValue::new(viewer),
            at_end: RwSignal::new(true),
            pull: RwSignal::new(0),
            current: StoredValue::new(true),
            asking: StoredValue::new(Asking::Not),
            company: Company::new(),
            api: use_api(),
            live: use_live(),
            outbox: use_outbox(),
            toasts: use_toasts(),
        };
        conversation.follow_live();
        conversation.follow_outbox();
        conversation.follow_reader();
        on_cleanup(move || conversation.leave());
        conversation
    }

    /// What is known now; reading it follows changes.
    pub(super) fn thread(self) -> RwSignal<Thread> {
        self.thread
    }

    /// A part of the ticket, which changes only when that part does.
    pub(super) fn part<T: PartialEq + Send + Sync + 'static>(self, of: fn(&Ticket) -> T) -> Memo<T> {
        memo(move || self.thread.with(|thread| of(&thread.ticket)))
    }

    pub(super) fn viewer(self) -> Viewer {
        self.viewer.get_value()
    }

    pub(super) fn outbox(self) -> Outbox {
        self.outbox
    }

    pub(super) fn toasts(self) -> Toasts {
        self.toasts
    }

    pub(super) fn api(self) -> Api {
        self.api
    }

    /// Are there messages before the first one shown?
    pub(super) fn has_older(self) -> RwSignal<bool> {
        self.has_older
    }

    pub(super) fn is_fetching_older(self) -> RwSignal<bool> {
        self.fetching_older
    }

    /// Fetches the messages before the first one shown.
    pub(super) fn fetch_older(self) {
        let first = self
            .thread
            .with_untracked(|thread| thread.messages.first().map(|message| message.seq));
        let Some(first) = first.filter(|_| !self.fetching_older.get_untracked()) else {
            return;
        };
        self.fetching_older.set(true);
        spawn_local(async move {
            let query = MessageQuery {
                before: Some(first),
                limit: Some(STEP),
                ..MessageQuery::default()
            };
            let answer = self.api.call(ListMessages, self.id.into(), query).await;
            if self.thread.is_disposed() {
                return;
            }
            match answer {
                Ok(mut list) => {
                    self.thread.update(|thread| {
                        list.messages.append(&mut thread.messages);
                        thread.messages = list.messages;
                    });
                    self.has_older.set(list.has_more);
                }
                Err(error) => self.toasts.failed(&error),
            }
            self.fetching_older.set(false);
        });
    }

    /// Goes to the end of the thread.
    pub(super) fn show_end(self) {
        self.at_end.set(true);
        self.pull.update(|n| *n = n.wrapping_add(1));
    }

    /// Changes whenever the thread is asked to go to its end.
    pub(super) fn pull(self) -> RwSignal<u32> {
        self.pull
    }

    /// Changes the ticket on screen before the server has said so.
    pub(super) fn pretend(self, with: impl FnOnce(&mut Ticket)) {
        self.thread.update(|thread| with(&mut thread.ticket));
    }

    /// Takes the ticket as the server shows it; the messages that belong to it come on their own way.
    pub(super) fn adopt(self, ticket: &Ticket) {
        let behind = self.thread.try_update(|thread| {
            let seq = thread.ticket.seq;
            if ticket.seq >= seq {
                thread.ticket = Ticket {
                    seq,
                    ..ticket.clone()
                };
            }
            ticket.seq > seq
        });
        if behind == Some(true) && !self.live.is_in(self.id) {
            self.catch_up();
        }
    }

    fn leave(self) {
        let kept = self
            .thread
            .try_get_untracked()
            .zip(self.has_older.try_get_untracked());
        let keeper = self.viewer.try_with_value(|viewer| viewer.keeper.clone());
        if let Some(((thread, has_older), keeper)) = kept.zip(keeper) {
            cache::keep(&keeper, Kept { thread, has_older });
        }
    }
}
