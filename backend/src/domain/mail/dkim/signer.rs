//! The key of a domain: reading it, signing with it, and its public half.

use std::{fmt, io};

use base64::{Engine, engine::general_purpose::STANDARD};
use mail_auth::{
    common::{
        crypto::{DkimKey, Ed25519Key, RsaKey},
        headers::HeaderWriter,
    },
    dkim::{DkimSigner, Done},
};
use rustls::{
    pki_types::{PrivateKeyDer, alg_id, pem::PemObject},
    sign::public_key_to_spki,
};

use super::Record;

/// What is signed. `From` stands here twice: a second one that somebody adds breaks the signature.
const HEADERS: [&str; 15] = [
    "From",
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Auto-Submitted",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "MIME-Version",
    "Content-Type",
];

/// A domain's private key, which signs and is never shown.
pub struct Signer(DkimSigner<DkimKey, Done>);

impl Signer {
    /// `pem` holds the private key. The error says what is wrong with it, in words that fit after the file's name.
    pub fn new(pem: &[u8], selector: &str, domain: &str) -> Result<Self, String> {
        let signer = DkimSigner::from_key(key(pem)?)
            .domain(domain)
            .selector(selector)
            .headers(HEADERS);
        Ok(Self(signer))
    }

    /// The mail with its signature on top, relaxed/relaxed and without an end.
    pub fn sign(&self, mail: Vec<u8>) -> io::Result<Vec<u8>> {
        let signature = self.0.sign(&mail).map_err(io::Error::other)?;
        let mut signed = signature.to_header().into_bytes();
        signed.extend(mail);
        Ok(signed)
    }

    /// What has to be published for the signatures to be believed.
    pub fn record(&self) -> Record {
        let (kind, public) = match &self.0.key {
            DkimKey::Rsa(key) => (
                "rsa",
                public_key_to_spki(&alg_id::RSA_ENCRYPTION, key.public_key()).to_vec(),
            ),
            DkimKey::Ed25519(key) => ("ed25519", key.public_key()),
        };
        let names = &self.0.template;
        Record {
            name: format!("{}._domainkey.{}", names.s, names.d),
            value: format!("v=DKIM1; k={kind}; p={}", STANDARD.encode(public)),
        }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Signer").field(&self.record().name).finish()
    }
}

fn key(pem: &[u8]) -> Result<DkimKey, String> {
    let der = PrivateKeyDer::from_pem_slice(pem)
        .map_err(|_| "there is no private key in it, as PEM and without a password")?;
    if let PrivateKeyDer::Pkcs8(der) = &der
        && let Ok(key) = Ed25519Key::from_pkcs8_maybe_unchecked_der(der.secret_pkcs8_der())
    {
        return Ok(key.into());
    }
    RsaKey::from_key_der(der)
        .map(DkimKey::from)
        .map_err(|error| format!("it must be an RSA key of 2048 to 4096 bits or an Ed25519 key ({error})"))
}
