//! How a mail leaves: through the mail server, or as a file while none is set.

pub(super) mod files;
mod hint;
mod session;
mod smtp;
mod tap;

use std::{path::PathBuf, time::Duration};

use shared::{EmailAddress, Lang};

pub use self::{
    session::{Refusal, Step},
    tap::{Line, Speaker, Transcript},
};
use crate::config::{MailConfig, SmtpConfig};

/// How long one mail may take, from connecting to the server's last word.
const MOST: Duration = Duration::from_secs(120);

/// A mail ready to leave.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// The name of its file, if it becomes one.
    pub name: String,
    pub from: EmailAddress,
    pub to: EmailAddress,
    pub bytes: Vec<u8>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken; the server's words.
    Sent(String),
    /// This mail cannot be taken now: try it again later, others meanwhile.
    Later(Refusal),
    /// This mail will never be taken.
    Never(Refusal),
    /// It was too much for now: this mail later, and no other for a moment.
    Slower(Refusal),
    /// No mail can be taken now.
    Down(Refusal),
}

/// One way out, used by one sender at a time.
pub struct Mailer(Way);

enum Way {
    Smtp(Box<smtp::Smtp>),
    Files(PathBuf),
}

impl Mailer {
    /// Reads what the settings name; connects at the first mail. `helo` is what the server calls itself.
    pub fn open(config: &MailConfig, helo: &str) -> anyhow::Result<Self> {
        Ok(Self(match &config.smtp {
            Some(smtp) => {
                if smtp.unverified {
                    tracing::warn!(
                        server = smtp.server,
                        "the mail server's certificate is not checked (SMTP_UNVERIFIED_SERVER): whoever stands in between reads password and mails"
                    );
                }
                Way::Smtp(Box::new(smtp::Smtp::new(smtp, helo)?))
            }
            None => Way::Files(config.folder.clone()),
        }))
    }

    /// Hands a mail over. A claim outlives it: two servers are never at the same mail.
    pub async fn send(&mut self, parcel: &Parcel) -> Outcome {
        let sending = async {
            match &mut self.0 {
                Way::Smtp(smtp) => smtp.send(parcel).await,
                Way::Files(folder) => files::write(folder, parcel).await,
            }
        };
        match tokio::time::timeout(MOST, sending).await {
            Ok(outcome) => outcome,
            Err(_) => Outcome::Later(Refusal::of(Step::Data, "it took longer than two minutes")),
        }
    }

    /// Ends the connection politely.
    pub async fn close(&mut self) {
        if let Way::Smtp(smtp) = &mut self.0 {
            smtp.close().await;
        }
    }

    /// Ends an idle connection politely.
    pub async fn rest(&mut self) {
        if let Way::Smtp(smtp) = &mut self.0 {
            smtp.rest().await;
        }
    }
}

/// What an operator can do about a refusal.
pub fn advice(refusal: &Refusal, server: &str, lang: Lang) -> Option<&'static str> {
    hint::advice(refusal, server, lang)
}

/// Sends one mail through a connection of its own, and tells every step of it.
pub async fn rehearse(
    config: &SmtpConfig,
    helo: &str,
    parcel: &Parcel,
) -> (Transcript, Result<String, Refusal>) {
    let mut transcript = Transcript::default();
    let outcome = match smtp::Smtp::new(config, helo) {
        Ok(smtp) => smtp.rehearse(parcel, &mut transcript).await,
        Err(error) => Err(Refusal::of(Step::Tls, format!("{error:#}"))),
    };
    (transcript, outcome)
}
