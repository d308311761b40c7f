//! The agents' ticket list, and the ticket page that customers and agents share.

mod agents;
mod cache;
mod composer;
mod conversation;
mod customer;
mod desk;
mod draft;
pub(crate) mod files;
pub(crate) mod found;
mod guard;
mod keys;
mod list;
mod log;
mod news;
pub(crate) mod outbox;
mod page;
pub(crate) mod range;

use crate::session::Who;

pub(crate) use list::ListPage;
pub(crate) use page::TicketPage;

/// Under whose name drafts and unsent messages are kept in this browser; nobody keeps none.
fn keeper(who: &Who) -> Option<String> {
    match who {
        Who::Visitor => None,
        Who::Guest(ticket) => Some(format!("g{ticket}")),
        Who::User(user) => Some(format!("u{}", user.id)),
    }
}
