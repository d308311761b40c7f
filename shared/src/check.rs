//! Validation: the limits of every text, applied by the form before sending and by the action before writing.

use crate::{EmailAddress, FieldErrors, error::FieldError};

/// The longest texts, in characters (not bytes), as the schema holds them.
pub mod limit {
    pub const NAME: usize = 100;
    pub const PHONE: usize = 20;
    pub const TITLE: usize = 255;
    pub const TICKET_TYPE: usize = 50;
    pub const DESCRIPTION: usize = 65_536;
    pub const MESSAGE: usize = 65_536;
    pub const RESOLUTION: usize = 10_000;
    pub const USERNAME: usize = 50;
    pub const PASSWORD_MIN: usize = 8;
    pub const PASSWORD_MAX: usize = 128;
    pub const SEARCH: usize = 200;
    pub const CLIENT_KEY: usize = 64;
    pub const BATCH: usize = 500;
    pub const PER_PAGE: u32 = 100;
    pub const ATTACHMENTS_PER_MESSAGE: usize = 20;
}

/// Collects what is wrong with an input, field by field.
#[derive(Debug, Default)]
pub struct Check {
    errors: FieldErrors,
}

impl Check {
    /// Nothing wrong yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a fault of `field`.
    pub fn fail(&mut self, field: &'static str, error: FieldError) {
        self.errors.entry(field.into()).or_insert(error);
    }

    /// One line: trimmed, not empty, at most `max` characters, no control characters.
    pub fn line(&mut self, field: &'static str, text: Option<&str>, max: usize) -> String {
        let text = text.unwrap_or_default().trim();
        if text.is_empty() {
            self.fail(field, FieldError::Required);
        } else if text.chars().any(char::is_control) {
            self.fail(field, FieldError::Characters);
        } else {
            self.length(field, text, max);
        }
        text.to_owned()
    }

    /// Like `line`, but may be left out; blank counts as left out.
    pub fn optional_line(&mut self, field: &'static str, text: Option<&str>, max: usize) -> Option<String> {
        let text = text.map(str::trim).filter(|text| !text.is_empty())?;
        Some(self.line(field, Some(text), max))
    }

    /// Several lines: kept as they are, not blank, at most `max` characters, no control characters but tab and line ends.
    pub fn text(&mut self, field: &'static str, text: Option<&str>, max: usize) -> String {
        let text = text.unwrap_or_default();
        if text.trim().is_empty() {
            self.fail(field, FieldError::Required);
        } else {
            self.any_text(field, text, max);
        }
        text.to_owned()
    }

    /// Like `text`, but may be blank.
    pub fn any_text(&mut self, field: &'static str, text: &str, max: usize) {
        if text
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        {
            self.fail(field, FieldError::Characters);
        }
        self.length(field, text, max);
    }

    /// Which page of a list, and how many entries it has: the first, and 20, where nothing is asked.
    pub fn page(&mut self, page: Option<u32>, per_page: Option<u32>) -> (u32, u32) {
        let (page, per_page) = (page.unwrap_or(1), per_page.unwrap_or(20));
        if page == 0 {
            self.fail("page", FieldError::Invalid);
        }
        if !(1..=limit::PER_PAGE).contains(&per_page) {
            self.fail("per_page", FieldError::Invalid);
        }
        (page, per_page)
    }

    /// An e-mail address that must be there.
    pub fn email(&mut self, field: &'static str, text: Option<&str>) -> Option<EmailAddress> {
        let text = text.unwrap_or_default().trim();
        if text.is_empty() {
            self.fail(field, FieldError::Required);
            return None;
        }
        let email = EmailAddress::parse(text);
        if email.is_none() {
            self.fail(field, FieldError::Email);
        }
        email
    }

    /// A new password: 8 to 128 characters.
    pub fn password(&mut self, field: &'static str, text: &str) {
        let chars = text.chars().count();
        if chars < limit::PASSWORD_MIN {
            self.fail(
                field,
                FieldError::TooShort {
                    min: limit::PASSWORD_MIN,
                },
            );
        } else if chars > limit::PASSWORD_MAX {
            self.fail(
                field,
                FieldError::TooLong {
                    max: limit::PASSWORD_MAX,
                },
            );
        }
    }

    fn length(&mut self, field: &'static str, text: &str, max: usize) {
        if text.chars().count() > max {
            self.fail(field, FieldError::TooLong { max });
        }
    }

    /// `Ok` when nothing was wrong.
    pub fn done(self) -> Result<(), FieldErrors> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(self.errors)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_trimmed_and_bounded_in_characters() {
        let mut check = Check::new();
        assert_eq!(check.line("title", Some("  标题  "), 2), "标题");
        assert!(check.done().is_ok());

        let mut check = Check::new();
        check.line("title", Some("标题长"), 2);
        check.line("name", Some(" "), 10);
        check.line("phone", Some("1\u{0}2"), 10);
        let errors = check.done().unwrap_err();
        assert_eq!(errors["title"], FieldError::TooLong { max: 2 });
        assert_eq!(errors["name"], FieldError::Required);
        assert_eq!(errors["phone"], FieldError::Characters);
    }
}
