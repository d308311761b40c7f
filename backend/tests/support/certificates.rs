//! Certificates of authorities that nobody has heard of before.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio_rustls::{TlsAcceptor, rustls};

/// A certificate with its key, and the authority behind it; all PEM.
pub struct Authority {
    pub root: String,
    pub certificate: String,
    pub key: String,
}

/// A certificate for that name, signed by an authority that nobody has heard of before.
pub fn authority(name: &str) -> Authority {
    certify(name, rcgen::date_time_ymd(2100, 1, 1))
}

/// One that is good until then.
pub fn certify(name: &str, good_until: time::OffsetDateTime) -> Authority {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let own = uuid::Uuid::new_v4().to_string();
    ca.distinguished_name.push(rcgen::DnType::CommonName, own);
    let root = ca.self_signed(&ca_key).unwrap().pem();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_after = good_until;
    let certificate = params.signed_by(&key, &Issuer::new(ca, ca_key)).unwrap();
    Authority {
        root,
        certificate: certificate.pem(),
        key: key.serialize_pem(),
    }
}

/// One that is its own authority, as `openssl req -x509` makes it.
pub fn self_made(name: &str) -> Authority {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).unwrap().pem();
    Authority {
        root: certificate.clone(),
        certificate,
        key: key.serialize_pem(),
    }
}

/// Lets a server show it.
pub fn acceptor(authority: &Authority) -> TlsAcceptor {
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(authority.certificate.as_bytes()).unwrap()],
            PrivateKeyDer::from_pem_slice(authority.key.as_bytes()).unwrap(),
        )
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}
