//! Writing an answer or a note: drafts that survive, files, and sending that never loses a word.

mod editor;

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use shared::{
    Status,
    messages::{Message, SenderType},
};

use super::{
    conversation::Conversation,
    draft::{Mode, Place},
    files::Files,
    guard::Held,
    keys,
    outbox::{News, Unsent},
};
use crate::{
    dom,
    reactive::{NodeRef, RwSignal, StoredValue, effect, on_change},
    text::use_text,
};
pub(super) use editor::Composer;

/// A draft is saved this long after the last key.
const SAVE_MS: u32 = 600;

/// One thing being written.
#[derive(Clone, Copy)]
struct Sheet {
    text: RwSignal<String>,
    files: Files,
    place: StoredValue<Place>,
}

impl Sheet {
    fn save(self) {
        if let Some(text) = self.text.try_get_untracked() {
            self.place.try_with_value(|place| place.keep(&text));
        }
    }
}

/// The composer's state.
#[derive(Clone, Copy)]
pub(super) struct Writing {
    conversation: Conversation,
    mode: RwSignal<Mode>,
    reply: Sheet,
    note: Sheet,
    held: RwSignal<Held>,
    /// The last number that the guard has shown and its writer has overruled.
    overruled: StoredValue<i64>,
    /// Sent as soon as the files have arrived, with this status to set.
    pending: RwSignal<Option<(Mode, Option<Status>)>>,
    /// What keeps it from being sent.
    fault: RwSignal<Option<&'static str>>,
    saved: RwSignal<bool>,
    field: NodeRef<web_sys::HtmlTextAreaElement>,
}

impl Writing {
    pub(super) fn new(conversation: Conversation) -> Self {
        let viewer = conversation.viewer();
        let sheet = |mode| {
            let place = Place::new(&viewer.keeper, conversation.id, mode);
            Sheet {
                text: RwSignal::new(place.get()),
                files: Files::new(),
                place: StoredValue::new(place),
            }
        };
        let writing = Self {
            conversation,
            mode: RwSignal::new(Mode::Reply),
            reply: sheet(Mode::Reply),
            note: sheet(Mode::Note),
            held: RwSignal::new(Held::default()),
            overruled: StoredValue::new(0),
            pending: RwSignal::new(None),
            fault: RwSignal::new(None),
            saved: RwSignal::new(false),
            field: NodeRef::default(),
        };
        writing.save_drafts();
        writing.send_when_uploaded();
        conversation.outbox().attend(conversation.id, move |news| {
            if let News::Stale(unsent, unseen) = news {
                writing.take_back(unsent, unseen);
            }
        });
        if viewer.side == SenderType::Admin {
            writing.hear_keys();
        }
        writing
    }

    fn sheet(self) -> Sheet {
        self.sheet_of(self.mode.get())
    }

    fn sheet_of(self, mode: Mode) -> Sheet {
        match mode {
            Mode::Reply => self.reply,
            Mode::Note => self.note,
        }
    }

    /// Is there anything to send?
    fn is_filled(self) -> bool {
        let sheet = self.sheet();
        sheet.text.with(|text| !text.is_empty()) || !sheet.files.is_empty()
    }

    pub(super) fn write(self, mode: Mode) {
        self.mode.set(mode);
        self.fault.set(None);
        if let Some(field) = self.field.get_untracked() {
            dom::focus(&field);
        }
    }

    /// Sends what is written, unless something was said that the writer has not seen.
    fn send(self, then: Option<Status>) {
        let unseen = self.unseen();
        if !unseen.is_empty() && untrack(|| self.mode.get()) == Mode::Reply {
            self.held.set(Held { unseen, then });
            return;
        }
        self.send_now(then);
    }

    /// The writer knows what was said, and sends it all the same. What came after that he does not know.
    fn send_anyway(self) {
        let Held { unseen, then } = self.held.get_untracked();
        if let Some(last) = unseen.last() {
            self.overruled.set_value(last.seq);
        }
        self.mode.set(Mode::Reply);
        self.send(then);
    }

    /// Not sent: the writer looks at what was said first. His line may be down, or he would have seen it.
    fn look(self) {
        self.held.set(Held::default());
        self.conversation.catch_up();
        self.conversation.show_end();
        self.write(Mode::Reply);
    }

    /// The last number that the writer knows, from the thread or from the guard.
    fn seen(self) -> i64 {
        self.conversation
            .seen()
            .get_untracked()
            .max(self.overruled.get_value())
    }

    /// An agent who scrolled up, or whose tab was hidden, may not know what was said meanwhile.
    fn unseen(self) -> Vec<Message> {
        let viewer = self.conversation.viewer();
        if viewer.side == SenderType::Customer {
            return Vec::new();
        }
        let seen = self.seen();
        self.conversation.thread().with_untracked(|thread| {
            thread
                .messages
                .iter()
                .filter(|m| m.seq > seen && viewer.hears(m) && !m.internal)
                .cloned()
                .collect()
        })
    }

    fn send_now(self, then: Option<Status>) {
        let sheet = untrack(|| self.sheet());
        let t = &use_text().tickets.composer;
        self.held.set(Held::default());
        if untrack(|| sheet.files.has_failed()) {
            return self.fault.set(Some(t.failed_files));
        }
        let content = sheet.text.get_untracked();
        if content.trim().is_empty() && untrack(|| sheet.files.is_empty()) {
            return self.write(self.mode.get_untracked());
        }
        if content.chars().count() > shared::check::limit::MESSAGE {
            return self.fault.set(Some(t.too_long));
        }
        if untrack(|| sheet.files.is_busy()) {
            return self.pending.set(Some((self.mode.get_untracked(), then)));
        }
        let internal = self.mode.get_untracked() == Mode::Note;
        let guarded = !internal && self.conversation.viewer().side == SenderType::Admin;
        // The bubble is at the end, and so is its writer.
        self.conversation.show_end();
        self.conversation.outbox().send(Unsent {
            client_id: dom::uuid(),
            ticket: self.conversation.id,
            content: content.trim().to_owned(),
            files: sheet.files.stored(),
            internal,
            seen_seq: guarded.then(|| self.seen()),
            then,
            refused: None,
        });
        self.empty(sheet);
    }

    fn empty(self, sheet: Sheet) {
        sheet.text.set(String::new());
        sheet.place.with_value(|place| place.keep(""));
        sheet.files.clear();
        self.fault.set(None);
        self.saved.set(false);
    }

    /// The server held it back: the words return to the field, if that is free.
    fn take_back(self, unsent: &Unsent, unseen: &[Message]) {
        if self.held.is_disposed() {
            return;
        }
        let free = self.reply.text.with_untracked(|text| text.trim().is_empty());
        if free {
            self.reply.text.set(unsent.content.clone());
            self.reply.files.restore(unsent.files.clone());
            self.reply.place.with_value(|place| place.keep(&unsent.content));
            self.mode.set(Mode::Reply);
            self.held.set(Held {
                unseen: unseen.to_vec(),
                then: unsent.then,
            });
        } else {
            let why = use_text().tickets.composer.stale.to_owned();
            self.conversation.catch_up();
            self.conversation.outbox().put_aside(Unsent {
                refused: Some(why),
                ..unsent.clone()
            });
        }
    }

    fn save_drafts(self) {
        for sheet in [self.reply, self.note] {
            let timer = StoredValue::new(None::<Timeout>);
            let changed = move || {
                let is_blank = sheet.text.with_untracked(|text| text.trim().is_empty());
                self.saved.set(false);
                timer.set_value(Some(Timeout::new(SAVE_MS, move || {
                    sheet.save();
                    self.saved.try_set(!is_blank);
                })));
            };
            on_change(move || sheet.text.track(), changed);
            // Leaving at once loses nothing.
            let leaving = window_event_listener_untyped("pagehide", move |_| sheet.save());
            on_cleanup(move || {
                leaving.remove();
                timer.set_value(None);
                sheet.save();
            });
        }
    }

    fn send_when_uploaded(self) {
        effect(move || {
            let Some((mode, then)) = self.pending.get() else {
                return;
            };
            if !self.sheet_of(mode).files.is_busy() {
                self.pending.set(None);
                // Its writer may be at the other sheet by now.
                let at = self.mode.get_untracked();
                self.mode.set(mode);
                self.send(then);
                if self.held.with_untracked(|held| held.unseen.is_empty()) {
                    self.mode.set(at);
                }
            }
        });
    }

    /// `r` writes an answer, `n` a note.
    fn hear_keys(self) {
        keys::hear(move |key| {
            match key {
                "r" => self.write(Mode::Reply),
                "n" => self.write(Mode::Note),
                _ => return false,
            }
            true
        });
    }

    pub(super) fn add_files(self, files: Vec<web_sys::File>) {
        let sheet = untrack(|| self.sheet());
        self.fault.set(None);
        for key in sheet.files.add(files) {
            sheet.files.upload(key, self.conversation.id, true);
        }
    }
}
