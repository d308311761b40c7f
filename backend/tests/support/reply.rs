//! An answer of the server. Every one of them is checked for what all answers have in common.

use std::marker::PhantomData;

use reqwest::header::HeaderMap;
use serde_json::Value;
use shared::{Endpoint, ErrorCode, Problem};

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    /// Reads an answer to its end.
    pub async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.unwrap().to_vec();
        let reply = Self {
            status,
            headers,
            body,
        };
        reply.check();
        reply
    }

    /// What every answer has: an id, the headers that keep browsers safe, and for a failure the one body.
    fn check(&self) {
        let shown = format!("{} {}", self.status, self.text());
        assert_ne!(self.status, 500, "{shown}");
        assert_eq!(self.header("x-request-id").len(), 32, "no request id: {shown}");
        assert_eq!(self.header("x-content-type-options"), "nosniff", "{shown}");
        assert_eq!(self.header("referrer-policy"), "no-referrer", "{shown}");
        let policy = self.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{shown}");
        // Only what says so itself may be shown in a frame, and in none but ours.
        let frames = match policy.contains("frame-ancestors 'self'") {
            true => "SAMEORIGIN",
            false => "DENY",
        };
        assert_eq!(self.header("x-frame-options"), frames, "{shown}");
        if self.status >= 400 && !self.body.is_empty() && !self.is_of_engine_io() {
            let problem = self.problem();
            assert!(!problem.success);
            assert_ne!(problem.code, ErrorCode::Unknown, "{shown}");
            assert_eq!(problem.code.status(), self.status, "{shown}");
            assert_eq!(problem.request_id, self.header("x-request-id"), "{shown}");
            assert!(!problem.message.is_empty(), "{shown}");
        }
    }

    /// A refusal in the words of Engine.IO, whose codes are numbers.
    fn is_of_engine_io(&self) -> bool {
        serde_json::from_slice::<Value>(&self.body).is_ok_and(|body| body["code"].is_number())
    }

    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap_or("not ASCII"))
    }

    /// The body as text.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    /// The body of a success.
    pub fn good(&self) -> Value {
        assert!(self.status < 300, "{} {}", self.status, self.text());
        let json = self.json();
        assert_eq!(json["success"], true);
        json
    }

    /// The body of a failure.
    pub fn problem(&self) -> Problem {
        serde_json::from_value(self.json()).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// It was refused with this code.
    #[track_caller]
    pub fn refused(&self, code: ErrorCode) -> Problem {
        assert!(self.status >= 400, "not refused: {} {}", self.status, self.text());
        let problem = self.problem();
        assert_eq!(problem.code, code, "{}", self.text());
        problem
    }

    /// It was refused because of this field.
    #[track_caller]
    pub fn refused_field(&self, field: &str) -> Problem {
        let problem = self.refused(ErrorCode::ValidationFailed);
        assert!(
            problem.fields.contains_key(field),
            "no fault of {field}: {}",
            self.text()
        );
        problem
    }
}

/// The answer to a call of an endpoint.
pub struct Outcome<E> {
    pub reply: Reply,
    pub endpoint: PhantomData<E>,
}

impl<E: Endpoint> Outcome<E> {
    /// What a success carries.
    #[track_caller]
    pub fn good(self) -> E::Output {
        assert_eq!(self.reply.status, E::STATUS, "{}", self.reply.text());
        serde_json::from_value(self.reply.good()).unwrap()
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.reply.status
    }

    /// The code of a failure.
    #[track_caller]
    pub fn code(&self) -> ErrorCode {
        assert!(self.reply.status >= 400, "not refused: {}", self.reply.text());
        self.reply.problem().code
    }

    /// It was refused with this code.
    #[track_caller]
    pub fn refused(&self, code: ErrorCode) -> Problem {
        self.reply.refused(code)
    }

    /// It was refused because of this field.
    #[track_caller]
    pub fn refused_field(&self, field: &str) -> Problem {
        self.reply.refused_field(field)
    }
}
