//! Tokens as the database knows them: only their SHA-256.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;

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
    hex(&signature(key, text))
}

/// The UUID that only the holder of `key` can make of a text: version 8, its own bits those of the signature.
pub fn uuid(key: &str, text: &str) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&signature(key, text)[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// HMAC-SHA-256.
fn signature(key: &str, text: &str) -> [u8; 32] {
    // It takes keys of any length.
    let mut mac = match Hmac::<Sha256>::new_from_slice(key.as_bytes()) {
        Ok(mac) => mac,
        Err(_) => return Sha256::digest(format!("{key}\u{1f}{text}")).into(),
    };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

/// The stored form of a client's key within a scope: nobody can answer another's key.
pub fn scoped_key(scope: &str, key: &str) -> String {
    hash(&format!("{scope}\u{1f}{key}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_that_of_its_text_and_of_nobody_elses() {
        let made = uuid("key", "mail 7 1 3");
        assert_eq!(
            (made.get_version_num(), made.get_variant()),
            (8, uuid::Variant::RFC4122)
        );
        assert_eq!(made, uuid("key", "mail 7 1 3"));
        assert_ne!(made, uuid("key", "mail 7 2 3"));
        assert_ne!(made, uuid("another", "mail 7 1 3"));
    }

    #[test]
    fn a_key_belongs_to_its_scope() {
        assert_eq!(hash("abc").len(), 64);
        assert_ne!(scoped_key("user 1", "k"), scoped_key("user 2", "k"));
    }
}
