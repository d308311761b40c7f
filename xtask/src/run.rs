//! `cargo xtask run`: from a fresh checkout to a running CaseDesk.

use std::process::ExitCode;

use anyhow::Result;

use crate::precompress::Effort;
use crate::progress::Progress;
use crate::{server, spa, tools};

/// Builds what is out of date and becomes the server.
pub(crate) fn run(args: &[String]) -> Result<ExitCode> {
    let databases = server::databases()?;
    let binary = if spa::is_fresh(Effort::Quick)? {
        server::build("quick", databases)?
    } else {
        let mut progress = Progress::new(3);
        let tools = progress.step("looking for the SPA's tools", tools::ensure)?;
        // The SPA's last long step keeps one core busy: the other compiles the server's libraries meanwhile.
        let head_start = server::HeadStart::new("quick", databases)?;
        progress.step("building the SPA", || spa::build(Effort::Quick, &tools))?;
        progress.step("building the server", || {
            head_start.finish()?;
            server::build("quick", databases)
        })?
    };
    server::exec(&binary, args)
}
