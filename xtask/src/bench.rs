//! `cargo xtask bench`: builds the benches, a workspace of their own, and runs them. What they measure is said there.

use std::process::ExitCode;

use crate::{packages, steps, workspace};

/// Passes `arguments` on: workloads, `--rounds`, `--json`.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    let manifest = ["run", "--release", "--quiet", "--manifest-path", "benches/Cargo.toml", "--"];
    let mut command = workspace::cargo(manifest);
    command.args(arguments);
    steps::exit_code(packages::ensure().and_then(|()| steps::succeed(command)))
}
