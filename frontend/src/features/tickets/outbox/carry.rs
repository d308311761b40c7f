//! One message on its way to the server: what it says, and what becomes of it.

use gloo_timers::callback::Timeout;
use shared::{
    ErrorCode,
    messages::{NewMessage, PostMessage},
};
use web_sys::AbortController;

use super::{News, Outbox, Travel, Unsent};
use crate::{
    api::{ApiError, Extras},
    backoff,
    session::recall,
    text::use_text,
};

/// How long an answer may take. After that the line counts as dead, and the message goes out again.
const ANSWER_MS: u32 = 20_000;

impl Outbox {
    pub(super) async fn carry(self, unsent: Unsent) {
        // If the cookies are somebody else's by now, he would be the one who says it.
        if self.api.session().is_in_doubt() {
            let _ = recall(self.api).await;
            return self.wait(&unsent);
        }
        let Ok(line) = AbortController::new() else {
            return self.wait(&unsent);
        };
        let signal = line.signal();
        let extras = Extras {
            abort: Some(&signal),
            ..Extras::default()
        };
        let input = NewMessage {
            content: unsent.content.clone(),
            attachment_ids: unsent.files.iter().map(|file| file.id).collect(),
            client_id: Some(unsent.client_id.clone()),
            internal: unsent.internal,
            seen_seq: unsent.seen_seq,
            status: unsent.then,
        };
        let patience = Timeout::new(ANSWER_MS, move || line.abort());
        let answer = self
            .api
            .call_with(PostMessage, unsent.ticket.into(), input, extras)
            .await;
        drop(patience);
        match answer {
            Ok(body) => {
                self.tell(unsent.ticket, &News::Stored(&body.message));
                if unsent.then.is_some() {
                    self.tell(unsent.ticket, &News::Moved);
                }
                self.arrived(&unsent.client_id);
            }
            Err(error) => self.held(&unsent, &error),
        }
    }

    fn held(self, unsent: &Unsent, error: &ApiError) {
        // Only its answer was lost: the live connection has told that it is stored.
        if !self.holds(&unsent.client_id) {
            return;
        }
        match error {
            ApiError::Network | ApiError::Aborted => self.wait(unsent),
            ApiError::Refused(refusal) => match refusal.code {
                ErrorCode::Busy
                | ErrorCode::DatabaseUnavailable
                | ErrorCode::Unauthenticated
                | ErrorCode::PasswordChangeRequired => self.wait(unsent),
                ErrorCode::StaleSend if self.is_attended(unsent.ticket) => {
                    self.drop(&unsent.client_id);
                    self.tell(unsent.ticket, &News::Stale(unsent, &refusal.unseen));
                    self.flush();
                }
                _ => {
                    let why = error.message(use_text());
                    self.change(&unsent.client_id, |entry| {
                        entry.travel = Travel::Refused;
                        entry.unsent.refused = Some(why);
                        // Who tries again wants to say it all the same.
                        if refusal.code == ErrorCode::TransitionNotAllowed {
                            entry.unsent.then = None;
                        }
                    });
                    self.flush();
                }
            },
        }
    }

    /// Back in line; tries again by itself after a while, and as soon as the connection is back.
    fn wait(self, unsent: &Unsent) {
        self.stuck.set(true);
        self.entries.update(|all| {
            if let Some(entry) = all
                .iter_mut()
                .find(|entry| entry.unsent.client_id == unsent.client_id)
            {
                entry.travel = Travel::Waiting;
            }
        });
        let failures = self.failures.get_value();
        self.failures.set_value(failures.saturating_add(1));
        let ms = backoff::ASK.wait_ms(failures, js_sys::Math::random());
        self.wake.set_value(Some(Timeout::new(ms, move || self.flush())));
    }
}
