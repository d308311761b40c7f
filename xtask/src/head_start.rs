//! Compiles the two big pieces beside the tools and each other, so that no core waits for another's last step.

use std::process::{Child, Command, Stdio};

use anyhow::Result;

use crate::server::Databases;
use crate::{process, server, spa};

/// Compilations under way. Their faults are for the real builds to tell, which follow and find most things done.
#[derive(Debug)]
pub(crate) struct HeadStart {
    server: Child,
    spa: Child,
}

impl HeadStart {
    /// Starts compiling what `spa::build` and `server::build` will ask for.
    pub(crate) fn new(profile: &str, databases: Databases) -> Result<Self> {
        // With an old SPA inside or none: cargo then does that small part again.
        let mut server = server::cargo_build(profile, databases);
        Ok(Self {
            server: start(server.arg("--lib"))?,
            spa: start(&mut spa::cargo_build())?,
        })
    }

    /// Waits until the SPA is compiled.
    pub(crate) fn wait_for_spa(&mut self) -> Result<()> {
        process::wait(&mut self.spa).map(drop)
    }

    /// Waits until the server is compiled.
    pub(crate) fn wait_for_server(&mut self) -> Result<()> {
        process::wait(&mut self.server).map(drop)
    }
}

impl Drop for HeadStart {
    fn drop(&mut self) {
        process::stop(&mut self.server);
        process::stop(&mut self.spa);
    }
}

fn start(cargo: &mut Command) -> Result<Child> {
    process::start(
        cargo
            .arg("--quiet")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null()),
    )
}
