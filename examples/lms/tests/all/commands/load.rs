//! `lms load` and `lms warm`, for a second each: that they measure, not what.

use std::process::Command;

use cached_testkit::{shared_redis, unique_name};

use crate::support::app::filled;
use crate::support::fixture::Database;

/// `lms load` of four clients, who write with every fifth request.
fn load(database: &Database, variants: &str, seconds: &str, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lms"));
    command.args(["load", "--variants", variants, "--ramp", "0", "--seconds", seconds]);
    command.args(["--clients", "4", "--writes", "200", "--warm", "5"]).args(more);
    command.args(["--database-url", &database.url]).env_remove("RUST_LOG");
    // Where somebody works, these name what no load may write to; here nothing listens.
    command.env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none");
    command.env("REDIS_URL", "redis://127.0.0.1:1");
    command
}

/// What was printed, by a program that ends well.
fn printed(mut command: Command) -> String {
    let output = command.output().expect("the program");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    printed.into_owned()
}

/// Pages checked after writes, how many showed an older state, and requests that failed.
fn checks(table: &str, variant: &str) -> [String; 3] {
    let row = table.lines().find(|line| line.starts_with(&format!("| {variant} |")));
    let cells: Vec<&str> = row.expect("a row").split('|').map(str::trim).collect();
    [8, 9, 10].map(|at| cells[at].to_owned())
}

#[tokio::test]
async fn a_load_compares_variants_and_finds_no_older_state() {
    let database = filled().await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().to_str().expect("a path of text");
    let redis = shared_redis().url();
    let options = ["--redis-url", &redis, "--out", out];
    let printed = printed(load(&database, "by-hand,shared,cached", "2", &options));
    let table = std::fs::read_to_string(folder.path().join("load.md")).expect("a table");
    for variant in ["shared", "cached"] {
        let [checked, older, failed] = checks(&table, variant);
        assert_ne!(checked, "0", "{printed}");
        assert_eq!((&older[..], &failed[..]), ("0", "0"), "{printed}");
    }
    assert!(table.contains("\n| `course:<id>` | "), "which template misses: {table}");
    let plot = std::fs::read_to_string(folder.path().join("load.svg")).expect("a plot");
    assert_eq!(plot.matches("<polyline").count(), 6, "{plot}");
}

#[tokio::test]
async fn every_kind_of_write_is_compared_with_the_truth() {
    let database = filled().await;
    let printed = printed(load(&database, "shared,cached", "6", &["--verify"]));
    for variant in ["shared", "cached"] {
        let [checked, older, failed] = checks(&printed, variant);
        assert_ne!(checked, "0", "{printed}");
        assert_eq!((&older[..], &failed[..]), ("0", "0"), "{printed}");
        assert!(printed.contains(&format!("\n| {variant} | writes |\n")), "{printed}");
    }
}

#[tokio::test]
async fn no_request_fails_while_redis_is_stopped() {
    let database = filled().await;
    // A quarter of the time is left when Redis is back, and every server must have caught up in it.
    let printed = printed(load(&database, "shared,cached", "12", &["--stop-redis"]));
    for variant in ["shared", "cached"] {
        let [checked, older, failed] = checks(&printed, variant);
        assert_ne!(checked, "0", "{printed}");
        let while_there = older.split(' ').next();
        assert_eq!((while_there, &failed[..]), (Some("0"), "0"), "{printed}");
        let told = |line: &&str| {
            line.starts_with(&format!("{variant}: ")) && line.ends_with(" after Redis was back")
        };
        let after = printed.lines().find(told).expect("what was checked afterwards");
        assert!(!after.contains(": 0 pages"), "{printed}");
    }
}

#[tokio::test]
async fn warming_reports_what_it_did() {
    let database = filled().await;
    let namespace = unique_name("lms");
    let output = Command::new(env!("CARGO_BIN_EXE_lms"))
        .args(["warm", "--students", "2", "--namespace", &namespace])
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
    // Of a Redis that others use too, it fills its own part.
    let stored = shared_redis().cli(&["KEYS", &format!("{namespace}:*dashboard:*")]);
    assert!(stored.contains("dashboard:"), "{stored}");
}
