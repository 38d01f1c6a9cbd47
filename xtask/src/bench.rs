//! `cargo xtask bench`: builds the benches, a workspace of their own, and runs them. What they measure is said there.

use std::process::ExitCode;

use crate::{packages, steps, workspace};

/// Passes `arguments` on: workloads, `--rounds`, `--json`.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    if let Err(reason) = packages::ensure() {
        eprintln!("{reason}");
        return ExitCode::FAILURE;
    }
    let manifest = ["run", "--release", "--quiet", "--manifest-path", "benches/Cargo.toml", "--"];
    let mut command = workspace::cargo(manifest);
    command.args(arguments);
    match steps::succeed(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}
