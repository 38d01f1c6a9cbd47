//! `cargo xtask record-upstash`: records what Upstash' own client asks, into the fixture that the tests replay.
//! Needs node and npm, which nothing else here does.

use std::process::{Command, ExitCode};

use crate::{steps, workspace};

const FOLDER: &str = "tests/fixtures/upstash";

/// Installs the client (its version is in package.json), and runs record.mjs against the testkit's REST front.
pub(crate) fn run() -> ExitCode {
    let folder = workspace::root().join(FOLDER);
    let mut install = Command::new("npm");
    install.args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder);
    let mut record =
        workspace::cargo(["run", "--quiet", "-p", "cached-tests", "--bin", "rest_front"]);
    record
        .arg("--")
        .arg(folder.join("official_client.json"))
        .arg("node")
        .arg(folder.join("record.mjs"));
    steps::exit_code(steps::succeed(install).and_then(|()| steps::succeed(record)))
}
