//! Files being added: picked, dropped or pasted, checked before anything is sent, uploaded with progress.

mod picker;

use leptos::{prelude::*, task::spawn_local};
use shared::{TicketId, attachments::Attachment, check::limit, meta::Limits};

use crate::{
    api::{Api, ApiError, Upload, use_api},
    app::use_meta,
    components::file::{FileRow, FileState},
    dom, number,
    reactive::{RwSignal, StoredValue, each, memo, optional},
    text::{Text, fill, use_text},
};
pub(crate) use picker::{Drop, Picker, drop_target};

/// A file and how far it has come.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Picked {
    /// Also its `client_id`: a repeated upload stores nothing new.
    key: String,
    name: String,
    size: i64,
    state: FileState,
    /// Refused by ourselves: no use in trying again.
    hopeless: bool,
    stored: Option<Attachment>,
}

/// What the browser holds of a file.
struct Blob {
    key: String,
    file: web_sys::File,
    abort: Option<web_sys::AbortController>,
}

/// The files of one form.
#[derive(Clone, Copy)]
pub(crate) struct Files {
    items: RwSignal<Vec<Picked>>,
    blobs: StoredValue<Vec<Blob>>,
    limits: StoredValue<Limits>,
    api: Api,
}

impl Files {
    /// None yet.
    pub(crate) fn new() -> Self {
        let files = Self {
            items: RwSignal::new(Vec::new()),
            blobs: StoredValue::new(Vec::new()),
            limits: StoredValue::new(use_meta().limits.clone()),
            api: use_api(),
        };
        on_cleanup(move || {
            let blobs = files.blobs.try_update_value(std::mem::take).unwrap_or_default();
            blobs
                .iter()
                .filter_map(|blob| blob.abort.as_ref())
                .for_each(web_sys::AbortController::abort);
        });
        files
    }

    /// Adds files; what is too large or of a wrong type says so and is not sent. The keys of the others.
    pub(crate) fn add(self, files: Vec<web_sys::File>) -> Vec<String> {
        let t = use_text();
        let mut good = Vec::new();
        for file in files {
            let (name, size) = (file.name(), file.size());
            let many = self.items.with_untracked(Vec::len) >= limit::ATTACHMENTS_PER_MESSAGE;
            let fault = match many {
                true => Some(fill(
                    t.tickets.files.too_many,
                    &[("n", &limit::ATTACHMENTS_PER_MESSAGE)],
                )),
                false => self.limits.with_value(|limits| fault(t, limits, &name, size)),
            };
            let key = dom::uuid();
            let hopeless = fault.is_some();
            let state = fault.map_or(FileState::Waiting, FileState::Failed);
            if !hopeless {
                good.push(key.clone());
                self.blobs.update_value(|all| {
                    all.push(Blob {
                        key: key.clone(),
                        file,
                        abort: None,
                    })
                });
            }
            self.items.update(|all| {
                all.push(Picked {
                    key,
                    name,
                    size: size as i64,
                    state,
                    hopeless,
                    stored: None,
                })
            });
        }
        good
    }

    /// Uploads one file.
    pub(crate) fn upload(self, key: String, ticket: TicketId, draft: bool) {
        spawn_local(async move {
            self.carry(&key, ticket, draft).await;
        });
    }

    /// Uploads everything that has not been yet; `true` if all of it arrived.
    pub(crate) async fn upload_all(self, ticket: TicketId) -> bool {
        let keys: Vec<String> = self.items.with_untracked(|all| {
            all.iter()
                .filter(|f| f.stored.is_none() && !f.hopeless)
                .map(|f| f.key.clone())
                .collect()
        });
        let mut arrived = true;
        for key in keys {
            arrived &= self.carry(&key, ticket, false).await;
        }
        arrived
    }

    async fn carry(self, key: &str, ticket: TicketId, draft: bool) -> bool {
        let Ok(controller) = web_sys::AbortController::new() else {
            return false;
        };
        let signal = controller.signal();
        let file = self.blobs.try_update_value(|all| {
            let blob = all.iter_mut().find(|blob| blob.key == key)?;
            blob.abort = Some(controller);
            Some(blob.file.clone())
        });
        let Some(Some(file)) = file else { return false };
        self.change(key, |item| item.state = FileState::Sending(0));
        let upload = Upload {
            file: &file,
            ticket_id: ticket,
            draft,
            client_id: Some(key),
            abort: Some(&signal),
        };
        let known = key.to_owned();
        let progress = move |share: f64| {
            let percent = (share * 100.0).clamp(0.0, 100.0) as u8;
            self.change(&known, |item| item.state = FileState::Sending(percent));
        };
        match self.api.upload(upload, progress).await {
            Ok(uploaded) => {
                self.change(key, |item| {
                    item.state = FileState::Stored;
                    item.stored = Some(uploaded.attachment);
                });
                true
            }
            Err(ApiError::Aborted) => true,
            Err(error) => {
                let why = error.message(use_text());
                self.change(key, |item| item.state = FileState::Failed(why));
                false
            }
        }
    }

    /// Takes a file out, and stops it if it is on its way.
    pub(crate) fn remove(self, key: &str) {
        self.items.update(|all| all.retain(|item| item.key != key));
        self.blobs.update_value(|all| {
            all.iter()
                .filter(|blob| blob.key == key)
                .filter_map(|blob| blob.abort.as_ref())
                .for_each(|a| a.abort());
            all.retain(|blob| blob.key != key);
        });
    }

    /// Takes everything out: the files belong to a message now.
    pub(crate) fn clear(self) {
        self.items.set(Vec::new());
        self.blobs.set_value(Vec::new());
    }

    /// Puts files back that were uploaded already.
    pub(crate) fn restore(self, files: Vec<Attachment>) {
        let items = files.into_iter().map(|file| Picked {
            key: dom::uuid(),
            name: file.name.clone(),
            size: file.size,
            state: FileState::Stored,
            hopeless: false,
            stored: Some(file),
        });
        self.items.set(items.collect());
    }

    pub(crate) fn is_empty(self) -> bool {
        self.items.with(Vec::is_empty)
    }

    /// Is a file still on its way?
    pub(crate) fn is_busy(self) -> bool {
        self.any(|item| matches!(item.state, FileState::Sending(_) | FileState::Waiting))
    }

    /// Did a file not make it?
    pub(crate) fn has_failed(self) -> bool {
        self.any(|item| matches!(item.state, FileState::Failed(_)))
    }

    /// What has been uploaded.
    pub(crate) fn stored(self) -> Vec<Attachment> {
        self.items
            .with_untracked(|all| all.iter().filter_map(|item| item.stored.clone()).collect())
    }

    fn any(self, is: impl Fn(&Picked) -> bool) -> bool {
        self.items.with(|all| all.iter().any(is))
    }

    fn change(self, key: &str, with: impl FnOnce(&mut Picked)) {
        self.items.try_update(|all| {
            if let Some(item) = all.iter_mut().find(|item| item.key == key) {
                with(item);
            }
        });
    }
}

/// Why a file cannot be taken; asked before anything is sent.
fn fault(t: &Text, limits: &Limits, name: &str, size: f64) -> Option<String> {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
    let known = ending.is_some_and(|ending| limits.upload_endings.contains(&ending));
    if !known {
        return Some(t.tickets.files.wrong_type.to_owned());
    }
    if size > limits.upload_bytes as f64 {
        let most = number::bytes(i64::try_from(limits.upload_bytes).unwrap_or(i64::MAX));
        return Some(fill(t.tickets.files.too_large, &[("size", &most)]));
    }
    (size <= 0.0).then(|| t.tickets.files.empty.to_owned())
}

/// The rows of the files; `retry` tries a failed one again.
#[component]
pub(crate) fn FileRows(
    files: Files,
    #[prop(into)] retry: Callback<String>,
    /// Only what has not arrived.
    #[prop(optional)]
    missing: bool,
) -> impl IntoView {
    let keys = memo(move || {
        let shown = |file: &&Picked| !missing || file.stored.is_none();
        files.items.with(|all| {
            all.iter()
                .filter(shown)
                .map(|file| file.key.clone())
                .collect::<Vec<_>>()
        })
    });
    let any = memo(move || keys.with(|keys| !keys.is_empty()));
    let row = move |key: &str| {
        let key = key.to_owned();
        let item = files
            .items
            .with_untracked(|all| all.iter().find(|item| item.key == key).cloned());
        let Some(item) = item else { return ().into_any() };
        let known = key.clone();
        let state = memo(move || {
            let state = |all: &Vec<Picked>| {
                all.iter()
                    .find(|item| item.key == known)
                    .map(|item| item.state.clone())
            };
            files.items.with(state).unwrap_or(FileState::Stored)
        });
        let again = key.clone();
        let on_retry = (!item.hopeless).then(|| Callback::new(move |()| retry.run(again.clone())));
        view! {
            <FileRow
                name=item.name
                size=number::bytes(item.size)
                state=state
                on_remove=move |()| files.remove(&key)
                on_retry=on_retry
            />
        }
        .into_any()
    };
    optional(move || {
        any.get()
            .then(|| view! { <div class="files">{each(keys, row)}</div> })
    })
}
