//! What a form knows while it is filled in and sent: busy, faults of fields, and why it failed.

use leptos::{prelude::*, task::spawn_local};
use shared::FieldErrors;

use crate::{
    api::ApiError,
    components::banner::{Banner, Tone},
    dom,
    reactive::{RwSignal, StoredValue, optional},
    text::{current_lang, use_text},
};

/// The state of a form. Fields read it by their name; give the `<form>` element `id=form.id()`.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    id: StoredValue<String>,
    busy: RwSignal<bool>,
    /// Field and sentence; a handful, so a list will do.
    errors: RwSignal<Vec<(String, String)>>,
    failure: RwSignal<Option<ApiError>>,
}

impl Form {
    /// An untouched form.
    pub(crate) fn new() -> Self {
        Self {
            id: StoredValue::new(dom::uid()),
            busy: RwSignal::new(false),
            errors: RwSignal::new(Vec::new()),
            failure: RwSignal::new(None),
        }
    }

    /// The id of the `<form>` element.
    pub(crate) fn id(self) -> String {
        self.id.get_value()
    }

    /// Is it being sent?
    pub(crate) const fn busy(self) -> RwSignal<bool> {
        self.busy
    }

    /// What went wrong beyond single fields.
    pub(crate) const fn failure(self) -> RwSignal<Option<ApiError>> {
        self.failure
    }

    /// The sentence under a field.
    pub(crate) fn error(self, field: &str) -> Option<String> {
        self.errors.with(|errors| {
            errors
                .iter()
                .find(|(known, _)| known == field)
                .map(|(_, fault)| fault.clone())
        })
    }

    /// The field was changed: what was wrong with it may be right now.
    pub(crate) fn touch(self, field: &str) {
        if self
            .errors
            .with_untracked(|errors| errors.iter().any(|(known, _)| known == field))
        {
            self.errors
                .update(|errors| errors.retain(|(known, _)| known != field));
        }
    }

    /// Starts sending; `false` if it is being sent already.
    pub(crate) fn start(self) -> bool {
        if self.busy.get_untracked() {
            return false;
        }
        self.errors.set(Vec::new());
        self.failure.set(None);
        self.busy.set(true);
        true
    }

    /// Sending ended well.
    pub(crate) fn finish(self) {
        self.busy.set(false);
    }

    /// Our own check found faults: nothing was sent.
    pub(crate) fn reject(self, faults: &FieldErrors) {
        let lang = current_lang();
        self.show(
            faults
                .iter()
                .map(|(field, fault)| (field.clone(), fault.text(lang)))
                .collect(),
        );
    }

    /// A fault that only the form knows of, such as two passwords that differ.
    pub(crate) fn blame(self, field: &str, fault: &str) {
        self.show(vec![(field.to_owned(), fault.to_owned())]);
    }

    /// The server refused: faults go under their fields, the rest into the banner.
    pub(crate) fn fail(self, error: ApiError) {
        let faults = match &error {
            ApiError::Refused(refusal) => refusal.faults.clone(),
            ApiError::Network | ApiError::Aborted => Vec::new(),
        };
        let has_faults = !faults.is_empty();
        self.show(faults);
        if !has_faults {
            self.failure.set(Some(error));
        }
    }

    fn show(self, faults: Vec<(String, String)>) {
        self.busy.set(false);
        self.errors.set(faults);
        let id = self.id();
        spawn_local(async move {
            // After the marks are drawn.
            dom::sleep(0).await;
            let bad = dom::by_id(&id).and_then(|form| dom::first(&form, "[aria-invalid=true]"));
            if let Some(field) = bad {
                dom::focus(&field);
            }
        });
    }
}

/// The failure of a form that belongs to no single field.
#[component]
pub(crate) fn FormFailure(form: Form) -> impl IntoView {
    let t = use_text();
    optional(move || {
        form.failure().get().map(|error| {
            let id = error.request_id().map(|id| format!("{} {id}", t.request_id));
            view! {
                <Banner tone=Tone::Danger>
                    <span>{error.message(t)} {id.map(|id| view! { <small class="muted mono">" " {id}</small> })}</span>
                </Banner>
            }
        })
    })
}
