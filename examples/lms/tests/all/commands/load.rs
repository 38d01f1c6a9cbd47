//! `lms load` and `lms warm`, for a second each: that they measure, not what.

use std::process::Command;

use cached_testkit::shared_redis;

use crate::support::app::filled;

#[tokio::test]
async fn a_load_compares_variants_and_finds_no_older_state() {
    let database = filled().await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = Command::new(env!("CARGO_BIN_EXE_lms"))
        .args(["load", "--variants", "by-hand,shared", "--ramp", "0", "--seconds", "2"])
        .args(["--clients", "4", "--writes", "200", "--warm", "5", "--out"])
        .arg(folder.path())
        .env("DATABASE_URL", &database.url)
        .env("REDIS_URL", shared_redis().url())
        .env_remove("RUST_LOG")
        .output()
        .expect("the program");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    let table = std::fs::read_to_string(folder.path().join("load.md")).expect("a table");
    let row = table.lines().find(|line| line.starts_with("| shared |")).expect("a row");
    let cells: Vec<&str> = row.split('|').map(str::trim).collect();
    let [checked, older, failed] = [cells[8], cells[9], cells[10]];
    assert_ne!(checked, "0", "{printed}");
    assert_eq!((older, failed), ("0", "0"), "{printed}");
    assert!(table.contains("\n| `course:<id>` | "), "which template misses: {table}");
    let plot = std::fs::read_to_string(folder.path().join("load.svg")).expect("a plot");
    assert_eq!(plot.matches("<polyline").count(), 4, "{plot}");
}

#[tokio::test]
async fn warming_reports_what_it_did() {
    let database = filled().await;
    let output = Command::new(env!("CARGO_BIN_EXE_lms"))
        .args(["warm", "--students", "2"])
        .env("DATABASE_URL", &database.url)
        .env("REDIS_URL", shared_redis().url())
        .env_remove("RUST_LOG")
        .output()
        .expect("the program");
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}");
    let row = printed.lines().find(|line| line.starts_with("students")).expect("a row");
    let cells: Vec<&str> = row.split_whitespace().collect();
    assert_eq!((cells[1], cells[4]), ("2", "0"), "{printed}");
}
