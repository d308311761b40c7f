//! Mails as words and as bytes: what a template may say, the templates, and the MIME message made of them.

pub mod check;
pub mod dkim;
mod language;
pub mod mime;
pub mod template;
pub mod words;

pub use mime::{Envelope, Thread};
pub use template::{Rendered, Template, render};
pub use words::Words;

/// A text for a header: one line, without what turns the reading direction or cannot be seen.
pub fn one_line(text: &str) -> String {
    let visible = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .filter(|c| !turns_text(*c));
    let mut line = String::with_capacity(text.len());
    for c in visible {
        if !(c.is_whitespace() && (line.is_empty() || line.ends_with(' '))) {
            line.push(if c.is_whitespace() { ' ' } else { c });
        }
    }
    line.truncate(line.trim_end().len());
    // A mail program would decode it, and show other words than these.
    line.replace("=?", "= ?")
}

/// Marks that make text look like another: overrides and isolates of the reading direction.
fn turns_text(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text for a body: line breaks and tabs stay, other control characters go.
pub fn plain(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .map(|c| if c == '\r' { '\n' } else { c })
        .filter(|c| matches!(c, '\n' | '\t') || !(c.is_control() || turns_text(*c)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_one_visible_line() {
        assert_eq!(one_line("  a\r\nBcc: x@y.z\0 \t b "), "a Bcc: x@y.z b");
        assert_eq!(one_line("invoice\u{202e}fdp.exe"), "invoicefdp.exe");
        assert_eq!(one_line("打印机　坏了 😀"), "打印机 坏了 😀");
    }

    #[test]
    fn a_body_keeps_its_lines() {
        assert_eq!(plain("a\r\nb\rc\n\td\0\u{202e}e"), "a\nb\nc\n\tde");
    }
}
