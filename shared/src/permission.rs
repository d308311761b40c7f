//! Who may do what: one table that the server enforces and the SPA hides by.

use crate::text_enum::text_enum;

text_enum! {
    /// The two roles of the seed: `admin` is an agent, `customer` a customer.
    pub enum Role else Customer {
        Admin = "admin", "agent";
        Customer = "customer", "客户";
    }
}

/// Something that not everybody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// See and answer every ticket, not only one's own.
    SeeAllTickets,
    /// Write and read internal notes.
    InternalNotes,
    /// Status, assignment, priority, batch.
    ManageTickets,
    /// Accounts of agents and customers.
    ManageUsers,
    SeeStatistics,
    /// The outbox, the mail server, mail templates.
    ManageMail,
}

impl Role {
    /// Does this role carry that permission?
    pub const fn may(self, permission: Permission) -> bool {
        match self {
            Self::Admin => true,
            Self::Customer => match permission {
                Permission::SeeAllTickets
                | Permission::InternalNotes
                | Permission::ManageTickets
                | Permission::ManageUsers
                | Permission::SeeStatistics
                | Permission::ManageMail => false,
            },
        }
    }
}
