//! Instructions per operation, by callgrind: this program is run under it twice, with different counts of
//! operations, and the difference is divided. Steadier than time on a machine that has other work.

use crate::hits;
use crate::local::IDS;
use crate::report::{Report, Row};
use crate::value::ids;
use crate::variant::runtime;
use std::process::Command;

const FEW: u64 = 500;
const MANY: u64 = 2_500;

/// What runs under callgrind.
pub(crate) fn run_for_callgrind(variant: &str, operations: u64) {
    if let Some(variant) = variant.strip_prefix("remote:") {
        return crate::remote::run_for_callgrind(variant, operations);
    }
    let all = hits::variants();
    let variant = all.iter().find(|v| v.name == variant).expect("a variant's name");
    (variant.run)(&runtime(), &ids(IDS), operations);
}

pub(crate) fn run(report: &mut Report) {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!(
            "\nno valgrind: instructions are not counted (Debian: `apt-get install valgrind`)"
        );
        return;
    }
    let rows: Vec<Row> = hits::variants()
        .iter()
        .map(|variant| {
            let many = collected(variant.name, MANY).saturating_sub(collected(variant.name, FEW));
            Row::new(variant.what, [many as f64 / (MANY - FEW) as f64])
        })
        .collect();
    report.table("instructions", "Local hit: instructions", &["instructions"], &rows);
}

/// Instructions of the whole program.
fn collected(variant: &str, operations: u64) -> u64 {
    let this = std::env::current_exe().expect("this program");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(this)
        .args(["count", variant, &operations.to_string()])
        .output()
        .expect("valgrind");
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find_map(|line| line.split("Collected : ").nth(1));
    let count = line.and_then(|count| count.trim().parse().ok());
    count.unwrap_or_else(|| panic!("callgrind said no count for {variant}:\n{text}"))
}
