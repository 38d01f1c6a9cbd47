//! `cargo xtask bless`: rewrites what tests compare with. Look at the diff before you commit it.

use std::process::ExitCode;

use crate::{steps, workspace};

/// Runs the tests with every "write instead of compare" switch on.
///
/// trybuild writes the compiler's messages (tests/ui/*.stderr), insta its snapshots, and our own
/// golden files follow `BLESS=1`. Tests that fail for other reasons still fail.
pub(crate) fn run() -> ExitCode {
    let mut command = workspace::cargo(["test", "--workspace", "--no-fail-fast"]);
    command.env("TRYBUILD", "overwrite").env("INSTA_UPDATE", "always").env("BLESS", "1");
    let outcome = steps::succeed(command);
    println!("blessed; `git diff` shows what changed");
    steps::exit_code(outcome)
}
