//! The kit: parts that every page is built from. Nothing in here calls the API.

pub(crate) mod avatar;
pub(crate) mod banner;
pub(crate) mod button;
pub(crate) mod dialog;
pub(crate) mod empty;
pub(crate) mod field;
pub(crate) mod file;
pub(crate) mod form;
pub(crate) mod icon;
pub(crate) mod logo;
pub(crate) mod mark;
pub(crate) mod menu;
pub(crate) mod pager;
pub(crate) mod password;
pub(crate) mod popover;
pub(crate) mod search;
pub(crate) mod segmented;
pub(crate) mod select;
pub(crate) mod skeleton;
pub(crate) mod time;
pub(crate) mod toast;
