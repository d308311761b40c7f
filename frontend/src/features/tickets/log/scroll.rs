//! The thread's scroll position: it follows at the end, stays where somebody reads, and keeps its place when older
//! messages come in above.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};

use crate::features::tickets::conversation::Conversation;
use crate::reactive::{NodeRef, StoredValue, effect, on_change};

/// This close to the end counts as being there, in pixels.
const NEAR: i32 = 24;

/// The position of one thread.
#[derive(Clone, Copy)]
pub(super) struct Scroll {
    node: NodeRef,
    conversation: Conversation,
    /// How tall the thread was, and which message was its first.
    before: StoredValue<(i32, Option<i64>)>,
}

/// Watches the sizes of the scroller and of the thread in it.
struct Watch {
    observer: web_sys::ResizeObserver,
    _heard: Closure<dyn FnMut()>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

impl Scroll {
    pub(super) fn new(node: NodeRef, conversation: Conversation) -> Self {
        let scroll = Self {
            node,
            conversation,
            before: StoredValue::new((0, None)),
        };
        let watch = StoredValue::new(None::<Watch>);
        effect(move || {
            if let Some(element) = node.get() {
                scroll.start();
                watch.set_value(scroll.watch(&element));
            }
        });
        on_cleanup(move || drop(watch.try_update_value(Option::take)));
        on_change(move || conversation.pull().track(), move || scroll.to_end());
        scroll
    }

    /// At first: the new-message line if there is one, else the end.
    fn start(self) {
        let Some(element) = self.node.get_untracked() else {
            return;
        };
        self.remember(&element);
        match element.query_selector(".day--new").ok().flatten() {
            Some(line) => {
                let top = line.get_bounding_client_rect().top() - element.get_bounding_client_rect().top();
                element.set_scroll_top(element.scroll_top() + top as i32 - 16);
                self.moved();
            }
            None => element.set_scroll_top(element.scroll_height()),
        }
    }

    fn watch(self, element: &web_sys::HtmlElement) -> Option<Watch> {
        let heard = Closure::<dyn FnMut()>::new(move || self.settle());
        let observer = web_sys::ResizeObserver::new(heard.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        if let Some(thread) = element.first_element_child() {
            observer.observe(&thread);
        }
        Some(Watch {
            observer,
            _heard: heard,
        })
    }

    /// Something grew or shrank.
    fn settle(self) {
        let (Some(element), Some((height, first))) = (self.node.get_untracked(), self.before.try_get_value())
        else {
            return;
        };
        let now_first = self.first();
        if self.conversation.at_end().get_untracked() {
            element.set_scroll_top(element.scroll_height());
        } else if first != now_first {
            // Older messages came in above: what was read stays in its place.
            element.set_scroll_top(element.scroll_top() + element.scroll_height() - height);
        }
        self.remember(&element);
    }

    fn remember(self, element: &web_sys::Element) {
        self.before.set_value((element.scroll_height(), self.first()));
    }

    fn first(self) -> Option<i64> {
        self.conversation
            .thread()
            .with_untracked(|thread| thread.messages.first().map(|message| message.seq))
    }

    /// The reader scrolled, or we did.
    pub(super) fn moved(self) {
        let Some(element) = self.node.get_untracked() else {
            return;
        };
        let below = element.scroll_height() - element.scroll_top() - element.client_height();
        let at_end = below <= NEAR;
        if self.conversation.at_end().get_untracked() != at_end {
            self.conversation.at_end().set(at_end);
        }
    }

    /// Down to what is new.
    pub(super) fn to_end(self) {
        if let Some(element) = self.node.get_untracked() {
            element.set_scroll_top(element.scroll_height());
            self.moved();
        }
    }
}
