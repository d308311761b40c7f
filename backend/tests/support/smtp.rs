//! A mail server that keeps what it takes, and misbehaves as it is told.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use mail_parser::MessageParser;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use super::{
    TestApp,
    certificates::{Authority, acceptor, certify, self_made},
    eventually,
    smtp_lines::{babble, line_of, log_in, message, say},
    spawn_app_with,
};

/// A point of the conversation at which the server may do something unusual.
#[derive(Debug, Clone)]
pub struct Moment {
    /// `connect`, `tls`, `ehlo`, `starttls`, `auth`, `rset`, `mail`, `rcpt`, `data`, `body` (its first line) or `message`.
    pub step: &'static str,
    /// The command as it came; of a message its text.
    pub text: String,
    /// Is the connection protected?
    pub secure: bool,
}

/// What the server does then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    Usual,
    Say(&'static str),
    /// Ends the connection without a word.
    Cut,
    /// Takes what came, then ends the connection without saying so.
    TakeAndCut,
    /// Says nothing more.
    Hang,
    /// Waits before it goes on as usual.
    Wait(Duration),
    /// Says it byte by byte, each after a second.
    Drip(&'static str),
    /// Begins an answer and never comes to its end.
    Babble,
}

/// How connections are protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    Plain,
    Implicit,
    StartTls,
}

/// A mail that was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    pub connection: usize,
    pub secure: bool,
    pub account: Option<String>,
    pub from: String,
    pub to: Vec<String>,
    pub raw: Vec<u8>,
}

impl Taken {
    /// The mail as a parser sees it.
    pub fn parsed(&self) -> mail_parser::Message<'_> {
        MessageParser::default().parse(&self.raw).unwrap()
    }

    pub fn subject(&self) -> String {
        self.parsed().subject().unwrap().to_owned()
    }

    pub fn text(&self) -> String {
        self.parsed().body_text(0).unwrap().into_owned()
    }

    pub fn html(&self) -> String {
        self.parsed().body_html(0).unwrap().into_owned()
    }

    pub fn id(&self) -> String {
        self.parsed().message_id().unwrap().to_owned()
    }

    /// A header as it came, unfolded.
    pub fn header(&self, name: &str) -> Option<String> {
        let parsed = self.parsed();
        let raw = parsed.header_raw(name)?;
        Some(raw.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

type Script = Arc<dyn Fn(&Moment) -> Act + Send + Sync>;

struct State {
    taken: Mutex<Vec<Taken>>,
    script: Mutex<Script>,
    connections: Mutex<usize>,
    protection: Protection,
    acceptor: TlsAcceptor,
}

/// The server; it listens for as long as the test runs.
pub struct Smtp {
    pub port: u16,
    state: Arc<State>,
    listening: actix_web::rt::task::JoinHandle<()>,
    folder: tempfile::TempDir,
}

impl Drop for Smtp {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Smtp {
    /// A plain one that does as mail servers do.
    pub async fn start() -> Self {
        Self::with(Protection::Plain, "127.0.0.1", 0).await
    }

    /// One with a certificate for `name`, at that port or at any.
    pub async fn with(protection: Protection, name: &str, port: u16) -> Self {
        Self::certified(protection, name, port, rcgen::date_time_ymd(2100, 1, 1)).await
    }

    /// One whose certificate was good once.
    pub async fn expired(protection: Protection) -> Self {
        Self::certified(protection, "127.0.0.1", 0, rcgen::date_time_ymd(2020, 1, 1)).await
    }

    /// One that shows the certificate of an authority as its own.
    pub async fn of_authority() -> Self {
        Self::showing(Protection::Implicit, 0, &self_made("127.0.0.1")).await
    }

    async fn certified(
        protection: Protection,
        name: &str,
        port: u16,
        good_until: time::OffsetDateTime,
    ) -> Self {
        Self::showing(protection, port, &certify(name, good_until)).await
    }

    async fn showing(protection: Protection, port: u16, authority: &Authority) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), &authority.root).unwrap();
        let acceptor = acceptor(authority);
        let state = Arc::new(State {
            taken: Mutex::default(),
            script: Mutex::new(Arc::new(|_| Act::Usual)),
            connections: Mutex::default(),
            protection,
            acceptor,
        });
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let listening = actix_web::rt::spawn(listen(listener, Arc::clone(&state)));
        Self {
            port,
            state,
            listening,
            folder,
        }
    }

    /// From now on it does what this says.
    pub fn script(&self, script: impl Fn(&Moment) -> Act + Send + Sync + 'static) {
        *self.state.script.lock().unwrap() = Arc::new(script);
    }

    /// What CaseDesk needs to know to send through it at once.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let tls = match self.state.protection {
            Protection::Plain => "none",
            Protection::Implicit => "implicit",
            Protection::StartTls => "starttls",
        };
        vec![
            ("SMTP_SERVER", "127.0.0.1".into()),
            ("SMTP_PORT", self.port.to_string()),
            ("SMTP_TLS", tls.into()),
            (
                "SMTP_CA_FILE",
                self.folder.path().join("ca.pem").display().to_string(),
            ),
            ("EMAIL_SENDER", "云户工单 <desk@example.com>".into()),
            ("MAIL_HOLD_SECONDS", "0".into()),
            ("MAIL_PER_MINUTE", "10000".into()),
            ("MAIL_PER_ADDRESS_AND_HOUR", "10000".into()),
        ]
    }

    /// One of these settings.
    pub fn setting(&self, name: &str) -> String {
        let settings = self.settings();
        let (_, value) = settings.into_iter().find(|(key, _)| *key == name).unwrap();
        value
    }

    /// What it has taken so far.
    pub fn taken(&self) -> Vec<Taken> {
        self.state.taken.lock().unwrap().clone()
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        *self.state.connections.lock().unwrap()
    }

    /// Waits until it has taken so many mails.
    pub async fn has_taken(&self, count: usize) -> Vec<Taken> {
        eventually(&format!("{count} mails arrive"), async || {
            self.taken().len() >= count
        })
        .await;
        self.taken()
    }
}

/// A CaseDesk that sends through this server at once.
pub async fn desk(smtp: &Smtp) -> TestApp {
    desk_with(smtp, &[]).await
}

/// The same with other settings.
pub async fn desk_with(smtp: &Smtp, more: &[(&str, &str)]) -> TestApp {
    let settings = smtp.settings();
    let mut settings: Vec<(&str, &str)> = settings
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    settings.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    settings.extend(more);
    spawn_app_with(&settings).await
}

async fn listen(listener: TcpListener, state: Arc<State>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let connection = {
            let mut connections = state.connections.lock().unwrap();
            *connections += 1;
            *connections - 1
        };
        let state = Arc::clone(&state);
        actix_web::rt::spawn(async move {
            let mut talk = Talk {
                state: &state,
                connection,
                secure: false,
                account: None,
            };
            // A client that goes away ends the talk.
            let _gone = if state.protection == Protection::Implicit {
                talk.secure = true;
                match state.acceptor.accept(stream).await {
                    Ok(stream) => talk.run(stream, true).await.map(drop),
                    Err(error) => Err(error),
                }
            } else {
                match talk.run(stream, true).await {
                    Ok(Some(_)) if talk.act("tls", "") == Act::Cut => Ok(()),
                    Ok(Some(stream)) => {
                        talk.secure = true;
                        match state.acceptor.accept(stream).await {
                            Ok(stream) => talk.run(stream, false).await.map(drop),
                            Err(error) => Err(error),
                        }
                    }
                    Ok(None) => Ok(()),
                    Err(error) => Err(error),
                }
            };
        });
    }
}

struct Talk<'a> {
    state: &'a State,
    connection: usize,
    secure: bool,
    account: Option<String>,
}

impl Talk<'_> {
    /// Talks until the end; hands the stream back when it is to be protected.
    async fn run<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        stream: S,
        greet: bool,
    ) -> std::io::Result<Option<S>> {
        let mut stream = BufReader::new(stream);
        if greet
            && !self
                .answer(&mut stream, "connect", "", "220 mail.test ESMTP")
                .await?
        {
            return Ok(None);
        }
        let (mut from, mut to) = (String::new(), Vec::new());
        loop {
            let mut line = Vec::new();
            if stream.read_until(b'\n', &mut line).await? == 0 {
                return Ok(None);
            }
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            let verb = line.split([' ', ':']).next().unwrap().to_ascii_uppercase();
            let goes_on = match verb.as_str() {
                "EHLO" => {
                    let offers = match (self.state.protection, self.secure) {
                        (Protection::StartTls, false) => "250-mail.test\r\n250 STARTTLS",
                        _ => "250-mail.test\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN",
                    };
                    self.answer(&mut stream, "ehlo", &line, offers).await?
                }
                "STARTTLS" => {
                    if self.answer(&mut stream, "starttls", &line, "220 go on").await? {
                        return Ok(Some(stream.into_inner()));
                    }
                    false
                }
                "AUTH" => {
                    self.account = Some(if line == "AUTH LOGIN" {
                        log_in(&mut stream).await?
                    } else {
                        line.clone()
                    });
                    self.answer(&mut stream, "auth", &line, "235 welcome").await?
                }
                "RSET" => self.answer(&mut stream, "rset", &line, "250 ok").await?,
                "MAIL" => {
                    from = line.clone();
                    to = Vec::new();
                    self.answer(&mut stream, "mail", &line, "250 ok").await?
                }
                "RCPT" => {
                    to.push(line.clone());
                    self.answer(&mut stream, "rcpt", &line, "250 ok").await?
                }
                "DATA" => {
                    if self.answer(&mut stream, "data", &line, "354 go on").await? {
                        let first = line_of(&mut stream).await?;
                        match self.act("body", &String::from_utf8_lossy(&first)) {
                            Act::Cut => return Ok(None),
                            Act::Hang => std::future::pending().await,
                            _ => {}
                        }
                        let raw = message(&mut stream, first).await?;
                        self.take(&mut stream, &from, &to, raw).await?
                    } else {
                        false
                    }
                }
                "QUIT" => {
                    say(&mut stream, "221 bye").await?;
                    false
                }
                _ => {
                    say(&mut stream, "250 ok").await?;
                    true
                }
            };
            if !goes_on {
                return Ok(None);
            }
        }
    }

    fn act(&self, step: &'static str, text: &str) -> Act {
        let script = Arc::clone(&self.state.script.lock().unwrap());
        script(&Moment {
            step,
            text: text.to_owned(),
            secure: self.secure,
        })
    }

    /// Whether the talk goes on.
    async fn answer<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut BufReader<S>,
        step: &'static str,
        text: &str,
        usual: &str,
    ) -> std::io::Result<bool> {
        match self.act(step, text) {
            Act::Usual => say(stream, usual).await?,
            Act::Say(words) => {
                say(stream, words).await?;
                // After a refusal of DATA no message follows.
                return Ok(step != "data" || words.starts_with("354"));
            }
            Act::Cut | Act::TakeAndCut => return Ok(false),
            Act::Babble => babble(stream).await?,
            Act::Hang => std::future::pending().await,
            Act::Wait(time) => {
                tokio::time::sleep(time).await;
                say(stream, usual).await?;
            }
            Act::Drip(words) => {
                for byte in words.bytes() {
                    stream.write_all(&[byte]).await?;
                    stream.flush().await?;
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
        Ok(true)
    }

    async fn take<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut BufReader<S>,
        from: &str,
        to: &[String],
        raw: Vec<u8>,
    ) -> std::io::Result<bool> {
        let act = self.act("message", &String::from_utf8_lossy(&raw));
        if matches!(act, Act::Usual | Act::TakeAndCut | Act::Wait(_)) {
            let inner = |line: &str| {
                let (_, rest) = line.split_once('<').unwrap();
                rest.split('>').next().unwrap().to_owned()
            };
            self.state.taken.lock().unwrap().push(Taken {
                connection: self.connection,
                secure: self.secure,
                account: self.account.clone(),
                from: inner(from),
                to: to.iter().map(|line| inner(line)).collect(),
                raw,
            });
        }
        match act {
            Act::Usual => say(stream, "250 2.0.0 queued").await.map(|()| true),
            Act::Say(words) => say(stream, words).await.map(|()| true),
            Act::Cut | Act::TakeAndCut => Ok(false),
            Act::Babble => babble(stream).await.map(|()| false),
            Act::Hang | Act::Drip(_) => std::future::pending().await,
            Act::Wait(time) => {
                tokio::time::sleep(time).await;
                say(stream, "250 2.0.0 queued").await.map(|()| true)
            }
        }
    }
}
