//! A proxy that loses what goes through it: a connection is cut, or falls silent first, in the middle of whatever is being
//! sent.

use std::{
    cell::{Cell, RefCell},
    net::SocketAddr,
    rc::Rc,
    time::Duration,
};

use rand::{Rng, rngs::StdRng};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::{JoinSet, spawn_local},
    time::sleep,
};

/// So many bytes come from the server before the end, and so many go to it: often few, now and then many.
const DOWN: (usize, usize) = (300, 150_000);
const UP: (usize, usize) = (300, 5_000);
/// How long a line is silent before it ends, if it falls silent.
const SILENCE: Duration = Duration::from_millis(300);

/// The proxy before one server; its connections end with it.
pub struct BadLine {
    pub address: SocketAddr,
    listening: tokio::task::JoinHandle<()>,
}

impl Drop for BadLine {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl BadLine {
    /// `lost` counts what came to a bad end.
    pub async fn before(server: SocketAddr, rng: &RefCell<StdRng>, lost: &Rc<Cell<usize>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut fates = rand::SeedableRng::seed_from_u64(rng.borrow_mut().random());
        let lost = Rc::clone(lost);
        let listening = spawn_local(async move {
            let mut lines = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let fate = Fate::draw(&mut fates);
                lines.spawn_local(carry(client, server, fate, Rc::clone(&lost)));
            }
        });
        Self { address, listening }
    }
}

/// What becomes of a connection.
struct Fate {
    down: usize,
    up: usize,
    silent: bool,
}

impl Fate {
    fn draw(rng: &mut StdRng) -> Self {
        Self {
            down: Self::bytes(rng, DOWN),
            up: Self::bytes(rng, UP),
            silent: rng.random_bool(0.3),
        }
    }

    /// As often between a thousand and two thousand as between ten and twenty.
    fn bytes(rng: &mut StdRng, (least, most): (usize, usize)) -> usize {
        let (least, most) = ((least as f64).ln(), (most as f64).ln());
        rng.random_range(least..most).exp() as usize
    }
}

async fn carry(client: TcpStream, server: SocketAddr, fate: Fate, lost: Rc<Cell<usize>>) {
    let Ok(server) = TcpStream::connect(server).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let is_lost = tokio::select! {
        is_lost = pump(from_server, to_client, fate.down) => is_lost,
        is_lost = pump(from_client, to_server, fate.up) => is_lost,
    };
    if is_lost {
        lost.set(lost.get() + 1);
        if fate.silent {
            sleep(SILENCE).await;
        }
    }
}

/// Passes bytes on; true if no more than `left` could go.
async fn pump(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, mut left: usize) -> bool {
    let mut bytes = [0; 1024];
    while left > 0 {
        let few = left.min(bytes.len());
        let Ok(read @ 1..) = from.read(&mut bytes[..few]).await else {
            return false;
        };
        if to.write_all(&bytes[..read]).await.is_err() {
            return false;
        }
        left -= read;
    }
    true
}
