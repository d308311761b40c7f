//! What is said on a connection to the mail server, for whoever has to find out why it fails.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How much of one answer is kept, in bytes.
const MAX_HEARD: usize = 8 * 1024;

/// Who said a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    Client,
    Server,
    /// Neither: something that happened.
    Note,
}

/// A line of the conversation. Passwords and the mail itself are never in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub speaker: Speaker,
    pub text: String,
}

/// The conversation so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transcript(pub Vec<Line>);

impl Transcript {
    pub(super) fn client(&mut self, text: impl Into<String>) {
        self.push(Speaker::Client, text);
    }

    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.push(Speaker::Note, text);
    }

    pub(super) fn server(&mut self, heard: &[u8]) {
        for line in String::from_utf8_lossy(heard).lines() {
            self.push(Speaker::Server, line.trim_end());
        }
    }

    fn push(&mut self, speaker: Speaker, text: impl Into<String>) {
        let text = text.into();
        self.0.push(Line { speaker, text });
    }
}

/// A connection, plain or TLS.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A connection that remembers what it heard last.
pub(super) struct Tap {
    stream: Box<dyn Stream>,
    heard: Vec<u8>,
}

impl Tap {
    pub(super) fn new(stream: impl Stream + 'static) -> Self {
        Self {
            stream: Box::new(stream),
            heard: Vec::new(),
        }
    }

    /// What was heard since the last time.
    pub(super) fn heard(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.heard)
    }

    pub(super) fn into_inner(self) -> Box<dyn Stream> {
        self.stream
    }
}

impl AsyncRead for Tap {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if let Some(new) = buffer.filled().get(before..) {
            let room = MAX_HEARD.saturating_sub(self.heard.len());
            self.heard.extend(new.iter().take(room));
        }
        polled
    }
}

impl AsyncWrite for Tap {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
