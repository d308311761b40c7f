//! Who is asking.

use shared::{ErrorCode, Permission, Role, TicketId, UserId, messages::SenderType};

/// A signed-in account, as a session carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: UserId,
    pub username: String,
    /// The name others see.
    pub name: String,
    pub role: Role,
    pub must_change_password: bool,
    /// The hash of the session's token.
    pub session: String,
}

/// Who is asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Nobody known.
    Nobody,
    /// The holder of one ticket's guest link.
    Guest(TicketId),
    Account(Account),
}

impl Actor {
    /// The account, if there is one.
    pub fn account(&self) -> Option<&Account> {
        match self {
            Self::Account(account) => Some(account),
            Self::Nobody | Self::Guest(_) => None,
        }
    }

    /// Is this the same one with the same rights, whatever he is called by now?
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Account(one), Self::Account(two)) => {
                let facts = |account: &Account| (account.id, account.role, account.must_change_password);
                facts(one) == facts(two) && one.session == two.session
            }
            (_, _) => self == other,
        }
    }

    /// The account, or 401.
    pub fn signed_in(&self) -> Result<&Account, ErrorCode> {
        self.account().ok_or(ErrorCode::Unauthenticated)
    }

    /// The account if its role carries the permission, else 401 or 403.
    pub fn with(&self, permission: Permission) -> Result<&Account, ErrorCode> {
        let account = self.signed_in()?;
        if account.role.may(permission) {
            Ok(account)
        } else {
            Err(ErrorCode::Forbidden)
        }
    }

    /// Does the asker's role carry the permission?
    pub fn may(&self, permission: Permission) -> bool {
        self.account().is_some_and(|account| account.role.may(permission))
    }

    /// Staff sees everything, with its own numbering.
    pub fn is_staff(&self) -> bool {
        self.may(Permission::SeeAllTickets)
    }

    /// Which side of a conversation the asker is on.
    pub fn side(&self) -> SenderType {
        if self.is_staff() {
            SenderType::Admin
        } else {
            SenderType::Customer
        }
    }

    /// The account's id; 0 for guests, as messages store it.
    pub fn id(&self) -> UserId {
        self.account().map_or(UserId(0), |account| account.id)
    }
}
