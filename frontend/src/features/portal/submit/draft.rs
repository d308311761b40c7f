//! What is typed into the form, kept in this browser until it is submitted: a reload loses nothing.

use serde::{Deserialize, Serialize};
use shared::{Priority, meta::Meta};

use crate::{
    dom, json,
    reactive::{RwSignal, on_change},
    storage,
};

const PLACE: &str = "submit";

/// The fields.
#[derive(Clone, Copy)]
pub(super) struct Fields {
    pub(super) kind: RwSignal<String>,
    pub(super) title: RwSignal<String>,
    pub(super) description: RwSignal<String>,
    pub(super) priority: RwSignal<Priority>,
    pub(super) name: RwSignal<String>,
    pub(super) email: RwSignal<String>,
    pub(super) phone: RwSignal<String>,
    /// The `Idempotency-Key`: one form is one ticket, however often it is sent.
    pub(super) key: RwSignal<String>,
}

/// What is kept; whose it is, is not.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    kind: String,
    title: String,
    description: String,
    priority: Option<Priority>,
    key: String,
}

impl Fields {
    /// As they were left, or empty.
    pub(super) fn new(meta: &Meta) -> Self {
        let kept: Kept = storage::get(PLACE)
            .and_then(|text| json::read(&text))
            .unwrap_or_default();
        let first = || meta.types.first().cloned().unwrap_or_default();
        let kind = if meta.types.contains(&kept.kind) {
            kept.kind
        } else {
            first()
        };
        let key = if kept.key.is_empty() {
            dom::uuid()
        } else {
            kept.key
        };
        let text = || RwSignal::new(String::new());
        let fields = Self {
            kind: RwSignal::new(kind),
            title: RwSignal::new(kept.title),
            description: RwSignal::new(kept.description),
            priority: RwSignal::new(kept.priority.unwrap_or(Priority::Medium)),
            name: text(),
            email: text(),
            phone: text(),
            key: RwSignal::new(key),
        };
        on_change(move || drop(fields.kept()), move || keep(&fields.kept()));
        fields
    }

    fn kept(self) -> Kept {
        Kept {
            kind: self.kind.get(),
            title: self.title.get(),
            description: self.description.get(),
            priority: Some(self.priority.get()),
            key: self.key.get(),
        }
    }
}

fn keep(kept: &Kept) {
    if kept.title.is_empty() && kept.description.is_empty() {
        forget();
    } else {
        storage::set(PLACE, &json::write(kept));
    }
}

/// It is a ticket now.
pub(super) fn forget() {
    storage::remove(PLACE);
}
