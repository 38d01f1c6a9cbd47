//! Workload: what an entry of the in-process tier takes, of 1,000,000. The value is a number: the rest is the cache's.

use crate::allocations::{self, Measure};
use crate::report::{Report, Row};
use crate::value::id;
use cached::macros::{cached as peer_cached, concurrent_cached};
use cached_core::{Cache, cached};
use std::convert::Infallible;
use std::sync::OnceLock;
use uuid::Uuid;

const ENTRIES: u64 = 1_000_000;
const ROOM: u64 = 2 * ENTRIES;

static NEAR: OnceLock<Cache> = OnceLock::new();

#[cached(ttl = "day", key = "n:<id>", cache = NEAR.get().expect("built before"))]
async fn ours(id: Uuid) -> Result<u64, Infallible> {
    Ok(id.as_u64_pair().0)
}

#[peer_cached(max_size = 2_000_000, ttl_secs = 86_400)]
async fn by_cached(id: Uuid) -> u64 {
    id.as_u64_pair().0
}

#[concurrent_cached(max_size = 2_000_000, ttl_secs = 86_400)]
async fn by_concurrent_cached(id: Uuid) -> u64 {
    id.as_u64_pair().0
}

const ROWS: [&str; 5] = [
    "quick_cache: Uuid to u64",
    "**cached-core `#[cached]`**",
    "moka: Uuid to u64",
    "cached `#[cached]`",
    "cached `#[concurrent_cached]`",
];

pub(crate) fn run(report: &mut Report) {
    let rows = ROWS.into_iter().zip(allocations::of("memory"));
    let rows: Vec<Row> = rows.map(|(what, bytes)| Row::new(what, [bytes])).collect();
    report.table("memory", "Memory per local entry, of 1,000,000", &["bytes"], &rows);
}

/// Bytes that are still allocated after every id was read, by entry. One thread does it: others are not counted.
fn left<T>(measure: Measure, mut read: impl AsyncFnMut(Uuid) -> T) -> f64 {
    let runtime = crate::variant::runtime();
    let mut fill = || {
        runtime.block_on(async {
            for number in 0..ENTRIES {
                read(id(number)).await;
            }
        });
    };
    measure(&mut fill).bytes_left as f64 / ENTRIES as f64
}

/// Of each row.
pub(crate) fn bytes(measure: Measure) -> Vec<f64> {
    let build = || Cache::builder().namespace("memory").local_entries(ROOM).local_bytes(1 << 34);
    NEAR.get_or_init(|| build().build().expect("a cache"));
    let bare = quick_cache::sync::Cache::<Uuid, u64>::new(ROOM as usize);
    let moka = moka::sync::Cache::<Uuid, u64>::new(ROOM);
    let value = |id: Uuid| id.as_u64_pair().0;
    let rows: [f64; ROWS.len()] = [
        left(measure, async |id| bare.insert(id, value(id))),
        left(measure, async |id| ours(id).await),
        left(measure, async |id| moka.insert(id, value(id))),
        left(measure, async |id| by_cached(id).await),
        left(measure, async |id| by_concurrent_cached(id).await),
    ];
    rows.into()
}
