//! The two frames around pages, and what they share.

pub(crate) mod account_menu;
pub(crate) mod agent;
mod bell;
pub(crate) mod frame;
pub(crate) mod guard;
pub(crate) mod mail_trouble;
pub(crate) mod portal;
pub(crate) mod queues;
pub(crate) mod strip;
pub(crate) mod switches;
