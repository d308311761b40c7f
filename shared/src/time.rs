//! Times as the wire shows them.

use serde::{Deserialize, Serialize};

/// `YYYY-MM-DD HH:MM:SS` in the server's display time zone (`meta` tells its name and offset).
///
/// Text on purpose: it sorts, it prints, and neither side needs a calendar to pass it on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LocalTime(pub String);

impl LocalTime {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The day, `YYYY-MM-DD`.
    pub fn date(&self) -> &str {
        self.0.get(..10).unwrap_or(&self.0)
    }
}

impl std::fmt::Display for LocalTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
