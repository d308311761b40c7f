//! The server's one error: either a problem the client can act on, or something internal that is logged once.

use std::panic::Location;

use shared::{ErrorCode, FieldErrors, Status, error::FieldError, messages::Message};

/// What every fallible function of the server returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure. Boxed, so that a `Result` stays small.
#[derive(Debug)]
pub struct Error(Box<Kind>);

/// What a failure is.
#[derive(Debug)]
pub enum Kind {
    /// Expected: told to the client as it stands.
    Problem(Expected),
    /// The transaction lost a race; a fresh start may win.
    Retry,
    /// Anything else: the client sees the request id only.
    Internal {
        source: anyhow::Error,
        at: &'static Location<'static>,
    },
}

/// The parts of an expected failure.
#[derive(Debug)]
pub struct Expected {
    pub code: ErrorCode,
    pub fields: FieldErrors,
    pub allowed: Option<Vec<Status>>,
    pub unseen: Option<Vec<Message>>,
}

impl Error {
    /// An expected failure without details.
    pub fn new(code: ErrorCode) -> Self {
        Self::expected(Expected {
            code,
            fields: FieldErrors::new(),
            allowed: None,
            unseen: None,
        })
    }

    fn expected(expected: Expected) -> Self {
        Self(Box::new(Kind::Problem(expected)))
    }

    /// Faults of fields, 422.
    pub fn invalid(fields: FieldErrors) -> Self {
        Self::expected(Expected {
            code: ErrorCode::ValidationFailed,
            fields,
            allowed: None,
            unseen: None,
        })
    }

    /// One field's fault, 422.
    pub fn field(name: &str, error: FieldError) -> Self {
        Self::invalid(FieldErrors::from([(name.to_owned(), error)]))
    }

    /// A step that the status machine forbids, 409.
    pub fn transition(allowed: &[Status]) -> Self {
        Self::expected(Expected {
            code: ErrorCode::TransitionNotAllowed,
            fields: FieldErrors::new(),
            allowed: Some(allowed.to_vec()),
            unseen: None,
        })
    }

    /// A message that crossed others, 409.
    pub fn stale(unseen: Vec<Message>) -> Self {
        Self::expected(Expected {
            code: ErrorCode::StaleSend,
            fields: FieldErrors::new(),
            allowed: None,
            unseen: Some(unseen),
        })
    }

    /// A full queue, or a server that stops, 503.
    pub fn busy() -> Self {
        Self::new(ErrorCode::Busy)
    }

    /// Start the transaction anew.
    pub fn retry() -> Self {
        Self(Box::new(Kind::Retry))
    }

    /// No connection to the database, 503; the cause goes to the log.
    pub fn database_unavailable(cause: anyhow::Error) -> Self {
        tracing::warn!(error = %cause, "the database cannot be reached");
        Self::new(ErrorCode::DatabaseUnavailable)
    }

    /// Something nobody expected, 500.
    #[track_caller]
    pub fn internal(source: anyhow::Error) -> Self {
        Self(Box::new(Kind::Internal {
            source,
            at: Location::caller(),
        }))
    }

    /// May a fresh start of the transaction mend it?
    pub fn is_retry(&self) -> bool {
        matches!(*self.0, Kind::Retry)
    }

    /// May the very same work a little later?
    pub fn may_pass(&self) -> bool {
        let passing = [
            ErrorCode::Busy,
            ErrorCode::DatabaseUnavailable,
            ErrorCode::Internal,
        ];
        passing.contains(&self.code())
    }

    /// Is it a problem that the client can act on?
    pub fn is_expected(&self) -> bool {
        matches!(*self.0, Kind::Problem(_))
    }

    /// What it is.
    pub fn kind(&self) -> &Kind {
        &self.0
    }

    /// The code that the client sees.
    pub fn code(&self) -> ErrorCode {
        match &*self.0 {
            Kind::Problem(expected) => expected.code,
            Kind::Retry => ErrorCode::Busy,
            Kind::Internal { .. } => ErrorCode::Internal,
        }
    }

    /// Writes an internal failure to the log. Called once, where the answer is made.
    pub fn log(&self) {
        if let Kind::Internal { source, at } = &*self.0 {
            tracing::error!(error = format!("{source:#}"), at = %at, "internal error");
        }
    }
}

impl From<ErrorCode> for Error {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

impl From<FieldErrors> for Error {
    fn from(fields: FieldErrors) -> Self {
        Self::invalid(fields)
    }
}

impl From<diesel::result::Error> for Error {
    #[track_caller]
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind, Error as Diesel};
        if let Diesel::DatabaseError(kind, info) = &error {
            if info.message().contains("database is locked") {
                return Self::busy();
            }
            if matches!(kind, DatabaseErrorKind::SerializationFailure) || lost_a_race(info.message()) {
                return Self::retry();
            }
            if matches!(
                kind,
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand
            ) || connection_lost(info.message())
            {
                return Self::database_unavailable(error.into());
            }
        }
        Self::internal(error.into())
    }
}

/// 1213, 1205 and 1020 by their texts: diesel does not pass the numbers on.
fn lost_a_race(message: &str) -> bool {
    [
        "Deadlock found",
        "Lock wait timeout",
        "Record has changed since last read",
    ]
    .iter()
    .any(|text| message.contains(text))
}

/// 2006, 2013, 1047 and 1053 by their texts, and SQLite's full or failing disk.
fn connection_lost(message: &str) -> bool {
    [
        "server has gone away",
        "Lost connection",
        "WSREP has not yet prepared node",
        "Server shutdown in progress",
        "database or disk is full",
        "disk I/O error",
    ]
    .iter()
    .any(|text| message.contains(text))
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code().as_str())
    }
}

impl std::error::Error for Error {}

/// Was this insert refused because a unique value exists already?
pub fn is_duplicate(error: &diesel::result::Error) -> bool {
    matches!(
        error,
        diesel::result::Error::DatabaseError(diesel::result::DatabaseErrorKind::UniqueViolation, _)
    )
}
