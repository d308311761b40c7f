//! The contract between server and SPA: wire types, endpoints, rules that both sides apply. No I/O, compiles to wasm.

pub mod attachments;
pub mod check;
pub mod email;
pub mod endpoint;
pub mod error;
pub mod ids;
pub mod lang;
pub mod live;
pub mod mail_templates;
pub mod mails;
pub mod messages;
pub mod meta;
pub mod notifications;
pub mod permission;
pub mod secret;
pub mod sessions;
pub mod statistics;
pub mod status;
mod text_enum;
pub mod tickets;
pub mod time;
pub mod users;
pub mod view;

pub use email::EmailAddress;
pub use endpoint::{Endpoint, Method};
pub use error::{ErrorCode, FieldErrors, Problem};
pub use ids::{AttachmentId, MessageId, NotificationId, TicketId, UserId};
pub use lang::Lang;
pub use permission::{Permission, Role};
pub use secret::Secret;
pub use status::{Priority, Status};
pub use time::LocalTime;
