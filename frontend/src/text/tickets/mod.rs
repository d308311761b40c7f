//! Texts of tickets: the agents' list, the ticket page, submitting, one's own tickets.

mod en;
mod zh;

use super::Counted;

pub(crate) use en::EN;
pub(crate) use zh::ZH;

/// Everything said about tickets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TicketText {
    pub info: &'static str,
    pub result: &'static str,
    pub number: &'static str,
    pub submitted_before: &'static str,
    pub submitted_after: &'static str,
    pub page: PageText,
    pub log: LogText,
    pub composer: ComposerText,
    pub guard: GuardText,
    pub files: FilesText,
    pub customer: CustomerText,
    pub desk: DeskText,
    pub list: ListText,
    pub range: RangeText,
    pub mine: MineText,
    pub form: FormText,
}

/// The ticket page when there is no ticket to show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PageText {
    pub failed: &'static str,
    pub missing: &'static str,
    pub missing_text: &'static str,
    pub dead_link: &'static str,
    pub dead_link_text: &'static str,
    pub back_to_list: &'static str,
    pub guests_ticket: &'static str,
}

/// The thread.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LogText {
    pub title: &'static str,
    pub older: &'static str,
    pub news: &'static str,
    pub unseen: Counted,
    pub typing: Counted,
    pub typing_note: Counted,
    pub and: &'static str,
    pub read: &'static str,
    pub you: &'static str,
    pub note: &'static str,
    pub open_image: &'static str,
    pub today: &'static str,
    pub months: [&'static str; 12],
    pub date: &'static str,
    pub full_date: &'static str,
    pub named_date: &'static str,
    pub created: &'static str,
    pub status_to: &'static str,
    pub reopened: &'static str,
    pub priority_to: &'static str,
    pub took: &'static str,
    pub gave: &'static str,
    pub unassigned: &'static str,
    pub sending: &'static str,
    pub queued: &'static str,
    pub not_sent: &'static str,
    pub discard: &'static str,
}

/// Writing an answer or a note.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ComposerText {
    pub label: &'static str,
    pub reply: &'static str,
    pub note: &'static str,
    pub note_hint: &'static str,
    pub to_customer: &'static str,
    pub to_agent: &'static str,
    pub send: &'static str,
    pub more: &'static str,
    pub send_and: &'static str,
    pub saved: &'static str,
    pub reopens: &'static str,
    pub failed_files: &'static str,
    pub too_long: &'static str,
    pub stale: &'static str,
}

/// The stale-send guard.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GuardText {
    pub title: Counted,
    pub look: &'static str,
    pub anyway: &'static str,
}

/// Files being added.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FilesText {
    pub title: &'static str,
    pub add: &'static str,
    pub drop_here: &'static str,
    pub drop_before: &'static str,
    pub choose: &'static str,
    pub allowed: &'static str,
    pub type_join: &'static str,
    pub wrong_type: &'static str,
    pub too_large: &'static str,
    pub too_many: &'static str,
    pub empty: &'static str,
}

/// The ticket as its customer sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CustomerText {
    pub progress: &'static str,
    pub received: &'static str,
    pub handled_by: &'static str,
    pub to_confirm: &'static str,
    pub your_agent: &'static str,
    pub nobody_yet: &'static str,
    pub mail_to: &'static str,
    pub solved: &'static str,
    pub solved_text: &'static str,
    pub close: &'static str,
    pub closed: &'static str,
}

/// The ticket as an agent works on it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DeskText {
    pub also_here: &'static str,
    pub and: &'static str,
    pub customer_here: &'static str,
    pub back: &'static str,
    pub copy: &'static str,
    pub copied: &'static str,
    pub status_is: &'static str,
    pub assignee_is: &'static str,
    pub priority_is: &'static str,
    pub take: &'static str,
    pub me: &'static str,
    pub unassign: &'static str,
    pub taken: &'static str,
    pub assigned: &'static str,
    pub unassigned: &'static str,
    pub status_set: &'static str,
    pub priority_set: &'static str,
    pub close: &'static str,
    pub resolve: &'static str,
    pub close_text: &'static str,
    pub resolve_text: &'static str,
    pub result_hint: &'static str,
    pub other_tickets: &'static str,
    pub all_of_customer: &'static str,
    pub activity: &'static str,
    pub wrote_note: &'static str,
    pub submitted: &'static str,
    pub close_panel: &'static str,
    pub access: &'static str,
    pub by_link: &'static str,
    pub revoke: &'static str,
    pub revoke_links: &'static str,
    pub revoke_text: &'static str,
    pub revoked: &'static str,
}

/// The agents' list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListText {
    pub caption: &'static str,
    pub search_label: &'static str,
    pub search: &'static str,
    pub filters: &'static str,
    pub matching: Counted,
    pub me: &'static str,
    pub order: &'static str,
    pub newest: &'static str,
    pub oldest: &'static str,
    pub updated_first: &'static str,
    pub urgent_first: &'static str,
    pub waiting: &'static str,
    pub for_customer: &'static str,
    pub updated: &'static str,
    pub select: &'static str,
    pub select_page: &'static str,
    pub unread: Counted,
    pub draft: &'static str,
    pub we_said: &'static str,
    pub fresh: Counted,
    pub per_page: &'static str,
    pub per_page_label: &'static str,
    pub failed: &'static str,
    pub outdated: &'static str,
    pub empty: &'static str,
    pub empty_text: &'static str,
    pub no_match: &'static str,
    pub no_match_named: &'static str,
    pub no_match_text: &'static str,
    pub all_done: &'static str,
    pub all_done_text: &'static str,
    pub see_unassigned: &'static str,
    pub bulk: &'static str,
    pub selected: Counted,
    pub deselect: &'static str,
    pub assign: &'static str,
    pub close: &'static str,
    pub close_many: Counted,
    pub assigned: Counted,
    pub status_set: Counted,
    pub priority_set: Counted,
    pub closed: Counted,
    pub failed_some: Counted,
    pub failed_one: &'static str,
    pub failed_join: &'static str,
    pub partly: &'static str,
}

/// A range of days.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RangeText {
    pub title: &'static str,
    pub any: &'static str,
    pub last_days: &'static str,
    pub since: &'static str,
    pub until: &'static str,
    pub between: &'static str,
    pub from: &'static str,
    pub to: &'static str,
    pub apply: &'static str,
}

/// One's own tickets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MineText {
    pub by_status: &'static str,
    pub search: &'static str,
    pub any_priority: &'static str,
    pub unread: Counted,
    pub me: &'static str,
    pub says: &'static str,
    pub nothing_said: &'static str,
    pub empty: &'static str,
    pub empty_text: &'static str,
}

/// Submitting.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FormText {
    pub promise: &'static str,
    pub kind: &'static str,
    pub support_hint: &'static str,
    pub question_hint: &'static str,
    pub service_hint: &'static str,
    pub title: &'static str,
    pub description: &'static str,
    pub description_hint: &'static str,
    pub urgency: &'static str,
    pub low: &'static str,
    pub medium: &'static str,
    pub high: &'static str,
    pub name: &'static str,
    pub email: &'static str,
    pub phone: &'static str,
    pub as_person: &'static str,
    pub change: &'static str,
    pub for_customer: &'static str,
    pub afterwards: &'static str,
    pub help: &'static str,
    pub after: &'static str,
    pub after_text: &'static str,
    pub private: &'static str,
    pub private_text: &'static str,
    pub done: &'static str,
    pub done_text: &'static str,
    pub files_failed: &'static str,
    pub link: &'static str,
    pub link_hint: &'static str,
    pub copy: &'static str,
    pub copied: &'static str,
    pub open: &'static str,
}
