//! Three real processes on one Redis and one Postgres keep the guarantees, in calm and while everything breaks.

use cached_testkit::shared_postgres;
use cached_tests::consistency::epoch;
use cached_tests::consistency::plan::{Bug, Plan};
use std::path::Path;

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_consistency"))
}

async fn run(plan: Plan) {
    let (seed, operations) = (plan.seed, plan.operations);
    let tally = epoch::run(program(), shared_postgres(), plan).await;
    println!("seed {seed}: {tally}");
    assert_eq!(tally.violations, 0, "seed {seed}: {tally}");
    assert!(tally.operations >= operations, "seed {seed}: {tally}");
    // A history in which nothing could go wrong would prove nothing.
    assert!(tally.constrained_reads > operations / 2, "seed {seed}: {tally}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_calm() {
    run(Plan::new(1, 20_000).calm()).await;
}

/// Every other seed has a Redis that loses everything when it is killed; this one loses nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_everything_breaks() {
    run(Plan::new(3, 20_000)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_everything_breaks_and_is_lost() {
    run(Plan::new(2, 100_000).rounds(6)).await;
}

/// The harness is worth what it finds: with a bug in the cache it must find it.
async fn finds(bug: Bug) {
    for seed in 0..5 {
        let tally = epoch::run(program(), shared_postgres(), Plan::with_bug(seed, bug)).await;
        println!("seed {seed}: {bug:?}: {tally}");
        if tally.violations > 0 {
            return;
        }
    }
    panic!("{bug:?} was on, and the checker has found nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unconditional_fill_is_found() {
    finds(Bug::UnconditionalFill).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_drop_guard_is_found() {
    finds(Bug::NoDropGuard).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_local_tier_without_ticks_is_found() {
    finds(Bug::NoTicks).await;
}
