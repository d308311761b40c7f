//! Every address of the SPA, in one place; routes are declared in `app.rs` and in the features.

use shared::TicketId;

pub(crate) const ROOT: &str = "/case/";
pub(crate) const LOGIN: &str = "/case/login";
pub(crate) const ADMIN_LOGIN: &str = "/case/admin/login";
pub(crate) const PASSWORD: &str = "/case/password";
pub(crate) const MAIL_CHOICES: &str = "/case/mail-choices";
pub(crate) const UNSUBSCRIBE: &str = shared::mails::STOP_PATH;
pub(crate) const SETUP: &str = "/case/setup";
pub(crate) const SUBMIT: &str = "/case/submit";
pub(crate) const MY_TICKETS: &str = "/case/my-tickets";
pub(crate) const ADMIN_TICKETS: &str = "/case/admin/tickets";
pub(crate) const ADMIN_USERS: &str = "/case/admin/users";
pub(crate) const ADMIN_MAIL: &str = "/case/admin/mail";
pub(crate) const ADMIN_MAIL_TEMPLATES: &str = "/case/admin/mail/templates";
pub(crate) const ADMIN_STATISTICS: &str = "/case/admin/statistics";

/// The page of one ticket, for customers and agents alike.
pub(crate) fn ticket(id: TicketId) -> String {
    format!("/case/ticket/{id}")
}

/// The ticket that such an address names, by id or number.
pub(crate) fn ticket_in(path: &str) -> Option<&str> {
    path.strip_prefix("/case/ticket/")
        .filter(|key| !key.is_empty() && !key.contains('/'))
}

/// A log-in page that comes back to `next`.
pub(crate) fn login_then(login: &str, next: &str) -> String {
    if next.is_empty() || [ROOT, LOGIN, ADMIN_LOGIN].contains(&next) {
        return login.to_owned();
    }
    format!(
        "{login}?next={}",
        String::from(js_sys::encode_uri_component(next))
    )
}

/// Is this an address of ours that a log-in may lead to? Never another site.
pub(crate) fn is_ours(path: &str) -> bool {
    path.starts_with("/case/") && !path.contains("//") && !path.contains('\\')
}
