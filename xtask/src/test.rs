//! `cargo xtask test`: every check and test there is, in the order that shares most of the building.

use std::{path::Path, process::ExitCode};

use anyhow::{Context, Result, bail};

use crate::mariadb::{MariaDb, Safety};
use crate::precompress::Effort;
use crate::report::Report;
use crate::{apt, browser, checks, process, python, server, spa, tools};

/// The random plays at their full length.
const LONG: &[(&str, &str)] = &[
    ("MODEL_EVENTS", "10000"),
    ("CROWD_MESSAGES", "10000"),
    ("HISTORY_STEPS", "10000"),
    ("CONVERGENCE_STEPS", "10000"),
];

/// What the command line asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    quick: bool,
    long: bool,
    filter: Option<String>,
}

impl Options {
    /// Reads `[--quick] [--long] [filter]`.
    pub(crate) fn parse(args: &[String]) -> Result<Self> {
        let mut options = Self::default();
        for arg in args {
            match arg.as_str() {
                "--quick" => options.quick = true,
                "--long" => options.long = true,
                flag if flag.starts_with('-') => {
                    bail!("`cargo xtask test` has no option `{flag}`, only --quick and --long")
                }
                name if options.filter.is_none() => options.filter = Some(name.to_owned()),
                more => bail!("one filter at a time, please: `{more}` is a second one"),
            }
        }
        Ok(options)
    }

    /// What the names of the Rust tests that run must contain.
    pub(crate) fn filter(&self) -> Option<&str> {
        self.filter.as_deref()
    }

    /// What the integration tests find in their environment: how much happens in those that play at random.
    pub(crate) fn settings(&self) -> &'static [(&'static str, &'static str)] {
        if self.long { LONG } else { &[] }
    }
}

/// Runs the steps; one that fails does not stop those that do not need it.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    process::catch_interrupts()?;
    let mut report = Report::default();
    match (&options.filter, options.quick) {
        (Some(_), _) => rust_tests(&mut report, options),
        (None, true) => {
            source_checks(&mut report);
            rust_tests(&mut report, options);
        }
        (None, false) => everything(&mut report, options),
    }
    Ok(report.finish())
}

fn everything(report: &mut Report, options: &Options) {
    report.step("format", checks::format);
    // The SPA goes first: the server has it inside, so building it later would build the server twice.
    let tools = report.step("tools for the SPA", tools::ensure);
    let spa = report.step("SPA", || match spa::is_fresh(Effort::Best)? {
        true => Ok(()),
        false => spa::build(
            Effort::Best,
            tools.as_ref().context("not run: the tools are missing")?,
        ),
    });
    report.step("SPA: size", || {
        spa.context("not run: there is no SPA")
            .and_then(|()| checks::spa_size())
    });
    report.step("MariaDB's client library", server::ensure_mysql_library);
    report.step("lints", checks::lint);
    report.step("lints of the SPA", checks::lint_spa);
    report.step("unit tests of the SPA", checks::tests_of_spa);
    report.step("Redis and nginx", neighbours);
    report.step("Rust tests on SQLite", || checks::tests(options));
    let mariadb = report.step("a private MariaDB", || MariaDb::start(Safety::None));
    let running = || mariadb.as_ref().context("not run: there is no MariaDB");
    report.step("Rust tests on MariaDB", || {
        checks::tests_on(&running()?.url(), options)
    });

    let binary = report.step("server", || server::build("quick", server::Databases::All));
    let python = report.step("Python's client of Socket.IO and dkimpy", python::ensure);
    report.step("DKIM, checked by dkimpy", || {
        let python = python.as_ref().context("not run: dkimpy is missing")?;
        checks::ignored_test("dkimpy_believes", python.parent())
    });
    report.step("mail through Postfix into a Maildir", || {
        through_postfix(python.as_ref().context("not run: dkimpy is missing")?)
    });
    report.step("Python client", || match (&python, &binary) {
        (Some(python), Some(binary)) => python::run(python, binary),
        _ => bail!("not run: the client or the server is missing"),
    });
    let chromium = report.step("tools for the browser tests", browser::ensure);
    let both = || match (&chromium, &binary, spa) {
        (Some(chromium), Some(binary), Some(())) => Ok((chromium, binary)),
        _ => bail!("not run: the SPA, the server or the browser is missing"),
    };
    report.step("browser tests on SQLite", || {
        let (chromium, binary) = both()?;
        browser::run(chromium, binary, None)
    });
    report.step("browser tests on MariaDB", || {
        let (chromium, binary) = both()?;
        browser::run(chromium, binary, Some(&running()?.create("casedesk_browser")?))
    });
}

/// The programs that the tests put beside the server.
fn neighbours() -> Result<()> {
    for (program, package) in [("redis-server", "redis-server"), ("nginx", "nginx-light")] {
        if !process::has_server(program)? {
            apt::install(&[package], "the tests of several servers")?;
        }
    }
    Ok(())
}

/// A mail server that is not ours. It starts as root only.
fn through_postfix(python: &Path) -> Result<()> {
    if !apt::is_root() {
        bail!("not run: Postfix has to be started by root");
    }
    if !process::has_server("postfix")? {
        apt::install(&["postfix"], "the test of mail through a real server")?;
    }
    checks::ignored_test("postfix_delivers", python.parent())
}

fn source_checks(report: &mut Report) {
    report.step("format", checks::format);
    report.step("lints", checks::lint);
    report.step("wasm target", tools::wasm_target);
    report.step("lints of the SPA", checks::lint_spa);
}

fn rust_tests(report: &mut Report, options: &Options) {
    report.step("Redis and nginx", neighbours);
    report.step("Rust tests on SQLite", || checks::tests(options));
    if options.quick {
        return;
    }
    let mariadb = report.step("a private MariaDB", || MariaDb::start(Safety::None));
    report.step("Rust tests on MariaDB", || {
        let mariadb = mariadb.as_ref().context("not run: there is no MariaDB")?;
        checks::tests_on(&mariadb.url(), options)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Options> {
        Options::parse(&args.iter().map(|arg| (*arg).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn reads_its_options() {
        assert_eq!(parse(&[]).unwrap(), Options::default());
        assert_eq!(
            parse(&["--quick", "tickets"]).unwrap(),
            Options {
                quick: true,
                filter: Some("tickets".into()),
                ..Options::default()
            }
        );
        let long = parse(&["--long"]).unwrap();
        assert_eq!(long.settings(), LONG);
        assert!(parse(&[]).unwrap().settings().is_empty());
        assert!(parse(&["--fast"]).is_err());
        assert!(parse(&["one", "two"]).is_err());
    }
}
