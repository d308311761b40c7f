//! Tokens as the database knows them: only their SHA-256.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// The hash under which a token is stored.
pub fn hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

/// What only the holder of `key` can make of a text, in hex.
pub fn sign(key: &str, text: &str) -> String {
    // HMAC takes keys of any length.
    let mut mac = match Hmac::<Sha256>::new_from_slice(key.as_bytes()) {
        Ok(mac) => mac,
        Err(_) => return hash(&format!("{key}\u{1f}{text}")),
    };
    mac.update(text.as_bytes());
    hex(&mac.finalize().into_bytes())
}

/// The stored form of a client's key within a scope: nobody can answer another's key.
pub fn scoped_key(scope: &str, key: &str) -> String {
    hash(&format!("{scope}\u{1f}{key}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_belongs_to_its_scope() {
        assert_eq!(hash("abc").len(), 64);
        assert_ne!(scoped_key("user 1", "k"), scoped_key("user 2", "k"));
    }
}
