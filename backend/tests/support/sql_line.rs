//! A line to MariaDB that can lose the answer to a commit: the server has done it, and nobody learns that.

use std::sync::{Arc, Mutex};

use shared::Secret;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const PREPARE: u8 = 0x16;
const EXECUTE: u8 = 0x17;

/// What stands between a server of ours and its database.
pub struct SqlLine {
    url: Secret,
    loses: Arc<Mutex<Option<String>>>,
}

impl SqlLine {
    /// A line to the database with that URL.
    pub fn before(url: &str) -> Self {
        let (login, rest) = url.rsplit_once('@').unwrap();
        let (address, name) = rest.split_once('/').unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("{login}@{}/{name}", listener.local_addr().unwrap());
        let (address, loses) = (address.to_owned(), Arc::<Mutex<_>>::default());
        let asked = Arc::clone(&loses);
        // On a thread of its own: a server that starts waits for its database.
        std::thread::spawn(move || {
            actix_web::rt::Runtime::new().unwrap().block_on(async move {
                let listener = TcpListener::from_std(listener).unwrap();
                while let Ok((client, _)) = listener.accept().await {
                    let server = TcpStream::connect(&address).await.unwrap();
                    actix_web::rt::spawn(carry(client, server, Arc::clone(&asked)));
                }
            });
        });
        Self {
            url: Secret::new(url),
            loses,
        }
    }

    /// `DATABASE_URL` by way of it.
    pub fn url(&self) -> &str {
        self.url.expose()
    }

    /// Does something, and loses the answer to the commit of what holds these words.
    pub async fn losing_the_commit_of<T>(&self, words: &str, does: impl Future<Output = T>) -> T {
        *self.loses.lock().unwrap() = Some(words.to_owned());
        let done = does.await;
        assert!(self.loses.lock().unwrap().is_none(), "nothing was committed");
        done
    }
}

/// What is said in packets, each with its length in front; some commands go along with the next one.
fn packets(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut packets = Vec::new();
    while let [a, b, c, _, rest @ ..] = bytes {
        let length = u32::from_le_bytes([*a, *b, *c, 0]) as usize;
        let (said, others) = rest.split_at(length.min(rest.len()));
        packets.push(said);
        bytes = others;
    }
    packets
}

/// Carries both ways. A command is written at once and waits for its answer, if it has one.
async fn carry(mut client: TcpStream, mut server: TcpStream, loses: Arc<Mutex<Option<String>>>) {
    let (mut asked, mut answered) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let (mut prepares, mut commit, mut holds) = (false, None, false);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let Some(command) = read.ok().filter(|n| *n > 0).and_then(|n| asked.get(..n)) else { return };
                let mut is_commit = false;
                for said in packets(command) {
                    let words = loses.lock().unwrap();
                    let has = |words: &String| said.windows(words.len()).any(|part| part == words.as_bytes());
                    holds |= words.as_ref().is_some_and(has);
                    prepares |= said == [&[PREPARE], &b"COMMIT"[..]].concat();
                    is_commit |= commit.is_some() && said.first() == Some(&EXECUTE) && said.get(1..5) == commit.as_deref();
                }
                if server.write_all(command).await.is_err() {
                    return;
                }
                if is_commit && std::mem::take(&mut holds) {
                    *loses.lock().unwrap() = None;
                    // It is done once it is answered.
                    drop(server.read(&mut answered).await);
                    return;
                }
            }
            read = server.read(&mut answered) => {
                let Some(answer) = read.ok().filter(|n| *n > 0).and_then(|n| answered.get(..n)) else { return };
                if std::mem::take(&mut prepares) {
                    commit = answer.get(5..9).map(<[u8]>::to_vec);
                }
                if client.write_all(answer).await.is_err() {
                    return;
                }
            }
        }
    }
}
