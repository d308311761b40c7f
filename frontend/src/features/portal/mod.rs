//! The customers' pages: submitting a ticket, and their own tickets.

mod mine;
mod submit;

pub(crate) use mine::MinePage;
pub(crate) use submit::SubmitPage;
