//! Who else is here: who has the ticket open, who is writing, and how far the other side has read.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use shared::{
    live::{Person, ServerEvent, TypingNews},
    messages::{Message, SenderType},
    view::Thread,
};

use super::{
    Conversation, Viewer,
    writers::{self, Person as Writer},
};
use crate::reactive::{Memo, RwSignal, StoredValue, memo};

/// Without another sign, somebody has stopped writing after this long.
const TYPING_MS: u32 = 6_000;

/// The others at the open ticket.
#[derive(Clone, Copy)]
pub(super) struct Company {
    people: RwSignal<Vec<Person>>,
    typing: RwSignal<Vec<TypingNews>>,
    /// When each of those is taken to have stopped.
    silences: StoredValue<Vec<(Writer, Timeout)>>,
    read_seq: RwSignal<i64>,
}

impl Company {
    pub(super) fn new() -> Self {
        let company = Self {
            people: RwSignal::new(Vec::new()),
            typing: RwSignal::new(Vec::new()),
            silences: StoredValue::new(Vec::new()),
            read_seq: RwSignal::new(0),
        };
        on_cleanup(move || {
            company.silences.set_value(Vec::new());
        });
        company
    }

    /// Takes what the connection tells about the others; of what `me` does in another tab it tells too.
    pub(super) fn hear(self, event: &ServerEvent, me: &Viewer) {
        match event {
            ServerEvent::Presence(news) => {
                self.people.try_set(news.people.clone());
            }
            ServerEvent::Joined(joined) => self.read_to(joined.read_seq),
            ServerEvent::Read(news) => self.read_to(news.seq),
            ServerEvent::Typing(news) if !me.is(news.sender_type, news.user_id) => self.write(news),
            ServerEvent::Welcome(_)
            | ServerEvent::Left(_)
            | ServerEvent::Typing(_)
            | ServerEvent::NewMessage(_)
            | ServerEvent::StatusChanged(_)
            | ServerEvent::Assigned(_)
            | ServerEvent::PriorityChanged(_)
            | ServerEvent::TicketCreated(_)
            | ServerEvent::TicketUpdated(_)
            | ServerEvent::Unread(_)
            | ServerEvent::NotificationsRead(_)
            | ServerEvent::AttachmentsChanged(_)
            | ServerEvent::Pong(_)
            | ServerEvent::Resync(_)
            | ServerEvent::ErrorMessage(_) => {}
        }
    }

    fn read_to(self, seq: i64) {
        if self.read_seq.try_get_untracked().is_some_and(|known| known < seq) {
            self.read_seq.try_set(seq);
        }
    }

    fn write(self, news: &TypingNews) {
        let who = writers::person(news);
        let silence = news
            .typing
            .then(|| (who, Timeout::new(TYPING_MS, move || self.stop(who))));
        self.silences.update_value(|all| {
            all.retain(|(known, _)| *known != who);
            all.extend(silence);
        });
        self.typing.maybe_update(|typing| writers::hear(typing, news));
    }

    fn stop(self, who: Writer) {
        self.silences
            .update_value(|all| all.retain(|(known, _)| *known != who));
        self.typing.maybe_update(|typing| writers::stop(typing, who));
    }

    /// Who has said something is not writing it any more.
    pub(super) fn has_said(self, message: &Message) {
        self.stop((message.sender_type, message.sender_id));
    }
}

/// A colleague who has the ticket open too.
pub(in super::super) struct Colleague {
    pub(in super::super) name: String,
    /// The tab is behind something else.
    pub(in super::super) hidden: bool,
    pub(in super::super) typing: bool,
}

impl Conversation {
    /// Who is writing right now.
    pub(in super::super) fn typing(self) -> RwSignal<Vec<TypingNews>> {
        self.company.typing
    }

    /// The colleagues who have the ticket open too, and whether the customer looks at it.
    pub(in super::super) fn company(self) -> (Vec<Colleague>, bool) {
        let me = self.viewer.with_value(|viewer| viewer.id);
        let writing: Vec<Writer> = self
            .company
            .typing
            .with(|typing| typing.iter().map(writers::person).collect());
        let (mut colleagues, mut customer) = (Vec::new(), false);
        self.company.people.with(|people| {
            for person in people {
                match person.sender_type {
                    SenderType::Customer => customer |= !person.hidden,
                    SenderType::Admin if Some(person.user_id) == me => {}
                    SenderType::Admin => colleagues.push(Colleague {
                        name: person.name.clone(),
                        hidden: person.hidden,
                        typing: writing.contains(&(person.sender_type, person.user_id)),
                    }),
                }
            }
        });
        (colleagues, customer)
    }

    /// The last message of the viewer's side that the other side has read.
    pub(in super::super) fn last_read(self) -> Memo<Option<i64>> {
        let side = self.viewer.with_value(|viewer| viewer.side);
        memo(move || {
            let read = self.company.read_seq.get();
            self.thread.with(|thread| last_of(thread, side, read))
        })
    }
}

fn last_of(thread: &Thread, side: SenderType, read: i64) -> Option<i64> {
    let own = |message: &&Message| {
        !message.is_system && !message.internal && message.sender_type == side && message.seq <= read
    };
    thread.messages.iter().rev().find(own).map(|message| message.seq)
}
