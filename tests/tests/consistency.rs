//! Three real processes on one Redis and one Postgres keep the guarantees, in calm and while everything breaks.

use cached_testkit::history::{Action, Operation, Outcome, Rule, Source, Violation};
use cached_testkit::shared_postgres;
use cached_tests::consistency::epoch;
use cached_tests::consistency::plan::{Bug, Plan};
use cached_tests::consistency::tally::Tally;
use std::path::Path;

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_consistency"))
}

async fn run(plan: Plan) -> Tally {
    let (seed, operations) = (plan.seed, plan.operations);
    let tally = epoch::run(program(), shared_postgres(), plan).await;
    println!("seed {seed}: {tally}");
    assert_eq!(tally.violations, 0, "seed {seed}: {tally}");
    assert!(tally.operations >= operations, "seed {seed}: {tally}");
    // A history in which nothing could go wrong would prove nothing.
    assert!(tally.constrained_reads > operations / 2, "seed {seed}: {tally}");
    tally
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_calm() {
    let tally = run(Plan::new(1, 20_000).calm()).await;
    // An outage would excuse loads at once.
    assert_eq!(tally.outages, 0, "no cache meets a fault: {tally}");
}

/// Every other seed has a Redis that loses everything when it is killed; this one loses nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_everything_breaks() {
    assert!(run(Plan::new(3, 20_000)).await.outages > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_everything_breaks_and_is_lost() {
    assert!(run(Plan::new(2, 100_000).rounds(6)).await.outages > 0);
}

/// No local tier may be behind an invalidation that has returned, not for a moment (G8).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn synchronous_in_calm() {
    run(Plan::new(4, 20_000).calm().synchronous()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn synchronous_while_everything_breaks() {
    assert!(run(Plan::new(5, 20_000).synchronous()).await.outages > 0);
}

/// What a bug is to be found by: the guarantee that it breaks, and what the operations that prove it must show.
struct Trace {
    rule: Rule,
    shows: fn(&Violation) -> bool,
    /// Guarantees that it cannot break: a harness that finds these as well accuses the innocent.
    innocent: &'static [Rule],
}

/// The harness is worth what it finds: with a bug in the cache it must find it, and by what it does.
async fn finds(bug: Bug, trace: Trace) {
    for seed in 0..5 {
        let tally = epoch::run(program(), shared_postgres(), Plan::with_bug(seed, bug)).await;
        println!("seed {seed}: {bug:?}: {tally}");
        let accused = |violation: &Violation| trace.innocent.contains(&violation.rule());
        let innocent = tally.evidence.iter().find(|violation| accused(violation));
        assert!(innocent.is_none(), "{bug:?} does not explain {}", innocent.unwrap());
        let proves = |v: &&Violation| v.rule() == trace.rule && (trace.shows)(v);
        if let Some(violation) = tally.evidence.iter().find(proves) {
            println!("{bug:?}: {violation}");
            return;
        }
    }
    panic!("{bug:?} was on, and the checker has not found what it does");
}

fn read_from(violation: &Violation, wanted: Source) -> bool {
    let from = |o: &Operation| matches!(o.action, Action::Read { source, .. } if source == wanted);
    violation.operations().iter().any(from)
}

/// A load that was running when an invalidation began, and was served from the shared tier after it.
fn shows_a_refill(violation: &Violation) -> bool {
    let find = |wanted: fn(&Action) -> bool| {
        violation.operations().iter().find(move |operation| wanted(&operation.action))
    };
    let load = find(|action| matches!(action, Action::Load { .. }));
    let invalidation = find(|action| matches!(action, Action::Invalidate { .. }));
    let (Some(load), Some(invalidation)) = (load, invalidation) else { return false };
    let overtaken = load.started < invalidation.started
        && load.ended.is_none_or(|ended| ended > invalidation.started);
    overtaken && read_from(violation, Source::Remote)
}

/// An invalidation that its write owed when it was cancelled.
fn shows_a_debt(violation: &Violation) -> bool {
    let owed = |operation: &Operation| {
        matches!(operation.action, Action::Invalidate { .. })
            && operation.outcome == Outcome::Queued
    };
    violation.operations().iter().any(owed)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unconditional_fill_is_found() {
    let innocent = &[Rule::NoHang, Rule::NoFault];
    finds(Bug::UnconditionalFill, Trace { rule: Rule::StaleSet, shows: shows_a_refill, innocent })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_drop_guard_is_found() {
    let innocent = &[Rule::SharedTier, Rule::LocalTier, Rule::OneLoad, Rule::NoHang, Rule::NoFault];
    finds(Bug::NoDropGuard, Trace { rule: Rule::OwnProcess, shows: shows_a_debt, innocent }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_local_tier_without_ticks_is_found() {
    let innocent = &[Rule::SharedTier, Rule::OneLoad, Rule::NoHang, Rule::NoFault];
    let shows = |violation: &Violation| read_from(violation, Source::Local);
    finds(Bug::NoTicks, Trace { rule: Rule::OwnProcess, shows, innocent }).await;
}
