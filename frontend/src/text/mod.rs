//! Every word of the SPA, once per language, in a struct: a missing text does not compile.

mod en;
mod keys;
mod later;
pub(crate) mod tickets;
mod zh;

use std::{cell::Cell, fmt::Display};

use leptos::prelude::*;
use shared::{Lang, Priority, Role, Status};

use crate::{reactive::RwSignal, storage};

pub(crate) use en::EN;
pub(crate) use keys::*;
pub(crate) use zh::ZH;

thread_local! {
    static LANG: Cell<Lang> = const { Cell::new(Lang::Zh) };
}

/// The language of the page.
pub(crate) fn current_lang() -> Lang {
    LANG.with(Cell::get)
}

/// The words in the language of the page. A change of language draws the whole page again, so this needs no signal.
/// Never inlined: the compiler would put both languages' words in the place of each one.
#[inline(never)]
pub(crate) fn use_text() -> &'static Text {
    match current_lang() {
        Lang::Zh => &ZH,
        Lang::En => &EN,
    }
}

/// How to change the language.
#[derive(Clone, Copy)]
pub(crate) struct LangChoice(RwSignal<Lang>);

/// Makes `use_lang` work below. Chinese first; English is chosen by hand and remembered.
pub(crate) fn provide_lang() -> LangChoice {
    let lang = match storage::get("lang").as_deref() {
        Some("en") => Lang::En,
        _ => Lang::Zh,
    };
    LANG.with(|known| known.set(lang));
    let choice = LangChoice(RwSignal::new(lang));
    provide_context(choice);
    choice
}

/// How to change the language.
pub(crate) fn use_lang() -> LangChoice {
    expect_context()
}

impl LangChoice {
    /// The language; reading it follows a change.
    pub(crate) fn get(self) -> Lang {
        self.0.get()
    }

    /// Changes to the other language.
    pub(crate) fn toggle(self) {
        let (next, name) = match self.0.get_untracked() {
            Lang::Zh => (Lang::En, "en"),
            Lang::En => (Lang::Zh, "zh"),
        };
        LANG.with(|known| known.set(next));
        storage::set("lang", name);
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("lang", next.tag());
        }
        self.0.set(next);
    }
}

/// Fills the places `{name}` of a template.
pub(crate) fn fill(template: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut out = template.to_owned();
    for (name, value) in values {
        out = out.replace(&format!("{{{name}}}"), &value.to_string());
    }
    out
}

/// A text that depends on a number, with the number at `{n}`. Chinese has one form; give it twice.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted {
    pub one: &'static str,
    pub many: &'static str,
}

impl Counted {
    /// The text for `n`.
    pub(crate) fn of(self, n: i64) -> String {
        let template = if n == 1 { self.one } else { self.many };
        fill(template, &[("n", &crate::number::grouped(n))])
    }
}

impl Text {
    /// A status in words.
    pub(crate) const fn status(&self, status: Status) -> &'static str {
        match status {
            Status::Pending => self.pending,
            Status::Processing => self.processing,
            Status::Resolved => self.resolved,
            Status::Closed => self.closed,
        }
    }

    /// A priority in a column headed by its name.
    pub(crate) const fn priority(&self, priority: Priority) -> &'static str {
        match priority {
            Priority::High => self.high,
            Priority::Medium => self.medium,
            Priority::Low => self.low,
        }
    }

    /// A priority on its own.
    pub(crate) const fn priority_long(&self, priority: Priority) -> &'static str {
        match priority {
            Priority::High => self.high_priority,
            Priority::Medium => self.medium_priority,
            Priority::Low => self.low_priority,
        }
    }

    /// A role in words.
    pub(crate) const fn role(&self, role: Role) -> &'static str {
        match role {
            Role::Admin => self.agent,
            Role::Customer => self.customer,
        }
    }

    /// A ticket type.
    pub(crate) fn kind<'a>(&self, kind: &'a str) -> &'a str {
        current_lang().ticket_type(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled_and_counts_agree() {
        assert_eq!(fill("{a} of {b}", &[("a", &1), ("b", &"two")]), "1 of two");
        let people = Counted {
            one: "{n} person",
            many: "{n} people",
        };
        assert_eq!(people.of(1), "1 person");
        assert_eq!(people.of(1200), "1,200 people");
    }
}
