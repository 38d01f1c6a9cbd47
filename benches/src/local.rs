//! Workload: a hit in the in-process tier, from one thread.

use crate::allocations::{self, Measure};
use crate::arguments::Arguments;
use crate::hits;
use crate::measure::{self, Round};
use crate::report::{Report, Row};
use crate::value::ids;
use crate::variant::{Variant, runtime};

/// How many ids are asked for in turn: the values stay in the processor's nearer caches.
pub(crate) const IDS: u64 = 64;
const OPERATIONS: u64 = 50_000;

pub(crate) fn run(report: &mut Report, arguments: &Arguments) {
    let (runtime, ids) = (runtime(), ids(IDS));
    let all = hits::variants().into_iter().zip(allocations::of("local"));
    let asked = all.filter(|(variant, _)| variant.what.contains(&arguments.only));
    let (variants, allocations): (Vec<Variant>, Vec<f64>) = asked.unzip();
    let mut turns: Vec<Round<'_>> = variants
        .iter()
        .map(|variant| -> Round<'_> {
            Box::new(|| measure::time(|| (variant.run)(&runtime, &ids, OPERATIONS)))
        })
        .collect();
    let times = measure::spread_in_turns(arguments.rounds, &mut turns);
    let rows: Vec<Row> = variants
        .iter()
        .zip(times.into_iter().zip(allocations))
        .map(|(variant, (spread, allocations))| {
            let each = |time: std::time::Duration| time.as_nanos() as f64 / OPERATIONS as f64;
            Row::new(variant.what, [each(spread.least), each(spread.median), allocations])
        })
        .collect();
    let title = "Local hit: 1 KiB structure, key from a Uuid, one thread";
    report.table("local", title, &["ns, fastest round", "ns, median", "allocations"], &rows);
}

/// Of one hit of each variant.
pub(crate) fn allocations(measure: Measure) -> Vec<f64> {
    let (runtime, ids) = (runtime(), ids(1));
    let of = |variant: &Variant| {
        (variant.run)(&runtime, &ids, 1);
        measure(&mut || (variant.run)(&runtime, &ids, 1)).times as f64
    };
    hits::variants().iter().map(of).collect()
}
