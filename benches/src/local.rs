//! Workload: a hit in the in-process tier, from one thread.

use crate::arguments::Arguments;
use crate::hits;
use crate::measure::{self, Round};
use crate::report::{Report, Row};
use crate::value::ids;
use crate::variant::runtime;

/// How many ids are asked for in turn: the values stay in the processor's nearer caches.
pub(crate) const IDS: u64 = 64;
const OPERATIONS: u64 = 50_000;

pub(crate) fn run(report: &mut Report, arguments: &Arguments) {
    let (runtime, ids, mut variants) = (runtime(), ids(IDS), hits::variants());
    variants.retain(|variant| variant.what.contains(&arguments.only));
    let mut turns: Vec<Round<'_>> = variants
        .iter()
        .map(|variant| -> Round<'_> {
            Box::new(|| measure::time(|| (variant.run)(&runtime, &ids, OPERATIONS)))
        })
        .collect();
    let times = measure::spread_in_turns(arguments.rounds, &mut turns);
    let rows: Vec<Row> = variants
        .iter()
        .zip(times)
        .map(|(variant, spread)| {
            let once = || (variant.run)(&runtime, &ids[..1], 1);
            let allocations = allocation_counter::measure(once).count_total;
            let each = |time: std::time::Duration| time.as_nanos() as f64 / OPERATIONS as f64;
            Row::new(variant.what, [each(spread.least), each(spread.median), allocations as f64])
        })
        .collect();
    let title = "Local hit: 1 KiB structure, key from a Uuid, one thread";
    report.table("local", title, &["ns, fastest round", "ns, median", "allocations"], &rows);
}
