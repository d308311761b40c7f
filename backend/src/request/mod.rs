//! What every door over HTTP shares: who asks (`Cx`), and the one form of answers.

mod answer;
mod cx;

pub use answer::{problem, respond, success};
pub use cx::{Cx, RequestId, client_of, cookie_name, lang_of, may_be_of, text};
