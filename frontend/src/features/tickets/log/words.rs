//! Text with its links made clickable; everything else stays plain text.

use leptos::prelude::*;

/// A stretch of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part<'a> {
    Plain(&'a str),
    Link(&'a str),
}

/// Draws a message's text.
pub(in super::super) fn words(text: &str) -> AnyView {
    parts(text)
        .into_iter()
        .map(|part| match part {
            Part::Plain(text) => text.to_owned().into_any(),
            Part::Link(url) => view! {
                <a href=url.to_owned() target="_blank" rel="external noopener noreferrer nofollow">{url.to_owned()}</a>
            }
            .into_any(),
        })
        .map(IntoAny::into_any).collect::<Vec<_>>()
        .into_any()
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(start) = ["https://", "http://"]
        .iter()
        .filter_map(|scheme| rest.find(scheme))
        .min()
    {
        let (before, from) = rest.split_at(start);
        let length = from.find(ends_link).unwrap_or(from.len());
        let (link, after) = from.split_at(length);
        let link_end = link.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'']);
        if !before.is_empty() {
            out.push(Part::Plain(before));
        }
        let (link, tail) = link.split_at(link_end.len());
        out.push(if link.len() > 8 {
            Part::Link(link)
        } else {
            Part::Plain(link)
        });
        if !tail.is_empty() {
            out.push(Part::Plain(tail));
        }
        rest = after;
    }
    if !rest.is_empty() {
        out.push(Part::Plain(rest));
    }
    out
}

/// Blank, quote, or anything Chinese: addresses are ASCII.
fn ends_link(c: char) -> bool {
    c.is_whitespace() || !c.is_ascii() || matches!(c, '<' | '>' | '"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_end_before_punctuation_and_chinese() {
        use Part::{Link, Plain};
        assert_eq!(
            parts("看 https://a.example/x?y=1。谢谢"),
            [Plain("看 "), Link("https://a.example/x?y=1"), Plain("。谢谢")]
        );
        assert_eq!(
            parts("(http://a.example)."),
            [Plain("("), Link("http://a.example"), Plain(").")]
        );
        assert_eq!(parts("javascript:alert(1)"), [Plain("javascript:alert(1)")]);
        assert_eq!(parts("http://"), [Plain("http://")]);
        assert_eq!(parts(""), []);
    }
}
