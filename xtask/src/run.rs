//! `cargo xtask run`: from a fresh checkout to a running CaseDesk.

use std::process::ExitCode;

use anyhow::Result;

use crate::head_start::HeadStart;
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
        tools::wasm_target()?;
        eprintln!("      SPA and server are being compiled beside the first step");
        let mut head_start = HeadStart::new("quick", databases)?;
        let tools = progress.step("looking for the SPA's tools", tools::ensure)?;
        progress.step("building the SPA", || {
            head_start.wait_for_spa()?;
            spa::build(Effort::Quick, &tools)
        })?;
        progress.step("building the server", || {
            head_start.wait_for_server()?;
            server::build("quick", databases)
        })?
    };
    server::exec(&binary, args)
}
