//! Mail templates: the built-in ones, and the sandbox that any template is rendered in.

use std::io::{self, Write};

use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context, filters, value::Serde};
use shared::{Lang, notifications::NotificationKind};

use super::{Words, language, one_line, plain};

/// How many steps a template may take: enough for fifty messages, and nothing that never ends.
const FUEL: u64 = 50_000;
/// The longest part a template may make, in bytes: room for the most that one mail tells, every character of it escaped.
const MAX_PART: usize = 2 * 1024 * 1024;
/// The longest subject, in characters.
const MAX_SUBJECT: usize = 200;

/// The three texts of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pub subject: String,
    pub text: String,
    /// The inside of the HTML part; what is around it is the same for all.
    pub html: String,
}

/// A mail's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Why a template cannot be used: in which of its texts, on which line, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// `subject`, `text` or `html`.
    pub part: &'static str,
    pub line: Option<usize>,
    pub reason: Reason,
}

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It may say nothing at all.
    Empty,
    /// It asks for a word that no mail has.
    UnknownWord(String),
    /// In the template engine's words.
    Engine(String),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.part)?;
        if let Some(line) = self.line {
            write!(f, " line {line}")?;
        }
        match &self.reason {
            Reason::Empty => f.write_str(": it is empty"),
            Reason::UnknownWord(word) => write!(f, ": there is no `{word}`"),
            Reason::Engine(reason) => write!(f, ": {reason}"),
        }
    }
}

macro_rules! built_in {
    ($name:literal) => {
        (
            include_str!(concat!("templates/", $name, ".zh.txt")),
            include_str!(concat!("templates/", $name, ".en.txt")),
        )
    };
}

impl Template {
    /// The template that comes with the product.
    pub fn built_in(kind: NotificationKind, lang: Lang) -> Self {
        let (zh, en) = match kind {
            NotificationKind::Created => built_in!("ticket_created"),
            NotificationKind::Message => built_in!("new_message"),
            NotificationKind::Status => built_in!("status_changed"),
            NotificationKind::Assigned => built_in!("ticket_assigned"),
        };
        let file = lang.pick(zh, en);
        let (subject, rest) = file.split_once("\n=== text\n").unwrap_or((file, ""));
        let (text, html) = rest.split_once("\n=== html\n").unwrap_or((rest, ""));
        Self {
            subject: subject.to_owned(),
            text: text.to_owned(),
            html: html.to_owned(),
        }
    }
}

/// What stands around a mail's own words.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    pub lang: Lang,
    /// Where the recipient can stop such mails.
    pub unsubscribe: Option<&'a str>,
}

/// Renders a template.
pub fn render(template: &Template, words: &Words, frame: Frame<'_>) -> Result<Rendered, Fault> {
    let environment = sandbox();
    let values = Value::from(Serde(words));
    let subject = part(&environment, "subject", &template.subject, values.clone())?;
    let text = part(&environment, "text", &template.text, values.clone())?;
    let content = part(&environment, "html", &template.html, values)?;
    let subject: String = one_line(&subject).chars().take(MAX_SUBJECT).collect();
    let lang = frame.lang;
    let footer = lang.pick(
        "请不要直接回复这封邮件，点上面的按钮到工单里回复。",
        "Please don't answer this mail: reply in the ticket, by the button above.",
    );
    let unsubscribe_words = lang.pick("不再接收这类邮件", "Stop mails of this kind");
    let around = context! {
        lang => lang.tag(),
        subject => &subject,
        site => &words.site,
        link => Value::from_safe_string(escaped(&words.link)),
        content => Value::from_safe_string(content),
        button => lang.pick("打开工单", "Open the ticket"),
        footer => footer,
        unsubscribe => frame.unsubscribe.map(|link| Value::from_safe_string(escaped(link))),
        unsubscribe_words => unsubscribe_words,
    };
    let html = part(&environment, "html", include_str!("templates/shell.html"), around)?;
    let mut text = plain(&text).trim().to_owned();
    text.push_str("\n\n-- \n");
    text.push_str(&words.site);
    if let Some(unsubscribe) = frame.unsubscribe {
        text.push_str(&format!("\n{unsubscribe_words}: {unsubscribe}"));
    }
    text.push('\n');
    Ok(Rendered { subject, text, html })
}

/// No files, no network, no endless loops; a word that does not exist is an error. There is no filter or function but these.
pub(super) fn sandbox() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_fuel(Some(FUEL));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|name| match name {
        "html" => AutoEscape::Html,
        _ => AutoEscape::None,
    });
    environment.add_filter("breaks", breaks);
    environment.add_filter("upper", filters::upper);
    environment.add_filter("lower", filters::lower);
    environment.add_filter("capitalize", filters::capitalize);
    environment.add_filter("title", filters::title);
    environment.add_filter("trim", filters::trim);
    environment.add_filter("default", filters::default);
    environment.add_filter("length", filters::length);
    environment.add_filter("first", filters::first);
    environment.add_filter("last", filters::last);
    environment.add_filter("join", filters::join);
    environment.add_test("defined", minijinja::tests::is_defined);
    environment.add_test("undefined", minijinja::tests::is_undefined);
    environment
}

/// A text of several lines as HTML.
fn breaks(text: &str) -> Value {
    Value::from_safe_string(escaped(plain(text).trim()).replace('\n', "<br>"))
}

fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
    html
}

fn part(
    environment: &Environment<'_>,
    name: &'static str,
    source: &str,
    values: Value,
) -> Result<String, Fault> {
    let fault = |error: minijinja::Error| Fault {
        part: name,
        line: error.line(),
        reason: Reason::Engine(error.detail().map_or_else(
            || error.kind().to_string(),
            |detail| format!("{}: {detail}", error.kind()),
        )),
    };
    if let Some(language::Forbidden { line, what }) = language::forbidden(source) {
        return Err(Fault {
            part: name,
            line: Some(line),
            reason: Reason::Engine(format!("{what} cannot be used in a mail")),
        });
    }
    let mut room = Room(Vec::new());
    let template = environment.template_from_named_str(name, source).map_err(fault)?;
    template.render_captured_to(values, &mut room).map_err(fault)?;
    String::from_utf8(room.0).map_err(|_| Fault {
        part: name,
        line: None,
        reason: Reason::Engine("not UTF-8".into()),
    })
}

/// Takes no more than a part may be long.
struct Room(Vec<u8>);

impl Write for Room {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_PART {
            return Err(io::Error::other("the text gets too long"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::mail::words;

    const LINK: &str = "https://desk.example.com/case/ticket/7";

    fn frame(lang: Lang) -> Frame<'static> {
        Frame {
            lang,
            unsubscribe: Some("https://desk.example.com/case/unsubscribe#u"),
        }
    }

    fn template(subject: &str, text: &str, html: &str) -> Template {
        Template {
            subject: subject.into(),
            text: text.into(),
            html: html.into(),
        }
    }

    #[test]
    fn every_built_in_template_says_what_it_must() {
        for &kind in NotificationKind::ALL {
            for lang in [Lang::Zh, Lang::En] {
                let words = Words::sample(lang, LINK);
                let mail = render(&Template::built_in(kind, lang), &words, frame(lang)).unwrap();
                let seen = format!("{kind} {lang:?}\n{mail:#?}");
                assert!(mail.subject.starts_with("[TK202602060001] "), "{seen}");
                assert!(mail.subject.contains(&words.ticket.title), "{seen}");
                let told = match kind {
                    NotificationKind::Created => vec![
                        &words.customer.name,
                        &words.customer.email,
                        &words.ticket.priority,
                    ],
                    NotificationKind::Message => vec![&words.messages[0].sender, &words.messages[0].text],
                    NotificationKind::Status => vec![
                        &words.changes[0].from,
                        &words.changes[0].to,
                        &words.changes[0].by,
                        &words.ticket.resolution,
                    ],
                    NotificationKind::Assigned => vec![&words.by, &words.customer.name],
                };
                for word in told.into_iter().chain([&words.link]) {
                    assert!(mail.text.contains(word.as_str()), "{word}: {seen}");
                    let html = mail.html.replace("&#39;", "'");
                    assert!(html.contains(word.as_str()), "{word}: {seen}");
                }
                assert!(
                    !mail.text.contains("\n\n\n\n") && !mail.text.contains("{{"),
                    "{seen}"
                );
            }
        }
    }

    #[test]
    fn the_most_that_a_mail_tells_fits_into_every_built_in_template() {
        for &kind in NotificationKind::ALL {
            for lang in [Lang::Zh, Lang::En] {
                let mut words = Words::sample(lang, LINK);
                let long = "\"".repeat(4001);
                let message = words::MessageWords {
                    sender: "\"".repeat(200),
                    text: long.clone(),
                    files: vec!["\"".repeat(200); 20],
                    ..words.messages[0].clone()
                };
                words.messages = vec![message; 30];
                (words.ticket.description, words.ticket.resolution) = (long.clone(), long);
                render(&Template::built_in(kind, lang), &words, frame(lang)).unwrap();
            }
        }
    }

    #[test]
    fn words_are_words_whatever_they_look_like() {
        let mut words = Words::sample(Lang::Zh, LINK);
        words.ticket.title = "{{ 7 * 7 }} <b>x</b>\r\nBcc: a@b.cn".into();
        words.messages[0].text = "<script>alert(1)</script>\n{% raw %}\n\"'&".into();
        let mail = render(
            &Template::built_in(NotificationKind::Message, Lang::Zh),
            &words,
            frame(Lang::Zh),
        )
        .unwrap();
        assert!(
            mail.subject.ends_with("{{ 7 * 7 }} <b>x</b> Bcc: a@b.cn"),
            "{}",
            mail.subject
        );
        assert!(!mail.html.contains("<script") && !mail.html.contains("<b>"));
        assert!(
            mail.html
                .contains("&lt;script&gt;alert(1)&lt;/script&gt;<br>{% raw %}<br>&quot;&#39;&amp;")
        );
    }

    #[test]
    fn a_broken_template_says_where_and_why() {
        let words = Words::sample(Lang::En, LINK);
        let tried = |template: &Template| render(template, &words, frame(Lang::En)).unwrap_err();
        for (template, part, line) in [
            (template("{{ ticket.title", "", ""), "subject", Some(1)),
            (template("", "a\n{{ ticket.tilte }}", ""), "text", Some(2)),
            (template("", "", "\n\n{% for x in %}"), "html", Some(3)),
            (template("", "{{ 1 | nothing }}", ""), "text", Some(1)),
        ] {
            let fault = tried(&template);
            assert_eq!((fault.part, fault.line), (part, line), "{fault}");
        }
    }

    #[test]
    fn no_template_runs_for_ever_or_fills_the_memory() {
        let words = Words::sample(Lang::En, LINK);
        for text in [
            "{% for a in range(9999) %}{% for b in range(9999) %}{{ b }}{% endfor %}{% endfor %}",
            "{{ 'x' * 100000000 }}",
            &format!(
                "{{% set a = messages %}}{}{{{{ a }}}}",
                "{% set a = a + a %}".repeat(40)
            ),
            &format!("{{{{ messages{} }}}}", " | chain(messages)".repeat(40)),
            &format!("{{{{ by{} }}}}", " | replace('a', by)".repeat(40)),
            "{% set x = 'xxxxxxxxxxxxxxxxxxxxxxxxx' * 30000 %}{% for a in range(9999) %}{{ x }}{% endfor %}",
            "{% include 'etc/passwd' %}",
        ] {
            let started = std::time::Instant::now();
            let fault = render(&template("", text, ""), &words, frame(Lang::En));
            assert!(fault.is_err(), "{text}");
            assert!(started.elapsed().as_secs() < 5, "{text}");
        }
    }
}
