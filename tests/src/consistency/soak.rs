//! The long run: one run after the other, each from the next seed, until the time is up.

use super::epoch;
use super::plan::Plan;
use super::tally::Tally;
use cached_testkit::PostgresServer;
use std::path::Path;
use std::time::{Duration, Instant};

/// Operations of one run; a seed that finds something is replayed in minutes.
const OPERATIONS: usize = 250_000;

/// Runs for so long from a seed on; the numbers of all runs. Ends at the first violation.
///
/// # Panics
/// If a server cannot be started, or a process hangs or fails.
pub async fn run(program: &Path, minutes: u64, seed: u64) -> Tally {
    let postgres = PostgresServer::start().unwrap_or_else(|error| panic!("{error}"));
    let end = Instant::now() + Duration::from_secs(minutes * 60);
    let mut total = Tally::default();
    let mut next = seed;
    loop {
        let tally = epoch::run(program, &postgres, Plan::new(next, OPERATIONS)).await;
        println!("seed {next}: {tally}\n");
        let is_clean = tally.violations == 0;
        total.add(tally);
        if Instant::now() >= end || !is_clean {
            return total;
        }
        next += 1;
    }
}
