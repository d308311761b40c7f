//! `cargo xtask dist`: the binary to ship, and what it weighs.

use std::process::ExitCode;

use anyhow::Result;

use crate::precompress::{self, Effort};
use crate::progress::Progress;
use crate::{server, spa, tools};

/// Builds SPA and server at their smallest and prints the sizes.
pub(crate) fn run() -> Result<ExitCode> {
    let mut progress = Progress::new(3);
    let tools = progress.step("looking for the SPA's tools", tools::ensure)?;
    progress.step("building the SPA", || match spa::is_fresh(Effort::Best)? {
        true => Ok(()),
        false => spa::build(Effort::Best, &tools),
    })?;
    let databases = server::databases()?;
    let binary = progress.step("building the server (some minutes)", || {
        server::build("dist", databases)
    })?;

    print_spa(&spa::size()?);
    println!(
        "server                                   {:>8.1} MB  {}",
        mb(precompress::size(&binary)),
        binary.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// One line per file of the SPA, and the sum of a first visit.
pub(crate) fn print_spa(size: &spa::Size) {
    for (name, plain, brotli) in &size.first {
        print_line(name, *plain, *brotli);
    }
    let plain = size.first.iter().map(|(_, plain, _)| plain).sum();
    print_line("SPA, first visit", plain, size.total());
    for (name, plain, brotli) in &size.later {
        print_line(&format!("later: {name}"), *plain, *brotli);
    }
}

fn print_line(name: &str, plain: u64, brotli: u64) {
    println!("{name:<40} {:>8.1} KB  {:>8.1} KB brotli", kb(plain), kb(brotli));
}

/// Bytes as KB of 1024.
pub(crate) fn kb(bytes: u64) -> f64 {
    bytes as f64 / 1024.0
}

fn mb(bytes: u64) -> f64 {
    kb(bytes) / 1024.0
}
