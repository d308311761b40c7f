//! Where things lie: the repository, its target folder, the folder of our tools, folders for one run.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The repository's top folder.
pub(crate) fn repo() -> PathBuf {
    // Cargo sets the variable at run time, so a checkout that was moved still works.
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let parent = manifest.as_deref().and_then(Path::parent).map(Path::to_path_buf);
    parent.unwrap_or_else(|| PathBuf::from("."))
}

/// Cargo's output folder for the native builds.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => repo().join(dir),
        None => repo().join("target"),
    }
}

/// Where our own trunk and wasm-bindgen are installed.
pub(crate) fn tools() -> PathBuf {
    repo().join("target/tools")
}

/// The frontend's folder.
pub(crate) fn frontend() -> PathBuf {
    repo().join("frontend")
}

/// The finished SPA, which the server embeds.
pub(crate) fn spa() -> PathBuf {
    repo().join("frontend/dist")
}

/// A folder that is removed with everything in it when the value is dropped.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// A new empty folder in the system's place for temporary files.
    ///
    /// Not under `target/`: another user (MariaDB's) may have no way into the home folder the repository lies in.
    pub(crate) fn new(purpose: &str) -> Result<Self> {
        let path = std::env::temp_dir().join(format!("casedesk-{purpose}-{}", std::process::id()));
        if path.exists() {
            std::fs::remove_dir_all(&path).with_context(|| format!("removing {}", path.display()))?;
        }
        std::fs::create_dir(&path).with_context(|| format!("creating {}", path.display()))?;
        Ok(Self(path))
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("xtask: {} was left behind: {error}", self.0.display());
        }
    }
}

/// A TCP port nobody listens on at this moment.
pub(crate) fn free_port() -> Result<u16> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).context("looking for a free port")?;
    Ok(listener.local_addr()?.port())
}
