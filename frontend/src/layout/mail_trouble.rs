//! Mails that failed, as a number at the place where operators look after them: nobody else would notice.

use gloo_timers::callback::Interval;
use leptos::{prelude::*, task::spawn_local};
use shared::{Permission, endpoint::Nothing, mails::GetMailStatus};

use crate::{
    api::{Api, use_api},
    reactive::{RwSignal, StoredValue, effect},
    session::use_session,
};

/// How often the outbox is asked how it stands.
const EVERY_MS: u32 = 60_000;
/// More than this is shown as `99+`.
const MAX_SHOWN: i64 = 99;

/// How many mails have failed.
#[derive(Clone, Copy)]
pub(crate) struct MailTrouble {
    failed: RwSignal<i64>,
    api: Api,
}

/// Makes [`use_mail_trouble`] work below.
pub(super) fn provide_mail_trouble() -> MailTrouble {
    let trouble = MailTrouble {
        failed: RwSignal::new(0),
        api: use_api(),
    };
    provide_context(trouble);
    let session = use_session();
    let every = StoredValue::new(None::<Interval>);
    effect(move || {
        let may = session.may(Permission::ManageMail);
        if may {
            trouble.ask();
        }
        every.set_value(may.then(|| Interval::new(EVERY_MS, move || trouble.ask())));
    });
    on_cleanup(move || {
        every.set_value(None);
    });
    trouble
}

/// How many mails have failed, as the agents' frame shows it.
pub(crate) fn use_mail_trouble() -> MailTrouble {
    expect_context()
}

impl MailTrouble {
    /// What stands at the place, and how many there are; none while all is well. Tracked.
    pub(super) fn shown(self) -> Option<(String, i64)> {
        let failed = self.failed.get();
        let shown = if failed > MAX_SHOWN {
            format!("{MAX_SHOWN}+")
        } else {
            failed.to_string()
        };
        (failed > 0).then_some((shown, failed))
    }

    /// Asks anew. Without an answer the old number stays.
    pub(crate) fn ask(self) {
        spawn_local(async move {
            if let Ok(body) = self.api.call(GetMailStatus, (), Nothing {}).await
                && self.failed.try_get_untracked() != Some(body.status.failed)
            {
                self.failed.try_set(body.status.failed);
            }
        });
    }
}
