//! Uploaded files as the wire shows them, and the type for their names.

use serde::{Deserialize, Serialize};

use crate::{AttachmentId, LocalTime};

/// An uploaded file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    pub id: AttachmentId,
    /// The name it had on the sender's machine.
    pub name: String,
    /// Bytes.
    pub size: i64,
    /// Decided by the server from the content, never taken from the sender.
    pub mime: String,
    /// `GET` this as it stands.
    pub url: String,
    pub created_at: LocalTime,
}

impl Attachment {
    /// The name's ending in upper case, for a badge.
    pub fn kind(&self) -> String {
        self.name
            .rsplit_once('.')
            .map_or_else(String::new, |(_, ending)| ending.to_ascii_uppercase())
    }

    /// Can a browser show it in an `<img>`?
    pub fn is_image(&self) -> bool {
        matches!(self.mime.as_str(), "image/png" | "image/jpeg" | "image/gif")
    }
}

/// The answer to an upload: the seed's `file_url`, and the whole attachment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uploaded {
    pub message: String,
    pub file_url: String,
    pub attachment: Attachment,
}

/// A file name that is safe to show and to send in a header: no path, no control, direction or zero-width
/// characters, not empty, at most 200 characters. It is never used as a path on the server's disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SafeFileName(String);

/// The longest file name kept, in characters; a longer stem is cut, the ending stays.
pub const MAX_NAME_CHARS: usize = 200;

impl SafeFileName {
    /// Cleans a name as a browser sent it.
    pub fn clean(raw: &str) -> Self {
        let base = raw.rsplit(['/', '\\']).next().unwrap_or_default();
        let kept: String = base.chars().filter(|&c| !is_deceptive(c)).collect();
        let kept = kept.trim().trim_end_matches(['.', ' ']);
        let (stem, ending) = match kept.rsplit_once('.') {
            Some((stem, ending)) if ending.chars().count() <= 16 => (stem, Some(ending)),
            _ => (kept, None),
        };
        let stem: String = match stem.trim() {
            "" => "file".to_owned(),
            stem => stem.chars().take(MAX_NAME_CHARS - 17).collect(),
        };
        Self(match ending {
            Some(ending) => format!("{stem}.{ending}"),
            None => stem,
        })
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The ending in lower case, without its dot.
    pub fn ending(&self) -> Option<String> {
        self.0.rsplit_once('.').map(|(_, ending)| ending.to_lowercase())
    }
}

fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(raw: &str) -> String {
        SafeFileName::clean(raw).0
    }

    #[test]
    fn paths_and_tricks_are_removed_and_chinese_stays() {
        assert_eq!(clean("../../etc/passwd"), "passwd");
        assert_eq!(clean("C:\\temp\\导出 截图.PNG"), "导出 截图.PNG");
        assert_eq!(clean("\u{200b}.htaccess"), "file.htaccess");
        assert_eq!(clean("photo\u{202e}gpj.exe"), "photogpj.exe");
        assert_eq!(clean("a.pdf. . "), "a.pdf");
        assert_eq!(clean("a\r\nX: y\0.txt"), "aX: y.txt");
        assert_eq!(clean(""), "file");
    }

    #[test]
    fn long_names_keep_their_ending() {
        let name = clean(&format!("{}.docx", "长".repeat(4096)));
        assert!(name.chars().count() <= MAX_NAME_CHARS);
        assert!(name.ends_with("长.docx"));
        assert_eq!(SafeFileName::clean("A.PDF").ending().as_deref(), Some("pdf"));
    }
}
