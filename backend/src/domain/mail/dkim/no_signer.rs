//! A build without the feature `dkim`: there is no signer, and whoever asks for one is told why.

use super::Record;

/// There is none.
#[derive(Debug)]
pub enum Signer {}

impl Signer {
    /// Says that this build cannot sign.
    pub fn new(_pem: &[u8], _selector: &str, _domain: &str) -> Result<Self, String> {
        Err("this build cannot sign mails: build it with the feature `dkim`".into())
    }

    /// The mail with its signature on top.
    pub fn sign(&self, _mail: Vec<u8>) -> std::io::Result<Vec<u8>> {
        match *self {}
    }

    /// What has to be published for the signatures to be believed.
    pub fn record(&self) -> Record {
        match *self {}
    }
}
