//! The part of the template language that mails may use: words, `if` and `for`. Whatever builds new values can be made to
//! build endless ones, in steps that the engine does not count.

/// The statements there are.
const STATEMENTS: [&str; 8] = ["for", "endfor", "if", "elif", "else", "endif", "raw", "endraw"];

/// The words after which something new begins.
const KEYWORDS: [&str; 8] = ["in", "and", "or", "not", "is", "if", "elif", "else"];

/// Something a mail may not use: on which line, and what.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Forbidden {
    pub(super) line: usize,
    pub(super) what: String,
}

/// The first thing in a template that it may not use.
pub(super) fn forbidden(source: &str) -> Option<Forbidden> {
    let mut rest = source;
    while let Some(at) = rest.find('{') {
        rest = rest.get(at..)?;
        let after = match rest.get(..2) {
            Some("{#") => rest.find("#}").map(|end| end + 2),
            Some(open @ ("{{" | "{%")) => match Tag::read(rest, open) {
                Ok(tag) if tag.word == "raw" => rest.find("endraw"),
                Ok(tag) => Some(tag.length),
                Err(what) => {
                    let before = source.get(..source.len() - rest.len()).unwrap_or_default();
                    return Some(Forbidden {
                        line: before.matches('\n').count() + 1,
                        what,
                    });
                }
            },
            Some(_) | None => Some(1),
        };
        // What has no end is refused by the engine, which says where.
        rest = rest.get(after?..)?;
    }
    None
}

/// What stands between the braces.
struct Tag<'a> {
    /// The statement; nothing in an expression.
    word: &'a str,
    length: usize,
}

impl<'a> Tag<'a> {
    fn read(source: &'a str, open: &str) -> Result<Self, String> {
        let (is_statement, end) = (open == "{%", if open == "{%" { "%}" } else { "}}" });
        let inside = source.get(2..).unwrap_or_default();
        let inside = inside.strip_prefix(['-', '+']).unwrap_or(inside);
        let word = inside.trim_start().split(|c: char| !is_of_word(c)).next();
        let word = word.filter(|_| is_statement).unwrap_or_default();
        if is_statement && !STATEMENTS.contains(&word) {
            return Err(format!("`{word}`"));
        }
        let mut scan = Scan::default();
        let mut rest = inside;
        while let Some(c) = rest.chars().next() {
            let closing = rest.strip_prefix(['-', '+']).unwrap_or(rest);
            if scan.quote.is_none() && closing.starts_with(end) {
                let length = source.len() - closing.len() + end.len();
                return Ok(Self { word, length });
            }
            scan.take(c)?;
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
        let length = source.len();
        Ok(Self { word, length })
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where in an expression one is.
#[derive(Default)]
struct Scan {
    quote: Option<char>,
    escaped: bool,
    /// The last letter or sign that was no space.
    last: Option<char>,
    word: String,
    /// Is the latest word one after which something new begins?
    after_keyword: bool,
    /// Open parentheses: whether each belongs to a filter or a test.
    open: Vec<bool>,
}

impl Scan {
    fn take(&mut self, c: char) -> Result<(), String> {
        if let Some(quote) = self.quote {
            if !self.escaped && c == quote {
                self.quote = None;
            }
            self.escaped = !self.escaped && c == '\\';
            return Ok(());
        }
        if is_of_word(c) {
            self.word.push(c);
        } else {
            self.end_word()?;
        }
        let ends_a_value = |c: char| is_of_word(c) && !self.after_keyword || ")]\"'".contains(c);
        let follows_a_value = self.last.is_some_and(ends_a_value);
        match c {
            '"' | '\'' => self.quote = Some(c),
            '+' => return Err("`+`".into()),
            '{' => return Err("a map in braces".into()),
            '[' if !follows_a_value => return Err("a list in brackets".into()),
            '(' => self.open.push(follows_a_value),
            ')' => drop(self.open.pop()),
            ',' if self.open.last() == Some(&false) => return Err("a list in parentheses".into()),
            _ => {}
        }
        if !c.is_whitespace() {
            self.last = Some(c);
        }
        Ok(())
    }

    fn end_word(&mut self) -> Result<(), String> {
        if self.word == "recursive" {
            return Err("`recursive`".into());
        }
        if !self.word.is_empty() {
            self.after_keyword = KEYWORDS.contains(&self.word.as_str());
            self.word.clear();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(source: &str) -> Option<String> {
        forbidden(source).map(|forbidden| forbidden.what)
    }

    #[test]
    fn words_conditions_and_loops_may_be_used() {
        for source in [
            "",
            "{ not a tag } + [1, 2] {",
            "{{ ticket.title }} {{- by | lower -}} {{+ by +}}",
            "{% if left_out %}{{ left_out }}{% elif by == 'a + [b]' %}\"{% else %}{% endif %}",
            "{%- for message in messages -%}{{ message.text | breaks }}{%+ endfor +%}",
            "{% for key, value in messages %}{% endfor %}",
            "{{ messages[0].text }} {{ files | join(', ') }} {{ x | default('[', true) }}",
            "{{ (a or b) and not (c) }} {{ 'it\\'s + that' }}",
            "{# {% set a = [1] + [2] %} #}{% raw %}{% set a = 1 + 1 %}{{ [ }}{% endraw %}",
            "{{ no end",
        ] {
            assert_eq!(forbidden(source), None, "{source}");
        }
    }

    #[test]
    fn whatever_builds_values_may_not() {
        for (source, named) in [
            ("{% set a = messages %}", "`set`"),
            ("{% set a %}x{% endset %}", "`set`"),
            ("{%- with a = 1 %}{% endwith %}", "`with`"),
            ("{% filter upper %}x{% endfilter %}", "`filter`"),
            ("{% macro m() %}{% endmacro %}", "`macro`"),
            (
                "{% for x in xs recursive %}{{ loop(xs) }}{% endfor %}",
                "`recursive`",
            ),
            ("{{ messages + messages }}", "`+`"),
            ("{{ 'a' + \"b\" }}", "`+`"),
            (
                "{% for x in [messages, messages] %}{% endfor %}",
                "a list in brackets",
            ),
            ("{{ a and [b] }}", "a list in brackets"),
            (
                "{% for x in (messages, messages) %}{% endfor %}",
                "a list in parentheses",
            ),
            ("{{ ((messages, messages),)[0] }}", "a list in parentheses"),
            ("{{ {'a': messages} }}", "a map in braces"),
        ] {
            assert_eq!(what(source).as_deref(), Some(named), "{source}");
        }
        let second = forbidden("a\n{{ b }}\n{% set c = 1 %}").unwrap();
        assert_eq!(second.line, 3);
    }
}
