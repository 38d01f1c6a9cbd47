//! Workload: a hit in the remote tier, from few and from many callers. Nothing is kept in the process.

mod bare;
mod ours;
mod peers;

use crate::arguments::Arguments;
use crate::callers::{Concurrent, runtime};
use crate::measure::{self, Round};
use crate::report::{Report, Row};
use crate::value::ids;
use cached_testkit::shared_redis;
use std::sync::Arc;
use tokio::runtime::Runtime;
use uuid::Uuid;

/// The values take 4 MiB of the server.
const IDS: u64 = 4_096;
/// How many callers, and how many hits they have in a round, all together.
const CALLERS: [(usize, u64); 3] = [(1, 1_000), (64, 8_000), (512, 16_384)];

/// The client alone first.
fn variants(runtime: &Runtime, url: &str) -> Vec<Concurrent> {
    let mut all = vec![bare::variant(runtime, url)];
    all.extend(ours::variants(runtime, url));
    all.extend(peers::variants(runtime, url));
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
    for (callers, operations) in CALLERS {
        let mut turns: Vec<Round<'_>> = variants
            .iter()
            .map(|variant| -> Round<'_> {
                Box::new(|| measure::time(|| (variant.run)(&runtime, &ids, callers, operations)))
            })
            .collect();
        let spread = measure::spread_in_turns(arguments.rounds, &mut turns);
        let rows: Vec<Row> = variants
            .iter()
            .zip(spread)
            .map(|(variant, spread)| {
                let each =
                    |time: std::time::Duration| time.as_nanos() as f64 / 1e3 / operations as f64;
                Row::new(variant.what, [each(spread.least), each(spread.median)])
            })
            .collect();
        let title = format!("Remote hit: 1 KiB structure as JSON, {callers} callers");
        report.table(
            &format!("remote_{callers}"),
            &title,
            &["µs, fastest round", "µs, median"],
            &rows,
        );
    }
}

/// What runs under callgrind: hits of one caller, on one thread.
pub(crate) fn run_for_callgrind(what: &str, operations: u64) {
    let runtime = crate::variant::runtime();
    let variants = variants(&runtime, &shared_redis().url());
    let variant = variants.iter().find(|variant| variant.what.contains(what)).expect("a variant");
    let ids: Arc<[Uuid]> = ids(64).into();
    (variant.run)(&runtime, &ids, 1, operations);
}
