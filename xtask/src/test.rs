//! `cargo xtask test`: everything that must pass before a change lands, the quick things first.
//! What the house rules are is not said here but in `tidy`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::steps::{Steps, succeed};
use crate::tally::Tally;
use crate::workspace::{cargo, target};
use crate::{features, fuzz, packages, programs, tidy, valkey};

/// Runs all steps until one fails; the last line is `N passed, N failed`.
///
/// A step that fails without a failing test (a lint, a test that does not compile) counts as one
/// failure, so that the last line never says that all is well when it is not.
pub(crate) fn run() -> ExitCode {
    let mut steps = Steps::default();
    let mut tally = Tally::default();
    steps.run("system packages", || {
        packages::ensure()?;
        packages::ensure_browser()?;
        valkey::ensure()
    });
    steps.run("tidy", tidy::check_and_report);
    steps.run("format", || succeed(cargo(["fmt", "--all", "--check"])));
    steps.run("lints", || {
        let lints = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
        succeed(cargo(lints))
    });
    steps.run("features", features::check);
    steps.run("fuzz", fuzz::check);
    steps.run("tests", || tests(&mut tally));
    steps.run("docs", || {
        // Asked for examples, cargo takes dependencies with the features that they have for tests: the lints have checked those.
        let what = ["doc", "--workspace", "--no-deps", "--lib", "--examples"];
        let mut doc = cargo(what);
        doc.env("RUSTDOCFLAGS", "-D warnings");
        succeed(doc)
    });
    steps.run("quickstart", || succeed(cargo(["run", "--quiet", "--package", "quickstart"])));

    steps.print_times();
    if let Some(folder) = pictures() {
        println!("pictures of every page, made by the browser tests: {}", folder.display());
    }
    if let Some(step) = steps.failed() {
        println!("the step `{step}` failed");
        tally.failed = tally.failed.max(1);
    }
    if tally.ignored > 0 {
        println!("{} ignored", tally.ignored);
    }
    println!("{} passed, {} failed", tally.passed, tally.failed);
    if steps.failed().is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Where the browser tests keep what they saw.
fn pictures() -> Option<PathBuf> {
    Some(target().join("tmp/screens")).filter(|folder| folder.is_dir())
}

/// Unit, integration and doc tests, their output passed through and counted.
fn tests(tally: &mut Tally) -> Result<(), String> {
    let outcome = programs::run(|printed| {
        printed.lines().for_each(|line| tally.read(line));
        // Not `print!`: whoever reads this may have gone, and the tests go on.
        let _ = std::io::stdout().write_all(printed.as_bytes());
    });
    match (outcome, tally.failed) {
        (Ok(()), 0) => Ok(()),
        (Ok(()), failed) => Err(format!("{failed} tests failed")),
        (Err(reason), _) => Err(reason),
    }
}
