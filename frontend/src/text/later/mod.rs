//! Texts of the pages in `later.rs`, which come together with those pages: nothing else may reach them.

mod en;
mod zh;

use shared::Lang;

use super::{Counted, Text, current_lang};

/// Everything said on those pages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LaterText {
    pub users: UserText,
    pub mail: MailText,
    pub templates: TemplateText,
    pub statistics: StatisticsText,
}

/// Never inlined, like `use_text`.
#[inline(never)]
fn later() -> &'static LaterText {
    match current_lang() {
        Lang::Zh => &zh::ZH,
        Lang::En => &en::EN,
    }
}

impl Text {
    /// The users.
    pub(crate) fn users(&self) -> &'static UserText {
        &later().users
    }

    /// The outbox.
    pub(crate) fn mail(&self) -> &'static MailText {
        &later().mail
    }

    /// The mail templates.
    pub(crate) fn templates(&self) -> &'static TemplateText {
        &later().templates
    }

    /// The statistics.
    pub(crate) fn statistics(&self) -> &'static StatisticsText {
        &later().statistics
    }
}

/// The accounts page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UserText {
    pub title: &'static str,
    pub search: &'static str,
    pub new: &'static str,
    pub create: &'static str,
    pub any_role: &'static str,
    pub any_state: &'static str,
    pub active: &'static str,
    pub inactive: &'static str,
    pub person: &'static str,
    pub role: &'static str,
    pub contact: &'static str,
    pub state: &'static str,
    pub last_login: &'static str,
    pub never: &'static str,
    pub you: &'static str,
    pub must_change: &'static str,
    pub actions_of: &'static str,
    pub edit: &'static str,
    pub edit_of: &'static str,
    pub reset: &'static str,
    pub reset_of: &'static str,
    pub reset_text: &'static str,
    pub reset_done: &'static str,
    pub deactivate: &'static str,
    pub deactivate_of: &'static str,
    pub deactivate_text: &'static str,
    pub deactivated: &'static str,
    pub activate: &'static str,
    pub activated: &'static str,
    pub created: &'static str,
    pub changed: &'static str,
    pub username: &'static str,
    pub username_hint: &'static str,
    pub full_name: &'static str,
    pub email: &'static str,
    pub phone: &'static str,
    pub first_password: &'static str,
    pub first_password_hint: &'static str,
    pub role_hint: &'static str,
    pub generate: &'static str,
    pub empty: &'static str,
    pub empty_text: &'static str,
    pub no_match: &'static str,
    pub no_match_named: &'static str,
    pub no_match_text: &'static str,
    pub failed: &'static str,
    pub count: Counted,
}

/// The outbox.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MailText {
    pub title: &'static str,
    pub count: Counted,
    pub reload: &'static str,
    pub state: &'static str,
    pub waiting: &'static str,
    pub again: &'static str,
    pub sending: &'static str,
    pub sent: &'static str,
    pub failed: &'static str,
    pub cancelled: &'static str,
    pub recipient: &'static str,
    pub about: &'static str,
    pub time: &'static str,
    pub next_try: &'static str,
    pub created: &'static str,
    pub message: &'static str,
    pub moved: &'static str,
    pub assigned: &'static str,
    pub actions_of: &'static str,
    pub send_now: &'static str,
    pub goes_now: &'static str,
    pub give_up: &'static str,
    pub given_up: &'static str,
    pub send_all: &'static str,
    pub all_go: Counted,
    pub give_up_all: &'static str,
    pub give_up_all_text: &'static str,
    pub all_given_up: Counted,
    pub cancelled_by: &'static str,
    pub was_seen: &'static str,
    pub was_open: &'static str,
    pub was_stopped: &'static str,
    pub no_address: &'static str,
    pub inactive: &'static str,
    pub gone: &'static str,
    pub empty: &'static str,
    pub empty_text: &'static str,
    pub no_match: &'static str,
    pub no_match_text: &'static str,
    pub failed_to_load: &'static str,
    /// Through `{place}`, from `{sender}`.
    pub through: &'static str,
    pub as_files: &'static str,
    pub as_files_hint: &'static str,
    pub no_files_hint: &'static str,
    /// `{reason}`, and `{n}` wait.
    pub down: &'static str,
    pub down_hint: &'static str,
    pub unverified: &'static str,
    pub unverified_hint: &'static str,
    pub test: &'static str,
    pub test_text: &'static str,
    pub test_to: &'static str,
    pub test_taken: &'static str,
    pub test_failed: &'static str,
    pub conversation: &'static str,
}

/// The page of the mail templates.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TemplateText {
    pub lang: &'static str,
    pub failed: &'static str,
    pub own: &'static str,
    pub built_in: &'static str,
    /// Because of `{reason}`.
    pub fault: &'static str,
    pub subject: &'static str,
    pub text: &'static str,
    pub html: &'static str,
    pub html_hint: &'static str,
    pub snippets: &'static str,
    pub snippets_text: &'static str,
    pub saved: &'static str,
    pub give_up: &'static str,
    pub reset: &'static str,
    pub reset_text: &'static str,
    pub reset_done: &'static str,
    pub overtaken: &'static str,
    pub take_theirs: &'static str,
    pub keep_mine: &'static str,
    pub preview: &'static str,
    pub preview_text: &'static str,
}

/// The statistics page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StatisticsText {
    pub title: &'static str,
    pub range: &'static str,
    pub days: &'static str,
    pub everything: &'static str,
    pub custom: &'static str,
    pub from: &'static str,
    pub to: &'static str,
    pub apply: &'static str,
    pub from_to: &'static str,
    pub created: &'static str,
    pub response: &'static str,
    pub response_text: &'static str,
    pub response_none: &'static str,
    pub open: &'static str,
    pub open_text: &'static str,
    pub done: &'static str,
    pub done_text: &'static str,
    pub tickets: Counted,
    pub unit: &'static str,
    pub by_day: &'static str,
    pub created_line: &'static str,
    pub resolved_line: &'static str,
    pub chart_summary: &'static str,
    pub show_data: &'static str,
    pub day: &'static str,
    pub by_status: &'static str,
    pub by_type: &'static str,
    pub by_priority: &'static str,
    pub by_agent: &'static str,
    pub total: &'static str,
    pub first_response: &'static str,
    pub none: &'static str,
    pub empty: &'static str,
    pub empty_text: &'static str,
    pub failed: &'static str,
    pub per_day: Counted,
}
