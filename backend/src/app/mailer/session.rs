//! One connection to the mail server, step by step, and at which of them it failed.

use std::{future::Future, net::SocketAddr, time::Duration};

use mail_send::{
    Credentials, Error, SmtpClient,
    smtp::{AssertReply, message::Parameters},
};
use smtp_proto::{EXT_START_TLS, EhloResponse, Response};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;

use super::{
    Parcel,
    tap::{Tap, Transcript},
};
use crate::config::{SmtpConfig, Tls};

/// The steps of sending a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Reaching the server.
    Connect,
    Tls,
    Greeting,
    Hello,
    LogIn,
    Sender,
    Recipient,
    Data,
}

impl Step {
    /// Its name in logs and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Tls => "TLS",
            Self::Greeting => "greeting",
            Self::Hello => "EHLO",
            Self::LogIn => "log-in",
            Self::Sender => "MAIL FROM",
            Self::Recipient => "RCPT TO",
            Self::Data => "DATA",
        }
    }
}

/// Where it ended, with which code if the server gave one, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub step: Step,
    pub code: Option<u16>,
    pub reason: String,
}

impl Refusal {
    /// Nobody said no, but the line ended while the mail itself was on its way: it may have been taken.
    pub fn leaves_open(&self) -> bool {
        self.step == Step::Data && self.code.is_none()
    }

    pub(super) fn of(step: Step, reason: impl Into<String>) -> Self {
        Self {
            step,
            code: None,
            reason: reason.into(),
        }
    }

    fn new(step: Step, error: Error) -> Self {
        match error {
            Error::UnexpectedReply(reply) | Error::AuthenticationFailed(reply) => Self {
                step,
                code: Some(reply.code),
                reason: words(&reply),
            },
            Error::Timeout => Self::of(step, "no answer in time"),
            Error::UnparseableReply => Self::of(step, "the connection was cut, or the answer is not SMTP"),
            Error::MissingStartTls => Self::of(
                step,
                "the server offers no STARTTLS; nothing is sent without protection",
            ),
            Error::UnsupportedAuthMechanism => {
                Self::of(step, "the server offers no log-in by PLAIN or LOGIN")
            }
            Error::Tls(error) => Self::of(step, tls_reason(&error)),
            Error::Io(error) => Self::of(step, error.to_string()),
            other => Self::of(step, other.to_string()),
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.step.name(), self.reason)
    }
}

/// An answer as it came, on one line.
fn words(reply: &Response<String>) -> String {
    let message = reply.message.trim();
    match reply.esc {
        [0, ..] => format!("{} {message}", reply.code),
        [class, subject, detail] => format!("{} {class}.{subject}.{detail} {message}", reply.code),
    }
}

fn tls_reason(error: &rustls::Error) -> String {
    use rustls::CertificateError as Bad;
    match error {
        rustls::Error::InvalidCertificate(Bad::UnknownIssuer | Bad::BadSignature) => {
            "the server's certificate is signed by nobody known here; a private authority goes into SMTP_CA_FILE".into()
        }
        rustls::Error::InvalidCertificate(Bad::Expired | Bad::ExpiredContext { .. }) => {
            "the server's certificate has expired".into()
        }
        rustls::Error::InvalidCertificate(Bad::NotValidForName | Bad::NotValidForNameContext { .. }) => {
            "the server's certificate is for another name than SMTP_SERVER".into()
        }
        rustls::Error::InvalidCertificate(Bad::Other(other)) if other.to_string().contains("CaUsedAsEndEntity") => {
            "the server shows the certificate of an authority as its own (openssl req -x509 makes such a one): \
             it needs one with CA:FALSE, signed by that authority, whose certificate goes into SMTP_CA_FILE; \
             SMTP_UNVERIFIED_SERVER does without any check"
                .into()
        }
        rustls::Error::InvalidMessage(_) => {
            "the server does not speak TLS at once on this port: SMTP_TLS=starttls, or the port for implicit TLS (465)"
                .into()
        }
        rustls::Error::PeerIncompatible(_)
        | rustls::Error::AlertReceived(rustls::AlertDescription::ProtocolVersion) => {
            "the server speaks only an outdated TLS; 1.2 is the oldest that is safe".into()
        }
        other => other.to_string(),
    }
}

/// Tries every address of the server, each for its share of the time: the first may lead nowhere (IPv6 often does).
async fn connect(server: &str, port: u16, time: Duration) -> Result<TcpStream, Refusal> {
    let asking = async { Ok(lookup_host((server, port)).await?.collect()) };
    let addresses: Vec<SocketAddr> = within(Step::Connect, time, asking).await?;
    connect_to_one(&addresses, time).await
}

async fn connect_to_one(addresses: &[SocketAddr], time: Duration) -> Result<TcpStream, Refusal> {
    let share = time / u32::try_from(addresses.len().max(1)).unwrap_or(u32::MAX);
    let mut refusal = Refusal::of(Step::Connect, "the server's name has no address");
    for address in addresses {
        match within(Step::Connect, share, async {
            Ok(TcpStream::connect(address).await?)
        })
        .await
        {
            Ok(stream) => return Ok(stream),
            Err(error) => refusal = error,
        }
    }
    Err(refusal)
}

/// A connection that is logged in.
pub(super) struct Session {
    client: SmtpClient<Tap>,
    pub(super) sent: u32,
}

impl Session {
    /// Connects, protects, greets and logs in.
    pub(super) async fn open(
        config: &SmtpConfig,
        tls: &TlsConnector,
        helo: &str,
        log: &mut Transcript,
    ) -> Result<Self, Refusal> {
        log.note(format!("{}:{}", config.server, config.port));
        let stream = connect(&config.server, config.port, config.timeout).await?;
        let mut client = client(Tap::new(stream), config);
        if config.tls == Tls::Implicit {
            client = protect(client, config, tls, log).await?;
        }
        let greeting = within(Step::Greeting, config.timeout, async { client.read().await }).await;
        log.server(&client.stream.heard());
        greeting?
            .assert_positive_completion()
            .map_err(|error| Refusal::new(Step::Greeting, error))?;
        let mut offers = hello(&mut client, helo, log).await?;
        if config.tls == Tls::StartTls {
            if !offers.has_capability(EXT_START_TLS) {
                return Err(Refusal::new(Step::Tls, Error::MissingStartTls));
            }
            log.client("STARTTLS");
            let ready = client.cmd(b"STARTTLS\r\n").await;
            log.server(&client.stream.heard());
            ready
                .and_then(AssertReply::assert_positive_completion)
                .map_err(|error| Refusal::new(Step::Tls, error))?;
            client = protect(client, config, tls, log).await?;
            offers = hello(&mut client, helo, log).await?;
        }
        if let Some(username) = &config.username {
            log.client(format!("AUTH {username} ••••••"));
            let credentials = Credentials::new(username.as_str(), config.password.expose());
            let entered = client.authenticate(credentials, offers).await.map(drop);
            log.server(&client.stream.heard());
            entered.map_err(|error| Refusal::new(Step::LogIn, error))?;
        }
        Ok(Self { client, sent: 0 })
    }

    /// Hands over one mail; the server's last words.
    pub(super) async fn send(&mut self, parcel: &Parcel, log: &mut Transcript) -> Result<String, Refusal> {
        let client = &mut self.client;
        if self.sent > 0 {
            client
                .rset()
                .await
                .map_err(|error| Refusal::new(Step::Sender, error))?;
            client.stream.heard();
        }
        self.sent += 1;
        log.client(format!("MAIL FROM:<{}>", parcel.from));
        let from = client.mail_from(parcel.from.as_str(), &Parameters::new()).await;
        log.server(&client.stream.heard());
        from.map_err(|error| Refusal::new(Step::Sender, error))?;
        log.client(format!("RCPT TO:<{}>", parcel.to));
        let to = client.rcpt_to(parcel.to.as_str(), &Parameters::new()).await;
        log.server(&client.stream.heard());
        to.map_err(|error| Refusal::new(Step::Recipient, error))?;
        log.client("DATA");
        log.note(format!("{} bytes", parcel.bytes.len()));
        let usual = client.timeout;
        client.timeout = usual * 3;
        let taken = client.data(&parcel.bytes).await;
        client.timeout = usual;
        log.server(&client.stream.heard());
        let taken = taken.map_err(|error| Refusal::new(Step::Data, error))?;
        Ok(words(&taken))
    }

    /// Says goodbye; whether anybody hears it does not matter.
    pub(super) async fn close(self) {
        drop(tokio::time::timeout(Duration::from_secs(2), self.client.quit()).await);
    }
}

fn client(stream: Tap, config: &SmtpConfig) -> SmtpClient<Tap> {
    SmtpClient {
        stream,
        timeout: config.timeout,
    }
}

async fn hello(
    client: &mut SmtpClient<Tap>,
    helo: &str,
    log: &mut Transcript,
) -> Result<EhloResponse<String>, Refusal> {
    log.client(format!("EHLO {helo}"));
    let offers = client.ehlo(helo).await;
    log.server(&client.stream.heard());
    offers.map_err(|error| Refusal::new(Step::Hello, error))
}

async fn within<T>(
    step: Step,
    patience: Duration,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Refusal> {
    match tokio::time::timeout(patience, work).await {
        Ok(outcome) => outcome.map_err(|error| Refusal::new(step, error)),
        Err(_) => Err(Refusal::new(step, Error::Timeout)),
    }
}

/// Whatever came in the clear after the answer to STARTTLS is left behind with the old client.
async fn protect(
    client: SmtpClient<Tap>,
    config: &SmtpConfig,
    tls: &TlsConnector,
    log: &mut Transcript,
) -> Result<SmtpClient<Tap>, Refusal> {
    let name = rustls::pki_types::ServerName::try_from(config.server.clone())
        .map_err(|_| Refusal::new(Step::Tls, Error::InvalidTLSName))?;
    let handshake = tls.connect(name, client.stream.into_inner());
    let stream = within(Step::Tls, config.timeout, async {
        handshake.await.map_err(tls_error)
    })
    .await?;
    let (_, connection) = stream.get_ref();
    let version = connection.protocol_version().and_then(|version| version.as_str());
    let certificate = if config.unverified {
        "the certificate is NOT checked (SMTP_UNVERIFIED_SERVER)"
    } else {
        "the certificate is in order"
    };
    log.note(format!("{}: {certificate}", version.unwrap_or("TLS")));
    Ok(self::client(Tap::new(stream), config))
}

fn tls_error(error: std::io::Error) -> Error {
    match error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
    {
        Some(inner) => Error::Tls(Box::new(inner.clone())),
        None => Error::Io(error),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// A listener whose queue is full: whoever comes hears nothing at all.
    fn dead_end() -> (TcpListener, Vec<std::net::TcpStream>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (mut queue, mut refused) = (Vec::new(), 0);
        // A busy machine may keep one waiting by itself.
        while refused < 5 {
            match std::net::TcpStream::connect_timeout(&address, Duration::from_millis(100)) {
                Ok(stream) => queue.push(stream),
                Err(_) => refused += 1,
            }
        }
        (listener, queue)
    }

    #[tokio::test]
    async fn an_address_that_leads_nowhere_does_not_take_the_time_of_the_next() {
        let (nowhere, _queue) = dead_end();
        let answers = TcpListener::bind("127.0.0.1:0").unwrap();
        let addresses = [nowhere.local_addr().unwrap(), answers.local_addr().unwrap()];
        let reached = connect_to_one(&addresses, Duration::from_secs(2)).await.unwrap();
        assert_eq!(reached.peer_addr().unwrap(), addresses[1]);
        let refusal = connect_to_one(&addresses[..1], Duration::from_millis(200)).await;
        assert_eq!(refusal.unwrap_err().reason, "no answer in time");
        let refusal = connect_to_one(&[], Duration::from_secs(2)).await;
        assert_eq!(refusal.unwrap_err().step, Step::Connect);
    }
}
