//! The bytes of uploads on disk: written beside, made durable, then moved to a name nobody can guess.

use std::{
    io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use tokio::io::AsyncWriteExt;

use super::App;
use crate::{db, error::Result};

/// Half-written files of a crash older than this are removed.
const STALE: Duration = Duration::from_secs(24 * 3600);

/// The folder of uploads.
#[derive(Debug, Clone)]
pub struct FileStore {
    folder: PathBuf,
}

impl FileStore {
    /// Opens (and makes) the folder.
    pub fn open(folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder.join("incoming"))?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// Begins a file. It vanishes unless it is kept.
    pub async fn begin(&self) -> io::Result<Incoming> {
        let id = uuid::Uuid::new_v4().simple().to_string();
        let path = self.folder.join("incoming").join(&id);
        let file = tokio::fs::File::create_new(&path).await?;
        Ok(Incoming {
            file,
            id,
            size: 0,
            head: Vec::new(),
            path: Guarded(path),
            folder: self.folder.clone(),
        })
    }

    /// Where a stored file lies. `None` for a name that is no plain file name.
    pub fn path(&self, stored_name: &str) -> Option<PathBuf> {
        let plain = !stored_name.is_empty()
            && !stored_name.starts_with('.')
            && !stored_name.contains(['/', '\\', '\0'])
            && stored_name != "incoming";
        plain.then(|| self.folder.join(stored_name))
    }

    /// Removes a stored file.
    pub async fn remove(&self, stored_name: &str) -> io::Result<()> {
        match self.path(stored_name) {
            Some(path) => tokio::fs::remove_file(path).await,
            None => Ok(()),
        }
    }

    /// Names of our making in the folder that are older than a day.
    fn old_names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_ours(&name) && is_stale(&entry) {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn sweep_incoming(&self) -> io::Result<()> {
        for entry in std::fs::read_dir(self.folder.join("incoming"))? {
            let entry = entry?;
            if is_stale(&entry) {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

/// 32 hex digits and an ending: a name that this store made (the old system's files are left alone).
fn is_ours(name: &str) -> bool {
    name.split_once('.')
        .is_some_and(|(id, _)| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn is_stale(entry: &std::fs::DirEntry) -> bool {
    let modified = entry.metadata().and_then(|meta| meta.modified());
    modified.is_ok_and(|at| SystemTime::now().duration_since(at).is_ok_and(|age| age > STALE))
}

/// A path that is deleted when dropped.
struct Guarded(PathBuf);

impl Drop for Guarded {
    fn drop(&mut self) {
        // Already moved to its place, or never written: both are fine.
        drop(std::fs::remove_file(&self.0));
    }
}

/// A file on its way in.
pub struct Incoming {
    file: tokio::fs::File,
    id: String,
    size: u64,
    head: Vec<u8>,
    path: Guarded,
    folder: PathBuf,
}

/// How many first bytes are kept to tell what the file is.
const HEAD: usize = 8192;

impl Incoming {
    /// Appends bytes.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let room = HEAD.saturating_sub(self.head.len());
        self.head.extend(bytes.iter().take(room));
        self.size += bytes.len() as u64;
        self.file.write_all(bytes).await
    }

    /// Bytes so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The first bytes.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Makes the file durable and gives it its name.
    pub async fn keep(mut self, ending: &str) -> io::Result<String> {
        self.file.flush().await?;
        self.file.sync_all().await?;
        let name = format!("{}.{ending}", self.id);
        tokio::fs::rename(&self.path.0, self.folder.join(&name)).await?;
        tokio::fs::File::open(&self.folder).await?.sync_all().await?;
        Ok(name)
    }
}

impl App {
    /// Removes what a crash left: half-written files, and stored ones that no row knows, once they are a day old.
    pub async fn sweep_files(&self) -> Result<usize> {
        let store = self.files.clone();
        let failed = |error: io::Error| crate::error::Error::internal(error.into());
        store.sweep_incoming().map_err(failed)?;
        let names = store.old_names().map_err(failed)?;
        let asked = names.clone();
        let known = self
            .db
            .read(move |conn| Ok(db::attachments::known_names(conn, &asked)?))
            .await?;
        let mut removed = 0;
        for name in names.iter().filter(|name| !known.contains(name)) {
            store.remove(name).await.map_err(failed)?;
            removed += 1;
        }
        Ok(removed)
    }
}
