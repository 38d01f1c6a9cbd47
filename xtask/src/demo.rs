//! `cargo xtask demo`: the learning-management example with its own servers. The example itself
//! says what it shows; this only makes sure that it can start.

use std::process::ExitCode;

use crate::{packages, steps, workspace};

/// Passes `arguments` on to `lms demo`.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    if let Err(reason) = packages::ensure() {
        eprintln!("{reason}");
        return ExitCode::FAILURE;
    }
    let mut command = workspace::cargo(["run", "--quiet", "--package", "lms", "--", "demo"]);
    command.args(arguments);
    match steps::succeed(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}
