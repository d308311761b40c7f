//! Which texts there are. `zh.rs` and `en.rs` fill them.

use shared::notifications::NotificationKind;

use super::{Counted, tickets::TicketText};

/// All texts of the SPA.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text {
    pub product: &'static str,

    // Words used everywhere
    pub cancel: &'static str,
    pub save: &'static str,
    pub retry: &'static str,
    pub retry_now: &'static str,
    pub undo: &'static str,
    pub optional: &'static str,
    pub loading: &'static str,
    pub request_id: &'static str,
    pub go_home: &'static str,
    pub clear_filters: &'static str,
    pub clear_search: &'static str,
    pub remove_filter: &'static str,
    pub more_actions: &'static str,
    pub all: &'static str,
    pub show_password: &'static str,
    pub hide_password: &'static str,

    // Statuses, priorities, roles
    pub status_word: &'static str,
    pub pending: &'static str,
    pub processing: &'static str,
    pub resolved: &'static str,
    pub closed: &'static str,
    pub priority_word: &'static str,
    pub high: &'static str,
    pub medium: &'static str,
    pub low: &'static str,
    pub high_priority: &'static str,
    pub medium_priority: &'static str,
    pub low_priority: &'static str,
    pub agent: &'static str,
    pub customer: &'static str,
    pub assignee_word: &'static str,
    pub kind_word: &'static str,

    // Lists
    pub pages: &'static str,
    pub page_n: &'static str,
    pub previous_page: &'static str,
    pub next_page: &'static str,
    pub range_of: &'static str,

    // Files
    pub uploading: &'static str,
    pub upload_progress: &'static str,
    pub remove_file: &'static str,

    // When things go wrong
    pub error_network: &'static str,
    pub start_failed: &'static str,
    pub not_found: &'static str,
    pub not_found_text: &'static str,
    pub agents_only: &'static str,
    pub agents_only_text: &'static str,

    // The frames
    pub skip: &'static str,
    pub main_navigation: &'static str,
    pub menu: &'static str,
    pub account_word: &'static str,
    pub change_password: &'static str,
    pub log_in: &'static str,
    pub log_out: &'static str,
    pub agent_login: &'static str,
    pub other_lang: &'static str,
    pub other_lang_tag: &'static str,
    pub dark_theme: &'static str,
    pub light_theme: &'static str,
    pub submit_ticket: &'static str,
    pub my_tickets: &'static str,
    pub new_ticket: &'static str,
    pub queues: &'static str,
    pub tickets_place: &'static str,
    pub users_place: &'static str,
    pub statistics_place: &'static str,
    pub mail_place: &'static str,
    pub mails_failed: Counted,
    pub templates_place: &'static str,
    pub mine: &'static str,
    pub unassigned: &'static str,
    pub urgent: &'static str,
    pub all_tickets: &'static str,

    // The connection strip
    pub reconnecting: &'static str,
    pub offline: &'static str,
    pub connection_back: &'static str,
    pub queued: Counted,

    pub time: TimeText,
    pub account: AccountText,
    pub bell: BellText,
    pub alerts: AlertText,
    /// The agents' list, the ticket page, submitting, one's own tickets.
    pub tickets: TicketText,
}

impl AccountText {
    /// What mails of a kind are about.
    pub(crate) const fn mail_of(&self, kind: NotificationKind) -> &'static str {
        match kind {
            NotificationKind::Created => self.mail_created,
            NotificationKind::Message => self.mail_message,
            NotificationKind::Status => self.mail_status,
            NotificationKind::Assigned => self.mail_assigned,
        }
    }
}

/// The bell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BellText {
    pub title: &'static str,
    /// `{n}` unread.
    pub unread: &'static str,
    pub is_unread: &'static str,
    pub read_all: &'static str,
    pub empty: &'static str,
    pub failed: &'static str,
    /// By `{by}`, as the next ones.
    pub created: &'static str,
    pub message: &'static str,
    pub moved: &'static str,
    pub assigned: &'static str,
    pub settings: &'static str,
}

impl BellText {
    /// What somebody did.
    pub(crate) const fn of(&self, kind: NotificationKind) -> &'static str {
        match kind {
            NotificationKind::Created => self.created,
            NotificationKind::Message => self.message,
            NotificationKind::Status => self.moved,
            NotificationKind::Assigned => self.assigned,
        }
    }
}

/// Sound and desktop notifications.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AlertText {
    pub title: &'static str,
    pub text: &'static str,
    pub sound: &'static str,
    pub desktop: &'static str,
    pub desktop_on: &'static str,
    pub desktop_like: &'static str,
    pub missing: &'static str,
    pub insecure: &'static str,
    pub denied: &'static str,
    pub undecided: &'static str,
}

/// Moments and lengths of time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeText {
    pub just_now: &'static str,
    pub under_minute: &'static str,
    pub minutes: &'static str,
    pub hours: &'static str,
    pub hours_minutes: &'static str,
    pub days: &'static str,
    pub days_hours: &'static str,
    /// `{span}` ago.
    pub ago: &'static str,
    pub yesterday: &'static str,
    /// From Sunday.
    pub weekdays: [&'static str; 7],
}

/// Log-in, password, set-up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AccountText {
    pub mail_choices: &'static str,
    pub choices_text: &'static str,
    pub choices_failed: &'static str,
    pub choices_saved: &'static str,
    pub mail_language: &'static str,
    pub mail_created: &'static str,
    pub mail_message: &'static str,
    pub mail_status: &'static str,
    pub mail_assigned: &'static str,
    pub unsubscribe: &'static str,
    /// Mails of `{kind}`.
    pub unsubscribe_text: &'static str,
    pub stop_now: &'static str,
    pub stopped: &'static str,
    pub stopped_text: &'static str,
    pub start_again: &'static str,
    pub dead_unsubscribe: &'static str,
    pub slogan: &'static str,
    pub promise: &'static str,
    pub without_before: &'static str,
    pub without_link: &'static str,
    pub username: &'static str,
    pub password: &'static str,
    pub agents_before: &'static str,
    pub agents_link: &'static str,
    pub agents_after: &'static str,
    pub customers_before: &'static str,
    pub customers_link: &'static str,
    pub customers_after: &'static str,
    pub is_agent: &'static str,
    pub to_agents: &'static str,
    pub is_customer: &'static str,
    pub to_customers: &'static str,
    pub expired: &'static str,
    pub first_password: &'static str,
    pub forced: &'static str,
    pub current_password: &'static str,
    pub new_password: &'static str,
    pub again: &'static str,
    pub mismatch: &'static str,
    pub password_hint: &'static str,
    pub password_changed: &'static str,
    pub set_password: &'static str,
    pub set_up_text: &'static str,
    pub set_up_done: &'static str,
    pub dead_link: &'static str,
    pub dead_link_text: &'static str,
    pub back: &'static str,
}
