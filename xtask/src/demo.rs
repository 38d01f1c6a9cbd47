//! `cargo xtask demo`: the learning-management example with its own servers. The example itself
//! says what it shows; this only makes sure that it can start.

use std::process::ExitCode;

use crate::{packages, steps, workspace};

/// Passes `arguments` on to `lms demo`.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    let mut command = workspace::cargo(["run", "--quiet", "--package", "lms", "--", "demo"]);
    command.args(arguments);
    steps::exit_code(packages::ensure().and_then(|()| steps::succeed(command)))
}
