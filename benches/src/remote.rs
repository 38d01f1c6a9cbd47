//! Workload: a hit in the remote tier, from few and from many callers, who ask for keys of their own or for popular ones.
//! Nothing is kept in the process.

mod bare;
mod floor;
mod ours;
mod peers;

use crate::arguments::Arguments;
use crate::callers::{Concurrent, runtime};
use crate::measure::{self, Round, Spread};
use crate::processor::One;
use crate::report::{Report, Row};
use crate::value::ids;
use crate::zipf;
use cached_testkit::shared_redis;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use uuid::Uuid;

/// The values take 4 MiB of the server.
const IDS: u64 = 4_096;
/// How many callers, and how many hits they have in a round, all together.
const CALLERS: [(usize, u64); 3] = [(1, 1_000), (64, 32_000), (512, 65_536)];

/// Of what all callers ask for together where some keys are more popular than others.
const MANY_DRAWS: usize = 65_536;

/// The client alone first.
fn variants(runtime: &Runtime, url: &str) -> Vec<Concurrent> {
    let mut all = vec![bare::variant(runtime, url)];
    all.extend(ours::variants(runtime, url));
    all.extend(peers::variants(runtime, url));
    all.extend(floor::variants(runtime, url));
    all
}

pub(crate) fn run(report: &mut Report, arguments: &Arguments) {
    let runtime = runtime(2);
    let url = shared_redis().url();
    let mut variants = variants(&runtime, &url);
    variants.retain(|variant| variant.what.contains(&arguments.only));
    let ids: Arc<[Uuid]> = ids(IDS).into();
    for variant in &variants {
        (variant.run)(&runtime, &ids, 64, IDS);
    }
    let mut table = |asked: &Arc<[Uuid]>, (callers, operations), name: &str, title: &str| {
        let mut turns: Vec<Round<'_>> = variants
            .iter()
            .map(|variant| -> Round<'_> {
                Box::new(|| measure::time(|| (variant.run)(&runtime, asked, callers, operations)))
            })
            .collect();
        let spread = measure::spread_in_turns(arguments.rounds, &mut turns);
        let each = |time: Duration| time.as_nanos() as f64 / 1e3 / operations as f64;
        let row = |(variant, spread): (&Concurrent, Spread)| {
            Row::new(variant.what, [each(spread.least), each(spread.median)])
        };
        let rows: Vec<Row> = variants.iter().zip(spread).map(row).collect();
        let title = format!("Remote hit: 1 KiB structure, {callers} callers, {title}");
        report.table(
            &format!("{name}_{callers}"),
            &title,
            &["µs, fastest round", "µs, median"],
            &rows,
        );
    };
    let server = shared_redis().pid().expect("it runs");
    match One::of(vec![std::process::id(), server]) {
        Some(_shared) => table(&ids, CALLERS[0], "remote_pinned", "on the server's processor"),
        None => println!("\nno taskset: who shares a processor with the server is not decided"),
    }
    for load in CALLERS {
        table(&ids, load, "remote", "each with keys of its own");
    }
    let draws = zipf::draws(IDS, MANY_DRAWS);
    for load in &CALLERS[1..] {
        table(&draws, *load, "remote_popular", "keys by Zipf 1.0");
    }
}

/// What runs under callgrind: hits of one caller, or of as many as follow an `@`, on one thread.
pub(crate) fn run_for_callgrind(what: &str, operations: u64) {
    let (what, callers) = what.split_once('@').unwrap_or((what, "1"));
    let callers: usize = callers.parse().expect("a number of callers");
    let runtime = crate::variant::runtime();
    let variants = variants(&runtime, &shared_redis().url());
    let variant = variants.iter().find(|variant| variant.what.contains(what)).expect("a variant");
    let ids: Arc<[Uuid]> = ids(512).into();
    (variant.run)(&runtime, &ids, callers, operations);
}
