//! One message on its way to the server: what it says, and what becomes of it.

use gloo_timers::callback::Timeout;
use shared::{
    ErrorCode,
    messages::{Message, NewMessage, PostMessage},
    tickets::{SetStatus, StatusChange},
};

use super::{News, Outbox, Travel, Unsent};
use crate::{api::ApiError, text::use_text};

/// The longest wait before trying again, in milliseconds.
const LONGEST_MS: u32 = 30_000;

impl Outbox {
    pub(super) async fn carry(self, unsent: Unsent) {
        let input = NewMessage {
            content: unsent.content.clone(),
            attachment_ids: unsent.files.iter().map(|file| file.id).collect(),
            client_id: Some(unsent.client_id.clone()),
            internal: unsent.internal,
            seen_seq: unsent.seen_seq,
        };
        match self.api.call(PostMessage, unsent.ticket.into(), input).await {
            Ok(body) => self.arrived(unsent, &body.message).await,
            Err(error) => self.held(&unsent, &error),
        }
    }

    async fn arrived(self, unsent: Unsent, message: &Message) {
        self.failures.set_value(0);
        self.stuck.set(false);
        self.tell(unsent.ticket, &News::Stored(message));
        self.drop(&unsent.client_id);
        self.flush();
        let Some(status) = unsent.then else { return };
        let change = StatusChange {
            status: Some(status),
            resolution: None,
        };
        match self.api.call(SetStatus, unsent.ticket.into(), change).await {
            Ok(changed) => self.tell(unsent.ticket, &News::Moved(&changed.ticket)),
            Err(error) => self.tell(unsent.ticket, &News::NotMoved(&error)),
        }
    }

    fn held(self, unsent: &Unsent, error: &ApiError) {
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
        let ms = LONGEST_MS.min(1_000 * 2_u32.pow(failures.min(5)));
        self.wake.set_value(Some(Timeout::new(ms, move || self.flush())));
    }
}
