//! What has been read: the new-message line, how much is unseen below, and telling the server.

use leptos::prelude::*;
use shared::{
    live::{Attention, ClientEvent, ServerEvent},
    messages::SenderType,
    view::Thread,
};

use super::Conversation;
use crate::{
    dom::is_visible,
    reactive::{RwSignal, effect, on_change},
};

impl Conversation {
    /// What is on screen in a visible tab counts as read.
    pub(super) fn follow_reader(self) {
        let visible = RwSignal::new(is_visible());
        // It bubbles from the document.
        let watch = window_event_listener_untyped("visibilitychange", move |_| visible.set(is_visible()));
        on_cleanup(move || watch.remove());
        on_change(move || visible.track(), move || self.say_attention());
        effect(move || {
            let seq = self.thread.with(Thread::seq);
            let reading = self.at_end.get() && visible.get();
            if reading && seq > self.seen.get_untracked() {
                self.seen.set(seq);
                self.say_read();
            }
        });
    }

    /// Tells whether the ticket is in front. Who enters a room is taken to look at it.
    pub(super) fn say_attention(self) {
        self.live.say(&ClientEvent::Presence(Attention {
            ticket_id: self.id,
            hidden: !is_visible(),
        }));
    }

    /// Whether the end of the thread is on screen; the thread says so.
    pub(in super::super) fn at_end(self) -> RwSignal<bool> {
        self.at_end
    }

    /// The last number that was on screen.
    pub(in super::super) fn seen(self) -> RwSignal<i64> {
        self.seen
    }

    /// The number after which everything is new to the reader.
    pub(in super::super) fn news_after(self) -> RwSignal<Option<i64>> {
        self.news_after
    }

    /// How many messages of others lie below what is on screen.
    pub(in super::super) fn unseen(self) -> usize {
        let seen = self.seen.get();
        self.viewer.with_value(|viewer| {
            self.thread.with(|thread| {
                thread
                    .messages
                    .iter()
                    .rev()
                    .take_while(|m| m.seq > seen)
                    .filter(|m| viewer.hears(m))
                    .count()
            })
        })
    }

    /// Something new comes while nobody looks: the line goes before it.
    pub(super) fn mark_news(self, event: &ServerEvent) {
        let Some((_, seq, message)) = event.durable() else {
            return;
        };
        let looking = self.at_end.get_untracked() && is_visible() && self.current.get_value();
        let heard = self.viewer.with_value(|viewer| viewer.hears(message));
        let all_seen = self.seen.get_untracked() >= self.thread.with_untracked(Thread::seq);
        if heard && !looking && all_seen {
            self.news_after.set(Some(seq - 1));
        }
    }
}

/// The number before the first of the last `unread` messages of the other side.
pub(super) fn before_unread(thread: &Thread, side: SenderType, unread: i32) -> Option<i64> {
    let unread = usize::try_from(unread).ok().filter(|unread| *unread > 0)?;
    let others = thread
        .messages
        .iter()
        .rev()
        .filter(|m| !m.is_system && !m.internal && m.sender_type != side);
    others.take(unread).last().map(|message| message.seq - 1)
}
