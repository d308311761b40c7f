//! Logging in and out, one's own account, set-up and guest links.

use serde::{Deserialize, Serialize};

use crate::{
    Secret, TicketId,
    endpoint::{Done, Nothing, endpoints},
    tickets::TicketKey,
    users::User,
};

endpoints! {
    /// A customer logs in, by user name or e-mail. Sets the session cookie. *Permissions*: anyone.
    Login = Post "/login" (()) Credentials => LoggedIn;
    /// An agent logs in. *Permissions*: anyone.
    AdminLogin = Post "/admin/login" (()) Credentials => LoggedIn;
    /// Ends this session, at once and everywhere. *Permissions*: anyone.
    Logout = Post "/logout" (()) Nothing => Done;
    /// Who am I? 401 for nobody; a guest sees which ticket the guest link opened. *Permissions*: anyone.
    Me = Get "/me" (()) Nothing => Identity;
    /// Changes one's own password; ends all other sessions. *Permissions*: signed in.
    ChangePassword = Post "/me/password" (()) NewPassword => LoggedIn;
    /// Exchanges the token of a guest link for a guest cookie. *Permissions*: whoever holds the link.
    OpenGuestLink = Post "/guest" (()) GuestToken => GuestTicket;
    /// Ends all guest links to a ticket, and the sessions of those who came by one. The next mail to the customer brings a
    /// new link. *Permissions*: agents.
    RevokeGuestLinks = Post "/tickets/{id}/guest/revoke" (TicketKey) Nothing => Done;
    /// Chooses the first password with the one-time link printed at start. *Permissions*: whoever holds the link.
    SetUp = Post "/setup" (()) SetUpPassword => Done;
}

/// The name of the session cookie over plain HTTP (`__Host-` stands before it over TLS).
pub const SESSION_COOKIE: &str = "casedesk_session";
/// The name of the guest cookie, which opens one ticket.
pub const GUEST_COOKIE: &str = "casedesk_guest";

/// User name or e-mail, and password.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Credentials {
    pub username: String,
    pub password: Secret,
}

/// The answer to a log-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedIn {
    pub message: String,
    pub user: User,
}

/// Who is asking: an account, or a guest of one ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub user: Option<User>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest_ticket_id: Option<TicketId>,
}

/// A password change.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NewPassword {
    pub current_password: Secret,
    pub new_password: Secret,
}

/// The token from a guest link's fragment.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct GuestToken {
    pub token: Secret,
}

/// The ticket that a guest link opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestTicket {
    pub ticket_id: TicketId,
}

/// The token from a set-up link's fragment, and the password to set.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SetUpPassword {
    pub token: Secret,
    pub new_password: Secret,
}
