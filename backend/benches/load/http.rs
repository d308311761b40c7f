//! A closed-loop HTTP load: each connection asks again as soon as it is answered.

use std::{
    fmt,
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// One request, over and over; `{id}` and `{page}` are drawn anew each time.
pub struct Call {
    pub what: &'static str,
    pub path: &'static str,
    pub body: Option<&'static str>,
    pub ids: i32,
}

/// What came of it.
#[derive(Default)]
pub struct Figures {
    pub seconds: f64,
    pub millis: Vec<f64>,
    pub failures: usize,
}

impl Figures {
    /// Answers a second.
    pub fn rate(&self) -> f64 {
        self.millis.len() as f64 / self.seconds
    }

    fn percentile(&self, share: f64) -> f64 {
        let mut sorted = self.millis.clone();
        sorted.sort_by(f64::total_cmp);
        let place = (sorted.len() as f64 * share) as usize;
        sorted
            .get(place.min(sorted.len().saturating_sub(1)))
            .copied()
            .unwrap_or(f64::NAN)
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.0} | {:.2} | {:.2} | {}",
            self.rate(),
            self.percentile(0.5),
            self.percentile(0.99),
            self.failures
        )
    }
}

/// Loads the server for that time.
pub async fn load(
    address: SocketAddr,
    cookie: &str,
    call: &Call,
    connections: usize,
    time: Duration,
) -> Result<Figures> {
    let started = Instant::now();
    let mut all = Figures::default();
    let asking = (0..connections).map(|seed| ask(address, cookie, call, seed as u64 + 1, started + time));
    for figures in futures_util::future::try_join_all(asking).await? {
        all.millis.extend(figures.millis);
        all.failures += figures.failures;
    }
    all.seconds = started.elapsed().as_secs_f64();
    Ok(all)
}

async fn ask(
    address: SocketAddr,
    cookie: &str,
    call: &Call,
    mut seed: u64,
    until: Instant,
) -> Result<Figures> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut figures = Figures::default();
    let mut buffer = Vec::with_capacity(64 * 1024);
    while Instant::now() < until {
        let request = request(call, cookie, &mut seed);
        let asked = Instant::now();
        stream.write_all(request.as_bytes()).await?;
        let ok = read_answer(&mut stream, &mut buffer).await?;
        figures.millis.push(asked.elapsed().as_secs_f64() * 1e3);
        figures.failures += usize::from(!ok);
    }
    Ok(figures)
}

fn request(call: &Call, cookie: &str, seed: &mut u64) -> String {
    let mut draw = |below: i32| {
        *seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (*seed >> 33) % below.max(1) as u64 + 1
    };
    let path = call
        .path
        .replace("{id}", &draw(call.ids).to_string())
        .replace("{page}", &draw(call.ids / 20).to_string());
    match call.body {
        None => format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n"),
        Some(body) => format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ),
    }
}

async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<bool> {
    buffer.clear();
    let head = loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(buffer).await? == 0 {
            bail!("the server closed the connection");
        }
    };
    let text = String::from_utf8_lossy(buffer.get(..head).unwrap_or_default()).to_lowercase();
    let length: usize = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .context("an answer without a length")?
        .trim()
        .parse()?;
    while buffer.len() < head + length {
        if stream.read_buf(buffer).await? == 0 {
            bail!("the server cut an answer short");
        }
    }
    Ok(text.starts_with("http/1.1 2"))
}
