//! Workload: removing by key, by tag and by pattern where 1,000,000 keys are: in this process, and in Redis.

use crate::arguments::Arguments;
use crate::callers::runtime;
use crate::measure::{self, Round};
use crate::report::{Report, Row};
use cached_core::{Cache, Delivery, Invalidation, Pattern};
use cached_testkit::shared_redis;
use std::convert::Infallible;
use std::time::Duration;
use tokio::runtime::Runtime;

const KEYS: u64 = 1_000_000;
/// Every key has one of so many tags.
const TAGS: u64 = 1_000;

/// Fills the in-process tier by reads.
async fn fill(cache: &Cache) {
    for number in 0..KEYS {
        let read = cache.read(format!("course:{number}")).tag(format!("teacher:{}", number % TAGS));
        let Ok(_) = read.or_load(|| async { Ok::<_, Infallible>(number) }).await;
    }
}

/// Puts keys into Redis that look like entries: a scan goes over all of them.
async fn stuff(url: &str, namespace: &str) {
    let client = redis::Client::open(url).expect("a URL");
    let mut connection = client.get_multiplexed_async_connection().await.expect("a connection");
    for start in (0..KEYS).step_by(10_000) {
        let mut pipe = redis::pipe();
        for number in start..start + 10_000 {
            pipe.set(format!("{namespace}:k:course:{number}"), "entry").ignore();
        }
        let () = pipe.query_async(&mut connection).await.expect("an answer");
    }
}

fn once(runtime: &Runtime, cache: &Cache, what: Invalidation) -> Duration {
    measure::time(|| {
        assert_eq!(runtime.block_on(cache.invalidate(what)), Delivery::Done);
    })
}

fn rows(report: &mut Report, arguments: &Arguments, runtime: &Runtime, cache: &Cache, at: &str) {
    let mut number = 0;
    let mut next = move || {
        number += 1;
        number
    };
    let (mut keys, mut tags, mut globs) = (next, next, move || next());
    let pattern = |number: u64| Pattern::parse(&format!("course:{number}:*")).expect("a glob");
    let mut turns: Vec<Round<'_>> = vec![
        Box::new(move || {
            once(runtime, cache, Invalidation::new().key(format!("course:{}", keys())))
        }),
        Box::new(move || {
            once(runtime, cache, Invalidation::new().tag(format!("teacher:{}", tags())))
        }),
        Box::new(move || once(runtime, cache, Invalidation::new().pattern(pattern(globs())))),
    ];
    let times = measure::spread_in_turns(arguments.rounds, &mut turns);
    let us = |time: Duration| time.as_secs_f64() * 1e6;
    let names = ["by key", "by a tag of 1,000 entries", "by a pattern"];
    let rows: Vec<Row> = names
        .iter()
        .zip(times)
        .map(|(name, spread)| Row::new(*name, [us(spread.median), us(spread.least)]))
        .collect();
    let title = format!("Invalidation among 1,000,000 keys, {at}");
    report.table(
        &format!("invalidation {at}"),
        &title,
        &["µs, median", "µs, fastest round"],
        &rows,
    );
}

pub(crate) fn run(report: &mut Report, arguments: &Arguments) {
    let runtime = &runtime(2);
    let _within = runtime.enter();
    let near = Cache::builder().local_entries(2 * KEYS).local_bytes(1 << 34).build();
    let near = near.expect("a cache");
    runtime.block_on(fill(&near));
    rows(report, arguments, runtime, &near, "in this process");
    let redis = shared_redis();
    runtime.block_on(stuff(&redis.url(), "million"));
    let builder = Cache::builder().namespace("million").redis(redis.url());
    // A scan of all keys takes longer than one operation may.
    let far = builder.operation_timeout(Duration::from_secs(60)).build().expect("a cache");
    rows(report, arguments, runtime, &far, "in Redis");
}
