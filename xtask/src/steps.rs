//! Steps that are announced, timed and summed up. Knows nothing of what a step does.

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

/// What has been run so far.
#[derive(Default)]
pub(crate) struct Steps {
    done: Vec<(String, Duration)>,
    failed: Option<String>,
}

impl Steps {
    /// Runs `step` unless an earlier one failed. `Err` holds what went wrong and what to do.
    pub(crate) fn run(&mut self, name: &str, step: impl FnOnce() -> Result<(), String>) {
        if self.failed.is_some() {
            return;
        }
        println!("==> {name}");
        let start = Instant::now();
        let outcome = step();
        let took = start.elapsed();
        self.done.push((name.to_owned(), took));
        match outcome {
            Ok(()) => println!("==> {name}: ok in {:.1} s\n", took.as_secs_f64()),
            Err(reason) => {
                println!("==> {name}: FAILED after {:.1} s\n{reason}\n", took.as_secs_f64());
                self.failed = Some(name.to_owned());
            }
        }
    }

    /// The step that failed, if one did.
    pub(crate) fn failed(&self) -> Option<&str> {
        self.failed.as_deref()
    }

    /// One line a step, with its time.
    pub(crate) fn print_times(&self) {
        for (name, took) in &self.done {
            println!("{:>8.1} s  {name}", took.as_secs_f64());
        }
    }
}

/// Runs a command to its end, its output passed through.
pub(crate) fn succeed(mut command: Command) -> Result<(), String> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{} ended with {status}", display(&command))),
        Err(error) => Err(format!("{} could not be started: {error}", display(&command))),
    }
}

/// The exit code of what a whole command came to; what went wrong is printed.
pub(crate) fn exit_code(outcome: Result<(), String>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

/// The command as one would type it.
pub(crate) fn display(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let mut line = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    format!("`{line}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_stops_what_follows_and_is_remembered() {
        let mut steps = Steps::default();
        let third = std::cell::Cell::new("not run");
        steps.run("first", || Ok(()));
        steps.run("second", || Err("no".to_owned()));
        steps.run("third", || {
            third.set("run");
            Ok(())
        });
        assert_eq!(third.get(), "not run");
        assert_eq!(steps.failed(), Some("second"));
        assert_eq!(steps.done.len(), 2);
    }

    #[test]
    fn a_command_that_fails_is_named() {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "exit 3"]);
        let reason = succeed(command).unwrap_err();
        assert!(reason.contains("`sh -c exit 3`"), "{reason}");
    }
}
