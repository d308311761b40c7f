//! `cargo xtask <command>`: reads the command line and calls the module that does the work.

mod apt;
mod bench;
mod browser;
mod bundle;
mod checks;
mod dist;
mod head_start;
mod mariadb;
mod npm;
mod precompress;
mod process;
mod progress;
mod python;
mod report;
mod root;
mod run;
mod server;
mod spa;
mod split;
mod stamp;
mod test;
mod tools;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
usage: cargo xtask <command>

  run [-- args]            build the SPA and the server, then start it (args go to `casedesk`)
  test [--quick] [--long] [filter]
                           every check and test there is; --quick leaves out MariaDB and the browser;
                           --long gives each random test 10,000 events;
                           a filter runs only the Rust tests whose names contain it
  dist                     the binary to ship: link-time optimised, SPA inside
  bench [live] [-- args]   the timed runs: HTTP, or live connections and rooms
  tools                    only fetch what building needs (wasm target, trunk, wasm-bindgen, wasm-opt)
  ci                       the same as `test`";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &[String]) -> Result<ExitCode> {
    let (command, rest) = match args.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", args),
    };
    match command {
        "run" => run::run(after_dashes(rest)),
        "test" | "ci" => test::run(&test::Options::parse(rest)?),
        "dist" => dist::run(),
        "bench" => bench::run(after_dashes(rest)),
        "tools" => tools::command(),
        "help" | "-h" | "--help" => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        other => bail!("there is no command `{other}`\n\n{USAGE}"),
    }
}

/// The arguments meant for the program we start: `cargo xtask run -- --port 8080`, with or without the dashes.
fn after_dashes(args: &[String]) -> &[String] {
    match args.split_first() {
        Some((first, rest)) if first == "--" => rest,
        _ => args,
    }
}
