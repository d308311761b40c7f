//! One thread that hashes passwords, with a short queue: a crowd of log-ins gets `busy`, the rest of the server its cores.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use md5::{Digest, Md5};
use shared::Secret;
use subtle::ConstantTimeEq;
use tokio::sync::oneshot;

use super::argon::Argon;
use crate::{
    actions::accounts::{ARGON2ID, MD5, WRAPPED},
    domain::tokens::hex,
    error::{Error, Result},
};

/// How many log-ins may wait: about half a second of work.
const QUEUE: usize = 32;

/// A stored password: scheme and hash.
#[derive(Debug, Clone)]
pub struct Stored {
    pub scheme: String,
    pub hash: String,
}

enum Job {
    Hash(Secret, oneshot::Sender<Result<String>>),
    Wrap(String, oneshot::Sender<Result<String>>),
    Verify(Option<Stored>, Secret, oneshot::Sender<Result<bool>>),
}

/// The way into the hashing thread.
#[derive(Clone)]
pub struct Hasher {
    queue: SyncSender<Job>,
}

impl Hasher {
    /// Starts the thread; it ends when the last handle is gone.
    pub fn start() -> anyhow::Result<Self> {
        let (queue, jobs) = sync_channel(QUEUE);
        std::thread::Builder::new()
            .name("passwords".into())
            .spawn(move || serve(&jobs))?;
        Ok(Self { queue })
    }

    /// The argon2id hash of a new password.
    pub async fn hash(&self, password: Secret) -> Result<String> {
        self.ask(|reply| Job::Hash(password, reply)).await
    }

    /// The argon2id hash of an MD5 hash.
    pub async fn wrap(&self, md5: String) -> Result<String> {
        self.ask(|reply| Job::Wrap(md5, reply)).await
    }

    /// Is this the password? An unknown account takes as long as a known one.
    pub async fn verify(&self, stored: Option<Stored>, password: Secret) -> Result<bool> {
        self.ask(|reply| Job::Verify(stored, password, reply)).await
    }

    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<Result<T>>) -> Job) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        self.queue.try_send(job(reply)).map_err(|error| match error {
            TrySendError::Full(_) => Error::busy(),
            TrySendError::Disconnected(_) => {
                Error::internal(anyhow::anyhow!("the hashing thread has stopped"))
            }
        })?;
        answer.await.unwrap_or_else(|_| {
            Err(Error::internal(anyhow::anyhow!(
                "the hashing thread dropped a job"
            )))
        })
    }
}

fn serve(jobs: &Receiver<Job>) {
    let argon = Argon::default();
    // Not with ours: the memory is taken at the first log-in, an idle server does without.
    let decoy = argon2id(&Argon2::default(), b"nobody's password").unwrap_or_default();
    while let Ok(job) = jobs.recv() {
        // An asker that went away needs no answer.
        match job {
            Job::Hash(password, reply) => drop(reply.send(argon2id(&argon, password.expose().as_bytes()))),
            Job::Wrap(md5, reply) => drop(reply.send(argon2id(&argon, md5.to_lowercase().as_bytes()))),
            Job::Verify(stored, password, reply) => {
                drop(reply.send(Ok(verify(&argon, stored.as_ref(), password.expose(), &decoy))));
            }
        }
    }
}

fn argon2id(argon: &impl PasswordHasher<PasswordHash>, password: &[u8]) -> Result<String> {
    argon
        .hash_password(password)
        .map(|hash| hash.to_string())
        .map_err(|error| Error::internal(anyhow::anyhow!("hashing a password: {error}")))
}

fn verify(argon: &Argon, stored: Option<&Stored>, password: &str, decoy: &str) -> bool {
    match stored.map(|stored| (stored.scheme.as_str(), stored.hash.as_str())) {
        Some((ARGON2ID, hash)) => matches(argon, hash, password.as_bytes()),
        Some((WRAPPED, hash)) => matches(argon, hash, md5_hex(password).as_bytes()),
        Some((MD5, hash)) => {
            let fits: bool = md5_hex(password)
                .as_bytes()
                .ct_eq(hash.to_lowercase().as_bytes())
                .into();
            fits || refuse_slowly(argon, decoy, password)
        }
        Some((_, _)) | None => refuse_slowly(argon, decoy, password),
    }
}

/// A wrong guess at an unknown or an old account takes as long as one at a new account.
fn refuse_slowly(argon: &Argon, decoy: &str, password: &str) -> bool {
    std::hint::black_box(matches(argon, decoy, password.as_bytes()));
    false
}

fn matches(argon: &Argon, hash: &str, password: &[u8]) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| argon.verify_password(password, &hash).is_ok())
}

fn md5_hex(password: &str) -> String {
    hex(&Md5::digest(password.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scheme_verifies_and_none_takes_a_hash_for_a_password() {
        let argon = Argon::default();
        let decoy = argon2id(&argon, b"x").unwrap();
        let stored = |scheme: &str, hash: &str| Stored {
            scheme: scheme.into(),
            hash: hash.into(),
        };
        let md5 = md5_hex("admin123");
        let plain = argon2id(&argon, b"admin123").unwrap();
        let wrapped = argon2id(&argon, md5.as_bytes()).unwrap();
        for row in [
            stored(MD5, &md5),
            stored(MD5, &md5.to_uppercase()),
            stored(ARGON2ID, &plain),
            stored(WRAPPED, &wrapped),
        ] {
            assert!(verify(&argon, Some(&row), "admin123", &decoy), "{}", row.scheme);
            assert!(!verify(&argon, Some(&row), "admin124", &decoy), "{}", row.scheme);
            assert!(!verify(&argon, Some(&row), &row.hash, &decoy), "{}", row.scheme);
        }
        assert!(!verify(&argon, None, "x", &decoy));
        assert!(!verify(
            &argon,
            Some(&stored("rot13", "nqzva123")),
            "admin123",
            &decoy
        ));
    }
}
