//! The mail server: one connection that is kept while there are mails, and what a refusal means for the mail.

use std::{sync::Arc, time::Instant};

use anyhow::Context;
use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::CertificateDer};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_rustls::TlsConnector;

use super::{Outcome, Parcel, Refusal, Step, session::Session, tap::Transcript};
use crate::config::SmtpConfig;

/// How many mails one connection carries.
const MAILS: u32 = 100;

/// The way to the mail server.
pub(super) struct Smtp {
    config: SmtpConfig,
    helo: String,
    tls: TlsConnector,
    session: Option<(Session, Instant)>,
}

impl Smtp {
    pub(super) fn new(config: &SmtpConfig, helo: &str) -> anyhow::Result<Self> {
        Ok(Self {
            config: config.clone(),
            helo: helo.to_owned(),
            tls: connector(config)?,
            session: None,
        })
    }

    pub(super) async fn send(&mut self, parcel: &Parcel) -> Outcome {
        let mut log = Transcript::default();
        let kept = self.session.take().filter(|(session, _)| session.sent < MAILS);
        if let Some((mut session, _)) = kept {
            match session.send(parcel, &mut log).await {
                // The server has closed the connection meanwhile: that is no fault of the mail's.
                Err(refusal) if refusal.step == Step::Sender && matches!(refusal.code, None | Some(421)) => {}
                outcome => return self.settle(session, outcome),
            }
        }
        match Session::open(&self.config, &self.tls, &self.helo, &mut log).await {
            Ok(mut session) => {
                let outcome = session.send(parcel, &mut log).await;
                self.settle(session, outcome)
            }
            Err(refusal) => Outcome::Down(refusal),
        }
    }

    /// Every step, for a person to read.
    pub(super) async fn rehearse(&self, parcel: &Parcel, log: &mut Transcript) -> Result<String, Refusal> {
        let mut session = Session::open(&self.config, &self.tls, &self.helo, log).await?;
        let outcome = session.send(parcel, log).await;
        session.close().await;
        outcome
    }

    pub(super) async fn rest(&mut self) {
        let idle = |(_, since): &(Session, Instant)| since.elapsed().as_secs() >= 10;
        if self.session.as_ref().is_some_and(idle) {
            self.close().await;
        }
    }

    pub(super) async fn close(&mut self) {
        if let Some((session, _)) = self.session.take() {
            session.close().await;
        }
    }

    fn settle(&mut self, session: Session, outcome: Result<String, Refusal>) -> Outcome {
        match outcome {
            Ok(words) => {
                self.session = Some((session, Instant::now()));
                Outcome::Sent(words)
            }
            Err(refusal) => {
                // Whoever refuses one recipient goes on with the next; after anything else a fresh start is safer.
                if refusal.step == Step::Recipient && refusal.code.is_some_and(|code| code != 421) {
                    self.session = Some((session, Instant::now()));
                }
                judge(refusal)
            }
        }
    }
}

/// What a refusal means: for the server, for this mail now, or for this mail for good.
fn judge(refusal: Refusal) -> Outcome {
    let for_all = matches!(
        refusal.step,
        Step::Connect | Step::Tls | Step::Greeting | Step::Hello | Step::LogIn | Step::Sender
    );
    match refusal.code {
        _ if for_all => Outcome::Down(refusal),
        Some(400..=599) if is_about_pace(&refusal.reason) => match refusal.step {
            // It may be this one mailbox that gets too much.
            Step::Recipient => Outcome::Later(refusal),
            _ => Outcome::Slower(refusal),
        },
        Some(500..=599) => Outcome::Never(refusal),
        // Cut, silent or closing in the middle: it may be this very mail that the server chokes on. If it is the server
        // after all, the next mail does not get this far.
        _ => Outcome::Later(refusal),
    }
}

/// Was it too much for now? QQ and 163 say so with a permanent code, others with a temporary one.
fn is_about_pace(reason: &str) -> bool {
    let reason = reason.to_lowercase();
    let is_about_the_mail = [
        " 5.2.",
        " 4.2.",
        "mailbox",
        "over quota",
        "quota exceeded",
        "hop count",
        "too many hops",
        " 5.3.4",
        "message size",
        "size limit",
        "maximum size",
        "allowed size",
        "greylist",
        "graylist",
        "many recipients",
    ];
    let is_about_the_account = ["sending quota", "sending limit"];
    if is_about_the_account.iter().any(|words| reason.contains(words)) {
        return true;
    }
    if is_about_the_mail.iter().any(|words| reason.contains(words)) {
        return false;
    }
    [
        "too many",
        "too much",
        "frequen",
        "rate limit",
        "limit exceeded",
        "exceeded the max",
        "try again later",
        "频率",
        "频繁",
    ]
    .iter()
    .any(|words| reason.contains(words))
}

fn connector(config: &SmtpConfig) -> anyhow::Result<TlsConnector> {
    if config.unverified {
        return mail_send::smtp::tls::build_tls_connector(true).map_err(anyhow::Error::msg);
    }
    Ok(TlsConnector::from(Arc::new(verifying(config)?)))
}

fn verifying(config: &SmtpConfig) -> anyhow::Result<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?;
    let Some(file) = &config.ca_file else {
        return Ok(builder.with_platform_verifier()?.with_no_client_auth());
    };
    let named = || format!("SMTP_CA_FILE: {}", file.display());
    let mut roots = RootCertStore::empty();
    for certificate in
        <CertificateDer<'_> as rustls::pki_types::pem::PemObject>::pem_file_iter(file).with_context(named)?
    {
        roots.add(certificate.with_context(named)?).with_context(named)?;
    }
    anyhow::ensure!(!roots.is_empty(), "{}: no certificate in it", named());
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(step: Step, code: Option<u16>, reason: &str) -> &'static str {
        let refusal = Refusal {
            step,
            code,
            reason: reason.into(),
        };
        match judge(refusal) {
            Outcome::Sent(_) => "sent",
            Outcome::Later(_) => "later",
            Outcome::Never(_) => "never",
            Outcome::Slower(_) => "slower",
            Outcome::Down(_) => "down",
        }
    }

    #[test]
    fn a_refusal_is_of_the_server_of_now_or_for_good() {
        for (step, code, reason, meaning) in [
            (Step::Connect, None, "refused", "down"),
            (Step::LogIn, Some(535), "535 Login fail", "down"),
            (Step::Sender, Some(501), "501 not yours", "down"),
            (Step::Recipient, Some(451), "451 greylisted", "later"),
            (Step::Recipient, Some(550), "550 no such user", "never"),
            (Step::Recipient, Some(421), "421 closing", "later"),
            (
                Step::Recipient,
                Some(552),
                "552 5.2.2 Mailbox size limit exceeded",
                "never",
            ),
            (
                Step::Recipient,
                Some(550),
                "550 too many mails to this user",
                "later",
            ),
            (
                Step::Recipient,
                Some(450),
                "450 4.7.1 too many messages, slow down",
                "later",
            ),
            (Step::Data, Some(554), "554 5.4.6 too many hops", "never"),
            (
                Step::Data,
                Some(552),
                "552 5.3.4 Message size limit exceeded",
                "never",
            ),
            (
                Step::Data,
                Some(552),
                "552 5.2.2 the recipient's mailbox is over quota",
                "never",
            ),
            (
                Step::Data,
                Some(452),
                "452 4.2.2 over quota, try again later",
                "later",
            ),
            (
                Step::Data,
                Some(550),
                "550 5.4.5 Daily user sending quota exceeded",
                "slower",
            ),
            (
                Step::Data,
                Some(451),
                "451 4.7.0 Too many mails from shop.example, try again later",
                "slower",
            ),
            (
                Step::Data,
                Some(421),
                "421 too many recipients this hour",
                "later",
            ),
            (
                Step::Data,
                Some(550),
                "550 You have exceeded the maximum of mails an hour",
                "slower",
            ),
            (Step::Data, Some(451), "451 not now", "later"),
            (
                Step::Data,
                Some(451),
                "451 4.7.1 Greylisted, please try again later",
                "later",
            ),
            (
                Step::Data,
                Some(552),
                "552 Message exceeded the maximum allowed size",
                "never",
            ),
            (Step::Data, Some(552), "552 too big", "never"),
            (Step::Data, Some(554), "554 spam", "never"),
            (Step::Data, Some(550), "550 Sending frequency limited", "slower"),
            (Step::Data, Some(550), "550 发送频率超限", "slower"),
            (Step::Data, None, "cut", "later"),
        ] {
            assert_eq!(judged(step, code, reason), meaning, "{reason}");
        }
    }
}
