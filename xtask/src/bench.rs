//! `cargo xtask bench`: builds the benches, a workspace of their own, and runs them. What they measure is said there.

use std::process::ExitCode;

use crate::{packages, steps, workspace};

/// Passes `arguments` on: workloads, `--rounds`, `--json`.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    let benches = ["--release", "--quiet", "--manifest-path", "benches/Cargo.toml"];
    // All of it first: one of its programs runs the other.
    let build = workspace::cargo(["build"].iter().chain(&benches).copied());
    let mut run = workspace::cargo(["run"].iter().chain(&benches).copied());
    run.arg("--").args(arguments);
    let steps = || {
        packages::ensure()?;
        steps::succeed(build)?;
        steps::succeed(run)
    };
    steps::exit_code(steps())
}
