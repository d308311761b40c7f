//! Starts other programs: streams their output, notices Ctrl-C, and explains failures.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C (or SIGTERM) ends the running step instead of us, so that what we started is cleaned up.
/// A second Ctrl-C ends us at once.
pub(crate) fn catch_interrupts() -> Result<()> {
    ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
    })
    .context("installing the Ctrl-C handler")
}

/// Whether Ctrl-C was pressed.
pub(crate) fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// Runs a program to its end, its output going straight to ours.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = shown(command);
    let status = wait(&mut start(command)?)?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Waits for a child's end; Ctrl-C ends it at once.
pub(crate) fn wait(child: &mut Child) -> Result<ExitStatus> {
    let status = loop {
        if interrupted() {
            stop(child);
            break None;
        }
        match child.try_wait()? {
            Some(status) => break Some(status),
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    status.filter(|_| !interrupted()).context("interrupted")
}

/// Runs a program and returns what it printed; its error output is part of the error.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let line = shown(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| not_started(&line, &error))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{line}` failed ({}): {}", output.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Starts a program that goes on beside us.
pub(crate) fn start(command: &mut Command) -> Result<Child> {
    let line = shown(command);
    command.spawn().map_err(|error| not_started(&line, &error))
}

/// Ends a child that we started and waits for it; an already ended one is fine.
pub(crate) fn stop(child: &mut Child) {
    // Kill fails only for a child that is gone already, which is what we want.
    let _gone = child.kill();
    let _status = child.wait();
}

/// Finds a program on `PATH`.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    find_in(program, &std::env::var_os("PATH")?)
}

/// `PATH` with the administrator's programs behind it: Debian keeps nginx there.
pub(crate) fn path_with_servers() -> Result<std::ffi::OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    std::env::join_paths(all).context("a folder on PATH has a colon in its name")
}

/// Whether a server's program is installed.
pub(crate) fn has_server(program: &str) -> Result<bool> {
    Ok(find_in(program, &path_with_servers()?).is_some())
}

fn find_in(program: &str, path: &OsStr) -> Option<PathBuf> {
    std::env::split_paths(path)
        .map(|dir| dir.join(program))
        .find(|file| is_executable(file))
}

#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(file: &Path) -> bool {
    file.is_file()
}

/// `PATH` with some folders in front of it.
pub(crate) fn path_with(front: &[PathBuf]) -> Result<std::ffi::OsString> {
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let all = front.iter().cloned().chain(std::env::split_paths(&rest));
    std::env::join_paths(all).context("a folder on PATH has a colon in its name")
}

fn not_started(line: &str, error: &std::io::Error) -> anyhow::Error {
    match error.kind() {
        ErrorKind::NotFound => {
            anyhow!("`{line}` could not start: the program (or its folder) does not exist")
        }
        _ => anyhow!("`{line}` could not start: {error}"),
    }
}

/// The command as one would type it.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    std::iter::once(program)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_programs_only_on_the_given_path() {
        assert!(find("cargo").is_some());
        assert_eq!(find_in("cargo", OsStr::new("/nowhere:/nowhere-else")), None);
    }

    #[test]
    fn a_failure_names_the_command() {
        let error = run(Command::new("cargo")
            .args(["no-such-subcommand"])
            .stderr(Stdio::null()))
        .unwrap_err();
        assert!(
            error.to_string().contains("`cargo no-such-subcommand` failed"),
            "{error}"
        );
    }

    #[test]
    fn a_missing_program_is_said_to_be_missing() {
        let error = run(&mut Command::new("casedesk-no-such-program")).unwrap_err();
        assert!(error.to_string().contains("does not exist"), "{error}");
    }
}
