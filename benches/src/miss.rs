//! Workload: a miss. What a cache adds to a load that takes no time; every key is asked for once.

use crate::arguments::Arguments;
use crate::callers::runtime;
use crate::measure::{self, Round};
use crate::report::{Report, Row};
use crate::value::{Course, id};
use cached_core::{Cache, cached};
use cached_testkit::shared_redis;
use redis::AsyncCommands;
use std::convert::Infallible;
use std::future::Future;
use std::hint::black_box;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::runtime::Runtime;
use uuid::Uuid;

const OPERATIONS: u64 = 500;

static NEXT: AtomicU64 = AtomicU64::new(1 << 40);
static NEAR: OnceLock<Cache> = OnceLock::new();
static BOTH: OnceLock<Cache> = OnceLock::new();

#[cached(ttl = "day", key = "miss:<id>", cache = NEAR.get().expect("built before"))]
async fn in_process(id: Uuid) -> Result<Course, Infallible> {
    Ok(Course::load(id))
}

#[cached(ttl = "day", key = "miss:<id>", cache = BOTH.get().expect("built before"))]
async fn in_both(id: Uuid) -> Result<Course, Infallible> {
    Ok(Course::load(id))
}

#[cached(ttl = "day", key = "tagged:<id>", tags = ["t:<id>", "courses"], cache = BOTH.get().expect("built before"))]
async fn with_tags(id: Uuid) -> Result<Course, Infallible> {
    Ok(Course::load(id))
}

/// Asks for keys that nobody asked for before.
fn round<F, Fut>(runtime: &Runtime, read: F) -> Duration
where
    F: Fn(Uuid) -> Fut,
    Fut: Future<Output = Course>,
{
    let ids: Vec<Uuid> =
        (0..OPERATIONS).map(|_| id(NEXT.fetch_add(1, Ordering::Relaxed))).collect();
    measure::time(|| {
        runtime.block_on(async {
            for id in ids {
                black_box(read(id).await);
            }
        });
    })
}

pub(crate) fn run(report: &mut Report, arguments: &Arguments) {
    let runtime = runtime(2);
    let url = shared_redis().url();
    let _within = runtime.enter();
    let build = || Cache::builder().namespace("miss");
    NEAR.get_or_init(|| build().build().expect("a cache"));
    BOTH.get_or_init(|| build().redis(&url).build().expect("a cache"));
    let client = redis::Client::open(url).expect("a URL");
    let connection =
        runtime.block_on(client.get_multiplexed_async_connection()).expect("a connection");
    let by_hand = |id: Uuid| {
        let mut connection = connection.clone();
        async move {
            let key = format!("by_hand:{id}");
            let found: Option<Vec<u8>> = connection.get(&key).await.expect("an answer");
            assert!(found.is_none(), "each is asked for once");
            let course = Course::load(id);
            let bytes = serde_json::to_vec(&course).expect("JSON");
            let () = connection.set_ex(key, bytes, 86_400).await.expect("an answer");
            course
        }
    };
    let runtime = &runtime;
    let mut turns: Vec<(&str, Round<'_>)> = vec![
        ("by hand: `GET`, load, `SET`, two round trips", Box::new(move || round(runtime, by_hand))),
        ("the load alone", Box::new(move || round(runtime, async |id| Course::load(id)))),
        (
            "**cached-core**, in this process",
            Box::new(move || round(runtime, async |id| in_process(id).await.unwrap())),
        ),
        (
            "**cached-core**, Redis and this process",
            Box::new(move || round(runtime, async |id| in_both(id).await.unwrap())),
        ),
        (
            "**cached-core**, the same with two tags",
            Box::new(move || round(runtime, async |id| with_tags(id).await.unwrap())),
        ),
    ];
    let names: Vec<&str> = turns.iter().map(|(name, _)| *name).collect();
    let mut rounds: Vec<Round<'_>> = turns.drain(..).map(|(_, round)| round).collect();
    let times = measure::spread_in_turns(arguments.rounds, &mut rounds);
    let each = |time: Duration| time.as_nanos() as f64 / 1e3 / OPERATIONS as f64;
    let rows: Vec<Row> = names
        .iter()
        .zip(times)
        .map(|(name, spread)| Row::new(*name, [each(spread.median), each(spread.least)]))
        .collect();
    report.table("miss", "A miss, one caller", &["µs, median", "µs, fastest round"], &rows);
}
