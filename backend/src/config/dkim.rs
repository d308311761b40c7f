//! DKIM: the key that mails are signed with, and the names that receivers find its public half by.

use std::sync::Arc;

use super::{ConfigError, Vars, bad};
use crate::domain::mail::dkim::Signer;

/// Reads the key, so that one that cannot sign is noticed at the start. `domain` is the sender's, if there is a sender.
pub(super) fn from_vars(vars: &Vars<'_>, domain: Option<&str>) -> Result<Option<Arc<Signer>>, ConfigError> {
    let (selector, own_domain) = (vars.text("DKIM_SELECTOR"), vars.text("DKIM_DOMAIN"));
    let Some(file) = vars.text("DKIM_KEY_FILE") else {
        return match selector.or(own_domain) {
            Some(_) => Err(bad(
                "DKIM_KEY_FILE",
                "DKIM_SELECTOR and DKIM_DOMAIN do nothing without it",
            )),
            None => Ok(None),
        };
    };
    let selector = selector.ok_or_else(|| bad("DKIM_SELECTOR", "it must be set beside DKIM_KEY_FILE"))?;
    let selector = host_name("DKIM_SELECTOR", selector)?;
    let domain = own_domain
        .or(domain.map(str::to_owned))
        .ok_or_else(|| bad("DKIM_DOMAIN", "it must be set while EMAIL_SENDER is not"))?;
    let domain = host_name("DKIM_DOMAIN", domain)?;
    let wrong = |reason: String| bad("DKIM_KEY_FILE", format!("{file}: {reason}"));
    let pem = std::fs::read(&file).map_err(|error| wrong(error.to_string()))?;
    let signer = Signer::new(&pem, &selector, &domain).map_err(wrong)?;
    Ok(Some(Arc::new(signer)))
}

/// Labels as DNS has them, so that they fit into the signature as they are.
fn host_name(variable: &'static str, name: String) -> Result<String, ConfigError> {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    if name.len() <= 253 && name.split('.').all(is_label) {
        Ok(name.to_ascii_lowercase())
    } else {
        Err(bad(
            variable,
            format!("`{name}` is no name in DNS (other letters than a to z are written as xn--…)"),
        ))
    }
}

#[cfg(test)]
#[cfg(feature = "dkim")]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Option<Arc<Signer>>, ConfigError> {
        let find = |name: &str| {
            let (_, value) = pairs.iter().find(|(key, _)| *key == name)?;
            Some((*value).to_owned())
        };
        from_vars(&Vars(&find), Some("example.com"))
    }

    fn key(name: &str) -> String {
        format!("{}/tests/keys/{name}.pem", env!("CARGO_MANIFEST_DIR"))
    }

    #[test]
    fn nothing_set_signs_nothing() {
        assert!(read(&[]).unwrap().is_none());
    }

    #[test]
    fn the_usual_forms_of_a_key_are_read() {
        let record = |name: &str, more: &[(&'static str, &'static str)]| {
            let file = key(name);
            let mut pairs = vec![("DKIM_KEY_FILE", file.as_str()), ("DKIM_SELECTOR", "Desk")];
            pairs.extend(more);
            read(&pairs).unwrap().unwrap().record()
        };
        let rsa = record("rsa", &[]);
        assert_eq!(rsa.name, "desk._domainkey.example.com");
        // As `openssl pkey -pubout` has it.
        let public: String = std::fs::read_to_string(key("rsa_public"))
            .unwrap()
            .lines()
            .filter(|line| !line.starts_with('-'))
            .collect();
        assert_eq!(rsa.value, format!("v=DKIM1; k=rsa; p={public}"));
        assert_eq!(record("rsa_pkcs8", &[]), rsa);
        let ed25519 = record("ed25519", &[("DKIM_DOMAIN", "mail.Example.com")]);
        assert_eq!(ed25519.name, "desk._domainkey.mail.example.com");
        let (_, public) = ed25519.value.split_once("v=DKIM1; k=ed25519; p=").unwrap();
        assert_eq!(public.len(), 44, "32 bytes in base64");
    }

    #[test]
    fn what_cannot_sign_names_its_variable_and_shows_no_key() {
        let good = key("rsa");
        let [small, curve, public, none] = ["rsa_1024", "ec", "rsa_public", "none"].map(key);
        let folder = env!("CARGO_MANIFEST_DIR");
        let no_key = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        let selector = ("DKIM_SELECTOR", "desk");
        let file = |file: &'static str| vec![("DKIM_KEY_FILE", file), selector];
        let leak = |text: &String| -> &'static str { text.clone().leak() };
        for (pairs, name, words) in [
            (vec![selector], "DKIM_KEY_FILE", "without it"),
            (
                vec![("DKIM_DOMAIN", "example.com")],
                "DKIM_KEY_FILE",
                "without it",
            ),
            (
                vec![("DKIM_KEY_FILE", leak(&good))],
                "DKIM_SELECTOR",
                "beside DKIM_KEY_FILE",
            ),
            (file(leak(&none)), "DKIM_KEY_FILE", "No such file"),
            (file(folder), "DKIM_KEY_FILE", "directory"),
            (file(no_key), "DKIM_KEY_FILE", "no private key"),
            (file(leak(&public)), "DKIM_KEY_FILE", "no private key"),
            (file(leak(&small)), "DKIM_KEY_FILE", "2048 to 4096 bits"),
            (file(leak(&curve)), "DKIM_KEY_FILE", "or an Ed25519 key"),
            (
                vec![("DKIM_KEY_FILE", leak(&good)), ("DKIM_SELECTOR", "my desk")],
                "DKIM_SELECTOR",
                "no name in DNS",
            ),
            (
                [file(leak(&good)), vec![("DKIM_DOMAIN", "例子.cn")]].concat(),
                "DKIM_DOMAIN",
                "xn--",
            ),
        ] {
            let error = read(&pairs).unwrap_err();
            assert_eq!(error.variable, name, "{pairs:?}");
            assert!(error.reason.contains(words), "{error}");
        }
        let nobody = from_vars(
            &Vars(&|name| match name {
                "DKIM_KEY_FILE" => Some(good.clone()),
                "DKIM_SELECTOR" => Some("desk".into()),
                _ => None,
            }),
            None,
        );
        assert_eq!(nobody.unwrap_err().variable, "DKIM_DOMAIN");
        let shown = format!("{:?}", read(&[("DKIM_KEY_FILE", &good), selector]).unwrap());
        assert_eq!(shown, "Some(Signer(\"desk._domainkey.example.com\"))");
    }
}
