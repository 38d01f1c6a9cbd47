//! What is allocated, which the program `counted` counts: a time that is measured beside it would hold the counting of each
//! allocation.

use std::process::{Command, Stdio};

/// Of some work.
pub struct Counted {
    /// How often it allocated.
    pub times: u64,
    /// What it has not given back.
    pub bytes_left: i64,
}

pub(crate) type Measure = fn(&mut dyn FnMut()) -> Counted;

/// The figures of a workload, one for each of its rows.
pub(crate) fn of(workload: &str) -> Vec<f64> {
    let this = std::env::current_exe().expect("this program");
    let counted = this.with_file_name("counted");
    let mut command = Command::new(&counted);
    let output = command.arg(workload).stderr(Stdio::inherit()).output();
    let output = output.unwrap_or_else(|error| {
        panic!("{}: {error}; `cargo build --release` builds it", counted.display())
    });
    assert!(output.status.success(), "{command:?} ended with {}", output.status);
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(|line| line.parse().expect("a figure")).collect()
}
