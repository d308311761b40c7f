//! Whether a template can be used: tried on made-up tickets before it is saved.

use serde_json::Value;
use shared::{Lang, mail_templates::Snippet};

use super::{
    Words,
    template::{Fault, Frame, Reason, Rendered, Template, render, sandbox},
};

/// Where the made-up ticket is.
const LINK: &str = "https://desk.example.com/case/ticket/1";
/// Where its mails are stopped.
const STOP: &str = "https://desk.example.com/case/unsubscribe";

/// The mail that a template makes of a made-up ticket, if it can be used for any ticket.
pub fn tried(template: &Template, lang: Lang) -> Result<Rendered, Fault> {
    let full = Words::sample(lang, LINK);
    for (part, source) in [
        ("subject", &template.subject),
        ("text", &template.text),
        ("html", &template.html),
    ] {
        knows_its_words(part, source, &full)?;
    }
    let frame = Frame {
        lang,
        unsubscribe: Some(STOP),
    };
    for words in [bare(&full), crowded(&full)] {
        render(template, &words, frame)?;
    }
    let rendered = render(template, &full, frame)?;
    if rendered.subject.is_empty() {
        return Err(Fault {
            part: "subject",
            line: None,
            reason: Reason::Empty,
        });
    }
    Ok(rendered)
}

/// What may stand in a template: the words, and how the lists are gone through.
pub fn snippets() -> Vec<Snippet> {
    let mut snippets = Vec::new();
    for (name, value) in fields(&words(&Words::sample(Lang::En, LINK))) {
        match value {
            Value::Object(_) => {
                for (field, _) in fields(value) {
                    let word = format!("{name}.{field}");
                    snippets.push(Snippet {
                        text: format!("{{{{ {word} }}}}"),
                        word,
                    });
                }
            }
            Value::Array(entries) => {
                let one = name.trim_end_matches('s');
                let inside: Vec<String> = entries
                    .iter()
                    .flat_map(fields)
                    .filter(|(_, value)| value.is_string())
                    .map(|(field, _)| format!("{{{{ {one}.{field} }}}}"))
                    .collect();
                let text = format!("{{% for {one} in {name} %}}{}\n{{% endfor %}}", inside.join(" "));
                snippets.push(Snippet {
                    word: name.to_owned(),
                    text,
                });
            }
            _ => snippets.push(Snippet {
                word: name.to_owned(),
                text: format!("{{{{ {name} }}}}"),
            }),
        }
    }
    snippets
}

/// A word that does not exist is found also where the made-up tickets do not lead.
fn knows_its_words(part: &'static str, source: &str, words_: &Words) -> Result<(), Fault> {
    let environment = sandbox();
    let Ok(template) = environment.template_from_named_str(part, source) else {
        // Rendering says what is wrong, and where.
        return Ok(());
    };
    let known = words(words_);
    let mut unknown: Vec<(usize, String)> = template
        .undeclared_variables(true)
        .into_iter()
        .filter(|word| !exists(&known, word) && environment.globals().all(|(global, _)| global != word))
        .map(|word| (line_of(source, &word), word))
        .collect();
    unknown.sort();
    match unknown.into_iter().next() {
        None => Ok(()),
        Some((line, word)) => Err(Fault {
            part,
            line: Some(line),
            reason: Reason::UnknownWord(word),
        }),
    }
}

fn exists(known: &Value, word: &str) -> bool {
    let mut at = known;
    word.split('.').all(|step| match at.get(step) {
        Some(inside) => {
            at = inside;
            true
        }
        // Of a list one may ask more than its fields.
        None => at.is_array(),
    })
}

/// The line on which a word stands first.
fn line_of(source: &str, word: &str) -> usize {
    let before = source
        .find(word)
        .and_then(|at| source.get(..at))
        .unwrap_or_default();
    before.matches('\n').count() + 1
}

fn words(words: &Words) -> Value {
    serde_json::to_value(words).unwrap_or_default()
}

fn fields(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let fields = value.as_object().into_iter().flatten();
    fields.map(|(name, value)| (name.as_str(), value))
}

/// A ticket of which hardly anything is known.
fn bare(full: &Words) -> Words {
    let mut words = full.clone();
    words.messages.clear();
    words.changes.clear();
    for text in [
        &mut words.ticket.resolution,
        &mut words.ticket.kind,
        &mut words.customer.phone,
    ] {
        text.clear();
    }
    words
}

/// A ticket about which there is as much to say as one mail takes.
fn crowded(full: &Words) -> Words {
    let mut words = full.clone();
    words.left_out = 12;
    words.messages = full.messages.iter().cycle().take(30).cloned().collect();
    words
}

#[cfg(test)]
mod tests {
    use shared::notifications::NotificationKind;

    use super::*;

    fn fault(subject: &str, text: &str, html: &str) -> (&'static str, Option<usize>, Reason) {
        let template = Template {
            subject: subject.into(),
            text: text.into(),
            html: html.into(),
        };
        let fault = tried(&template, Lang::En).unwrap_err();
        (fault.part, fault.line, fault.reason)
    }

    #[test]
    fn all_of_ours_can_be_used() {
        for &kind in NotificationKind::ALL {
            for lang in [Lang::Zh, Lang::En] {
                tried(&Template::built_in(kind, lang), lang).unwrap();
            }
        }
    }

    #[test]
    fn a_word_that_does_not_exist_is_found_wherever_it_stands() {
        let (part, line, reason) = fault(
            "s",
            "a\n{% if left_out > 99 %}\n{{ ticket.tilte }}{% endif %}",
            "h",
        );
        assert_eq!((part, line), ("text", Some(3)));
        assert_eq!(reason, Reason::UnknownWord("ticket.tilte".into()));
        assert_eq!(fault("{{ titel }}", "t", "h").0, "subject");
        assert_eq!(
            fault("s", "t", "{% for m in messages %}{{ m.txt }}{% endfor %}").0,
            "html"
        );
    }

    #[test]
    fn what_only_some_tickets_have_is_tried_too() {
        assert_eq!(fault("s", "{{ messages[0].text }}", "h").0, "text");
        let bare = "{% if not messages %}{{ 1 | nothing }}{% endif %}";
        assert_eq!(fault("s", bare, "h").0, "text");
        let long = "{% for m in messages %}{{ 'x' * 100000 }}{% endfor %}";
        assert_eq!(fault("s", "t", long).0, "html");
        assert_eq!(fault("{% if left_out > 99 %}s{% endif %}", "t", "h").0, "subject");
    }

    #[test]
    fn every_snippet_can_be_used() {
        let snippets = snippets();
        for word in [
            "site",
            "ticket.title",
            "ticket.type",
            "customer.email",
            "messages",
            "link",
        ] {
            assert!(snippets.iter().any(|known| known.word == word), "{word}");
        }
        for Snippet { word, text } in snippets {
            let template = Template {
                subject: "s".into(),
                text: text.clone(),
                html: text,
            };
            let mail = tried(&template, Lang::Zh).unwrap_or_else(|fault| panic!("{word}: {fault}"));
            assert!(!mail.text.trim_start().starts_with("--"), "{word}");
        }
    }
}
