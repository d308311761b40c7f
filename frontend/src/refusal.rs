//! A server's no: of the problem body what pages show. Taken from the JSON by hand, for a third of what the whole type weighs.

use shared::{ErrorCode, Lang, messages::Message};

use crate::{
    json::{self, Value},
    text::current_lang,
};

/// What was refused, and why.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    pub code: ErrorCode,
    /// The sentence for a person.
    pub message: String,
    /// Field and sentence.
    pub faults: Vec<(String, String)>,
    /// For `stale_send`: what the sender has not seen.
    pub unseen: Vec<Message>,
    /// Empty where there is none.
    pub request_id: String,
}

impl Refusal {
    /// Reads a problem body; nothing if it is none.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut body = json::parse(text)?;
        let text = |body: &mut Value, name| match body.take_field(name) {
            Some(Value::Text(text)) => text,
            _ => String::new(),
        };
        Some(Self {
            code: json::take(body.take_field("code")?)?,
            message: text(&mut body, "message"),
            faults: match body.take_field("fields") {
                Some(Value::Fields(fields)) => fields
                    .into_iter()
                    .map(|(field, mut fault)| (field, text(&mut fault, "message")))
                    .collect(),
                _ => Vec::new(),
            },
            unseen: body.take_field("unseen").and_then(json::take).unwrap_or_default(),
            request_id: text(&mut body, "request_id"),
        })
    }

    /// An answer that makes no sense.
    pub(crate) fn unreadable() -> Self {
        const WORDS: (&str, &str) = (
            ErrorCode::Internal.text(Lang::Zh),
            ErrorCode::Internal.text(Lang::En),
        );
        Self::plain(ErrorCode::Internal, WORDS)
    }

    /// What a proxy thinks too large.
    pub(crate) fn too_large() -> Self {
        const WORDS: (&str, &str) = (
            ErrorCode::PayloadTooLarge.text(Lang::Zh),
            ErrorCode::PayloadTooLarge.text(Lang::En),
        );
        Self::plain(ErrorCode::PayloadTooLarge, WORDS)
    }

    fn plain(code: ErrorCode, (zh, en): (&str, &str)) -> Self {
        Self {
            code,
            message: current_lang().pick(zh, en).to_owned(),
            faults: Vec::new(),
            unseen: Vec::new(),
            request_id: String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::{
        Problem,
        error::{FieldError, FieldErrors},
    };

    use super::*;

    #[test]
    fn a_problem_body_is_a_refusal() {
        let faults = FieldErrors::from([("title".to_owned(), FieldError::TooLong { max: 255 })]);
        let mut problem = Problem::new(ErrorCode::ValidationFailed, Lang::En).with_fields(&faults, Lang::En);
        problem.request_id = "r1".into();
        let refusal = Refusal::read(&json::write(&problem)).unwrap();
        assert_eq!(refusal.code, ErrorCode::ValidationFailed);
        assert_eq!(refusal.message, problem.message);
        assert_eq!(
            refusal.faults,
            [("title".to_owned(), "At most 255 characters".to_owned())]
        );
        assert_eq!((refusal.request_id.as_str(), refusal.unseen.len()), ("r1", 0));
    }

    #[test]
    fn what_was_not_seen_comes_along() {
        let stale = r#"{"success":false,"code":"stale_send","message":"m","unseen":[],"request_id":"r"}"#;
        assert_eq!(Refusal::read(stale).unwrap().code, ErrorCode::StaleSend);
        let newer = r#"{"code":"from_the_future"}"#;
        assert_eq!(Refusal::read(newer).unwrap().code, ErrorCode::Unknown);
        assert_eq!(Refusal::read("<html>502</html>"), None);
        assert_eq!(Refusal::read("{}"), None);
    }
}
