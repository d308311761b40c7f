//! Collects how each step of `cargo xtask test` went, and prints the table at the end.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};

use crate::process;
use crate::progress::seconds;

/// The steps so far.
#[derive(Debug, Default)]
pub(crate) struct Report {
    steps: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    name: String,
    time: Duration,
    failure: Option<String>,
}

impl Report {
    /// Does a step and notes how it went; a failure is `None`, and the caller goes on with what does not depend on it.
    pub(crate) fn step<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Option<T> {
        let number = self.steps.len() + 1;
        let start = Instant::now();
        let result = if process::interrupted() {
            Err(anyhow!("not run: interrupted"))
        } else {
            eprintln!("\n[{number}] {name} …");
            work()
        };
        let time = start.elapsed();
        let failure = result.as_ref().err().map(|error| format!("{error:#}"));
        match &failure {
            None => eprintln!("[{number}] {name}: passed, {}", seconds(time)),
            Some(failure) => eprintln!("[{number}] {name}: FAILED, {}\n      {failure}", seconds(time)),
        }
        self.steps.push(Step {
            name: name.to_owned(),
            time,
            failure,
        });
        result.ok()
    }

    /// Prints the table and the closing line; says whether all went well.
    pub(crate) fn finish(self) -> ExitCode {
        println!("\n{}", self.table());
        match self.steps.iter().all(|step| step.failure.is_none()) {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        }
    }

    fn table(&self) -> String {
        let mut text = String::new();
        for Step { name, time, failure } in &self.steps {
            let outcome = if failure.is_none() { "passed" } else { "FAILED" };
            text += &format!("{outcome}  {:>12}  {name}\n", seconds(*time));
        }
        let total: Duration = self.steps.iter().map(|step| step.time).sum();
        let failed = self.steps.iter().filter(|step| step.failure.is_some()).count();
        text += &format!("        {:>12}  in all\n", seconds(total));
        text += &format!("{} passed, {failed} failed", self.steps.len() - failed);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;

    #[test]
    fn counts_steps_and_returns_their_results() {
        let mut report = Report::default();
        assert_eq!(report.step("format", || Ok(7)), Some(7));
        assert_eq!(report.step::<()>("lint", || bail!("a warning")), None);
        let table = report.table();
        assert!(table.contains("passed         0.0 s  format\n"), "{table}");
        assert!(table.ends_with("\n1 passed, 1 failed"), "{table}");
    }
}
