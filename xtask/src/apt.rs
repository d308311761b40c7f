//! Debian packages: installed when we are root, otherwise named in the error.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::process;

/// Installs packages, or fails with the command to type. `why` completes "missing for …".
pub(crate) fn install(packages: &[&str], why: &str) -> Result<()> {
    let list = packages.join(" ");
    let by_hand = format!("missing for {why}: {list}. Install with: sudo apt-get install {list}");
    if process::find("apt-get").is_none() {
        bail!(
            "{list} is needed for {why}; this system has no apt-get, so install it with its own package manager"
        );
    }
    if !is_root() {
        bail!(by_hand);
    }
    eprintln!("      installing {list} (for {why})");
    if apt_get(&["install", "--yes", "--no-install-recommends"], packages).is_err() {
        // Most often the package lists are missing or old.
        apt_get(&["update"], &[])?;
        apt_get(&["install", "--yes", "--no-install-recommends"], packages).context(by_hand)?;
    }
    Ok(())
}

fn apt_get(words: &[&str], packages: &[&str]) -> Result<()> {
    process::run(
        Command::new("apt-get")
            .args(["-q", "-o", "Dpkg::Use-Pty=0"])
            .args(words)
            .args(packages)
            .env("DEBIAN_FRONTEND", "noninteractive")
            // Services that come along stay stopped: we start our own, privately.
            .env("RUNLEVEL", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null()),
    )
}

/// Whether we may install packages.
#[cfg(unix)]
pub(crate) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    // The owner of /proc/self is the user we run as.
    Path::new("/proc/self")
        .metadata()
        .is_ok_and(|meta| meta.uid() == 0)
}

#[cfg(not(unix))]
pub(crate) fn is_root() -> bool {
    false
}
