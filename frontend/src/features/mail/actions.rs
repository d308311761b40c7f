//! What can be done with a mail.

use leptos::{prelude::*, task::spawn_local};
use shared::{
    NotificationId,
    endpoint::Nothing,
    mails::{CancelFailedMails, CancelMail, ChangedMails, RetryFailedMails, RetryMail},
};

use crate::{
    api::{Api, ApiError, use_api},
    components::toast::{Toasts, use_toasts},
    text::{Counted, use_text},
};

/// The actions.
#[derive(Clone, Copy)]
pub(crate) struct Actions {
    changed: Callback<()>,
    toasts: Toasts,
    api: Api,
}

impl Actions {
    /// `changed` hears that the list is out of date.
    pub(crate) fn new(changed: Callback<()>) -> Self {
        Self {
            changed,
            toasts: use_toasts(),
            api: use_api(),
        }
    }

    pub(crate) fn retry(self, id: NotificationId) {
        let done = use_text().mail().goes_now;
        spawn_local(async move {
            let outcome = self.api.call(RetryMail, id, Nothing {}).await;
            self.settle(outcome.map(drop), done);
        });
    }

    pub(crate) fn cancel(self, id: NotificationId) {
        let done = use_text().mail().given_up;
        spawn_local(async move {
            let outcome = self.api.call(CancelMail, id, Nothing {}).await;
            self.settle(outcome.map(drop), done);
        });
    }

    pub(crate) fn retry_failed(self) {
        let words = use_text().mail().all_go;
        spawn_local(async move {
            let outcome = self.api.call(RetryFailedMails, (), Nothing {}).await;
            self.settle_all(outcome, words);
        });
    }

    pub(crate) fn cancel_failed(self) {
        let words = use_text().mail().all_given_up;
        spawn_local(async move {
            let outcome = self.api.call(CancelFailedMails, (), Nothing {}).await;
            self.settle_all(outcome, words);
        });
    }

    fn settle_all(self, outcome: Result<ChangedMails, ApiError>, words: Counted) {
        let done = outcome.as_ref().map_or(0, |all| all.changed);
        self.settle(outcome.map(drop), &words.of(done));
    }

    /// Also after a refusal the list is out of date: the mail has gone out meanwhile.
    fn settle(self, outcome: Result<(), ApiError>, done: &str) {
        match outcome {
            Ok(()) => self.toasts.done(done.to_owned()),
            Err(error) => self.toasts.failed(&error),
        }
        self.changed.run(());
    }
}
