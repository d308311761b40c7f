//! Which files are let in: the ending must be allowed, and the content must be what the ending says.

/// The content type of a file whose ending and first bytes agree; `None` where they do not.
pub fn mime_of(ending: &str, head: &[u8]) -> Option<&'static str> {
    let sniffed = infer::get(head).map(|kind| kind.mime_type());
    let is_zip = head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06");
    match ending {
        "jpg" | "jpeg" => (sniffed == Some("image/jpeg")).then_some("image/jpeg"),
        "png" => (sniffed == Some("image/png")).then_some("image/png"),
        "gif" => (sniffed == Some("image/gif")).then_some("image/gif"),
        "pdf" => head.starts_with(b"%PDF-").then_some("application/pdf"),
        // The old binary format is an OLE container.
        "doc" => head
            .starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
            .then_some("application/msword"),
        "docx" => is_zip.then_some("application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        "zip" => is_zip.then_some("application/zip"),
        "txt" => is_text(head, sniffed).then_some("text/plain"),
        // An ending that an operator allowed beyond the default ones: only its not being something else is checked.
        _ => Some(
            sniffed
                .filter(|mime| !is_active(mime))
                .unwrap_or("application/octet-stream"),
        ),
    }
}

/// Text has no NUL and no known binary or markup signature. Any encoding will do (Chinese ones included).
fn is_text(head: &[u8], sniffed: Option<&str>) -> bool {
    let utf16 = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
    sniffed.is_none_or(|mime| mime.starts_with("text/") && !is_active(mime)) && (utf16 || !head.contains(&0))
}

/// A type that a browser would run.
fn is_active(mime: &str) -> bool {
    matches!(
        mime,
        "text/html" | "application/xhtml+xml" | "image/svg+xml" | "text/xml" | "application/javascript"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

    #[test]
    fn ending_and_content_must_agree() {
        assert_eq!(mime_of("png", PNG), Some("image/png"));
        assert_eq!(mime_of("jpg", PNG), None);
        assert_eq!(mime_of("png", b"<html><script>"), None);
        assert_eq!(mime_of("pdf", b"%PDF-1.7\n"), Some("application/pdf"));
        assert_eq!(
            mime_of("docx", b"PK\x03\x04rest"),
            Some("application/vnd.openxmlformats-officedocument.wordprocessingml.document")
        );
        assert_eq!(mime_of("txt", "你好".as_bytes()), Some("text/plain"));
        assert_eq!(mime_of("txt", b"\xc4\xe3\xba\xc3"), Some("text/plain"));
        assert_eq!(mime_of("txt", b"MZ\x90\0"), None);
        assert_eq!(mime_of("txt", PNG), None);
    }
}
