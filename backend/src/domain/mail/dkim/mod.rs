//! DKIM: a domain's signature on its mails, and the DNS record by which receivers check it.

#[cfg(feature = "dkim")]
mod signer;
#[cfg(not(feature = "dkim"))]
#[path = "no_signer.rs"]
mod signer;

pub use signer::Signer;

/// How much fits into one string of a TXT record.
const STRING: usize = 255;

/// A TXT record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub name: String,
    pub value: String,
}

impl Record {
    /// Its line in a zone file, where a long value is several strings.
    pub fn zone_line(&self) -> String {
        let mut line = format!("{}. IN TXT \"", self.name);
        for (at, c) in self.value.chars().enumerate() {
            if at > 0 && at % STRING == 0 {
                line.push_str("\" \"");
            }
            line.push(c);
        }
        line.push('"');
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_value_is_several_strings() {
        let line = |length: usize| {
            let (name, value) = ("desk._domainkey.example.com".to_owned(), "x".repeat(length));
            Record { name, value }.zone_line()
        };
        assert_eq!(line(3), "desk._domainkey.example.com. IN TXT \"xxx\"");
        assert!(line(255).ends_with(&format!("TXT \"{}\"", "x".repeat(255))));
        assert!(line(256).ends_with(&format!("TXT \"{}\" \"x\"", "x".repeat(255))));
    }
}
