//! `EmailAddress`: an address that is safe to write into SMTP.

use serde::{Deserialize, Serialize};

/// A plain address `local@domain`, lower-cased. No quoted local parts, spaces, angle brackets or control
/// characters: the SMTP client writes addresses as they stand, so a line break here would be a command there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

/// The longest address the schema holds, in characters.
pub const MAX_CHARS: usize = 100;

impl EmailAddress {
    /// Parses and lower-cases an address; surrounding white space is dropped.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (local, domain) = text.split_once('@')?;
        let local_ok = !local.is_empty()
            && local.len() <= 64
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && local
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b));
        let labels: Vec<&str> = domain.split('.').collect();
        let domain_ok = labels.len() >= 2 && labels.iter().all(|label| is_label(label));
        let top_ok = labels
            .last()
            .is_some_and(|top| !top.bytes().all(|b| b.is_ascii_digit()));
        (local_ok && domain_ok && top_ok && text.chars().count() <= MAX_CHARS)
            .then(|| Self(text.to_lowercase()))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= 63
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

impl std::fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for EmailAddress {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not an e-mail address"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_addresses_pass_and_are_lower_cased() {
        for good in [
            "a@b.cn",
            "ZhangSan+tag@Example.com",
            "o'neil@mail.example.co.uk",
            "李@例子.中国",
        ] {
            let parsed = EmailAddress::parse(good);
            assert_eq!(parsed.is_some(), good.is_ascii(), "{good}");
        }
        assert_eq!(
            EmailAddress::parse(" A@B.cn ").map(|a| a.to_string()),
            Some("a@b.cn".into())
        );
    }

    #[test]
    fn anything_that_could_reach_smtp_as_a_command_is_refused() {
        for bad in [
            "",
            "a",
            "a@",
            "@b.cn",
            "a@b",
            "a b@c.cn",
            "a@b.cn\r\nRCPT TO:<x@y.z>",
            "a@b.cn\0",
            "<a@b.cn>",
            "\"a b\"@c.cn",
            "a@@b.cn",
            "a@b..cn",
            ".a@b.cn",
            "a.@b.cn",
            "a@-b.cn",
            "a@1.2.3.4",
            "a,b@c.cn",
        ] {
            assert_eq!(EmailAddress::parse(bad), None, "{bad:?}");
        }
        assert_eq!(EmailAddress::parse(&format!("{}@b.cn", "a".repeat(65))), None);
    }
}
