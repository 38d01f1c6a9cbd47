//! Workload: hits in the in-process tier from many tasks, on one thread and on two. Popular keys are asked for more often.

use crate::arguments::Arguments;
use crate::callers::runtime;
use crate::hits;
use crate::measure::{self, Round};
use crate::report::{Report, Row};
use crate::zipf;
use std::time::Duration;

const IDS: u64 = 100_000;
const DRAWS: usize = 262_144;
const TASKS: usize = 64;
const OPERATIONS: u64 = DRAWS as u64;

pub(crate) fn run(report: &mut Report, arguments: &Arguments) {
    let (one, two, draws) = (runtime(1), runtime(2), zipf::draws(IDS, DRAWS));
    let mut variants = hits::variants();
    variants.retain(|variant| variant.what.contains(&arguments.only));
    let mut turns: Vec<Round<'_>> = Vec::new();
    for variant in &variants {
        for runtime in [&one, &two] {
            let draws = &draws;
            turns.push(Box::new(move || {
                measure::time(|| (variant.by_many)(runtime, draws, TASKS, OPERATIONS))
            }));
        }
    }
    let times = measure::spread_in_turns(arguments.rounds, &mut turns);
    let each = |time: Duration| time.as_nanos() as f64 / OPERATIONS as f64;
    let row = |(variant, pair): (&crate::variant::Variant, &[measure::Spread])| {
        let [one, two] = pair else { unreachable!("each ran on one thread and on two") };
        let gain = each(one.least) / each(two.least);
        Row::new(variant.what, [each(two.least), each(one.least), gain])
    };
    let rows: Vec<Row> = variants.iter().zip(times.chunks(2)).map(row).collect();
    let title = "Local hit by 64 tasks: Zipf 1.0 over 100,000 keys";
    let columns = [
        "ns, two threads, fastest round",
        "ns, one thread, fastest round",
        "throughput of two / of one",
    ];
    report.table("threads", title, &columns, &rows);
}
