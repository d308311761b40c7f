//! Accounts: agents and customers.

use serde::{Deserialize, Serialize};

use crate::{LocalTime, Role, Secret, UserId, endpoint::endpoints, tickets::Choice};

endpoints! {
    /// The accounts, newest first. *Permissions*: agents.
    ListUsers = Get "/users" (()) UserQuery => UserPage;
    /// Creates an account. *Permissions*: agents.
    CreateUser = Post "/users" => 201 (()) NewUser => UserBody;
    /// Changes an account: details, role, active or not, a new password. Deactivating, a new role and a new
    /// password end its sessions. *Permissions*: agents; nobody can deactivate or demote himself.
    UpdateUser = Patch "/users/{id}" (UserId) UserChanges => UserBody;
}

/// An account as its owner and the agents see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub id: UserId,
    pub username: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub full_name: Option<String>,
    pub role: Role,
    pub is_active: bool,
    /// The account must choose a new password before it can do anything else.
    pub must_change_password: bool,
    pub created_at: LocalTime,
    pub last_login: Option<LocalTime>,
}

impl User {
    /// What to call this person: the full name, else the user name.
    pub fn display_name(&self) -> &str {
        self.full_name
            .as_deref()
            .filter(|name| !name.is_empty())
            .unwrap_or(&self.username)
    }
}

/// Which accounts to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserQuery {
    #[serde(skip_serializing_if = "Choice::is_any")]
    pub role: Choice<Role>,
    /// `true` or `false`; left out means both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Part of user name, full name, e-mail or phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_page: Option<u32>,
}

/// One page of accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserPage {
    pub users: Vec<User>,
    pub total: i64,
    pub page: u32,
    pub per_page: u32,
}

/// One account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserBody {
    pub user: User,
}

/// A new account. The password is the one the person must change at the first log-in.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NewUser {
    pub username: String,
    pub password: Secret,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
}

/// Changes to an account; what is left out stays. An empty text clears e-mail, phone or name.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UserChanges {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
    /// A reset: the person must change it at the next log-in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
}
