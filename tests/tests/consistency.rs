//! Three real processes on one Redis and one Postgres keep the guarantees, in calm and while everything breaks.

use cached_testkit::shared_postgres;
use cached_tests::consistency::{epoch, plan::Plan};
use std::path::Path;

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_consistency"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_calm() {
    let tally = epoch::run(program(), shared_postgres(), Plan::new(1, 20_000).calm()).await;
    println!("{tally}");
    assert_eq!(tally.violations, 0, "{tally}");
    assert!(tally.constrained_reads > 5_000, "{tally}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_everything_breaks() {
    let tally = epoch::run(program(), shared_postgres(), Plan::new(2, 60_000)).await;
    println!("{tally}");
    assert_eq!(tally.violations, 0, "{tally}");
}
