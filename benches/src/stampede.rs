//! Workload: 10,000 tasks ask for one cold key at a time. How many loads that causes, and how long it takes.

use crate::arguments::Arguments;
use crate::callers::runtime;
use crate::measure::{self, Round};
use crate::report::{Report, Row};
use crate::value::{Course, id};
use cached::macros::{cached as peer_cached, concurrent_cached};
use cached_core::{Cache, cached};
use cached_testkit::shared_redis;
use std::cell::RefCell;
use std::convert::Infallible;
use std::future::Future;
use std::hint::black_box;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::runtime::Runtime;
use uuid::Uuid;

const CALLERS: u64 = 10_000;
/// As a query takes: long enough for all to come meanwhile.
const LOAD: Duration = Duration::from_millis(50);

static NEXT: AtomicU64 = AtomicU64::new(1 << 41);
static LOADS: AtomicU64 = AtomicU64::new(0);
static NEAR: OnceLock<Cache> = OnceLock::new();
static BOTH: OnceLock<Cache> = OnceLock::new();

async fn load(id: Uuid) -> Course {
    LOADS.fetch_add(1, Ordering::SeqCst);
    tokio::time::sleep(LOAD).await;
    Course::load(id)
}

#[cached(ttl = "day", key = "stampede:<id>", cache = NEAR.get().expect("built before"))]
async fn in_process(id: Uuid) -> Result<Course, Infallible> {
    Ok(load(id).await)
}

#[cached(ttl = "day", key = "stampede:<id>", cache = BOTH.get().expect("built before"))]
async fn in_both(id: Uuid) -> Result<Course, Infallible> {
    Ok(load(id).await)
}

#[peer_cached(max_size = 200_000, ttl_secs = 86_400)]
async fn by_cached(id: Uuid) -> Course {
    load(id).await
}

#[peer_cached(max_size = 200_000, ttl_secs = 86_400, sync_writes = "by_key")]
async fn by_cached_sync(id: Uuid) -> Course {
    load(id).await
}

#[concurrent_cached(max_size = 200_000, ttl_secs = 86_400)]
async fn by_concurrent_cached(id: Uuid) -> Course {
    load(id).await
}

fn round<F, Fut>(runtime: &Runtime, read: F) -> Duration
where
    F: Fn(Uuid) -> Fut,
    Fut: Future<Output = Course> + Send + 'static,
{
    let id = id(NEXT.fetch_add(1, Ordering::Relaxed));
    measure::time(|| {
        runtime.block_on(async {
            let tasks: Vec<_> = (0..CALLERS).map(|_| tokio::spawn(read(id))).collect();
            for task in tasks {
                black_box(task.await.expect("no task panics"));
            }
        });
    })
}

pub(crate) fn run(report: &mut Report, arguments: &Arguments) {
    // Leaked: the closures below borrow it for as long as they like.
    let runtime: &'static Runtime = Box::leak(Box::new(runtime(2)));
    let _within = runtime.enter();
    let build = || Cache::builder().namespace("stampede");
    NEAR.get_or_init(|| build().build().expect("a cache"));
    BOTH.get_or_init(|| build().redis(shared_redis().url()).build().expect("a cache"));
    let moka = moka::future::Cache::<Uuid, Course>::new(200_000);
    let loads: RefCell<Vec<Vec<u64>>> = RefCell::default();
    let loads = &loads;
    let mut names = Vec::new();
    let mut turns: Vec<Round<'_>> = Vec::new();
    let mut add = |name: &'static str, mut once: Box<dyn FnMut() -> Duration>| {
        let at = names.len();
        names.push(name);
        loads.borrow_mut().push(Vec::new());
        turns.push(Box::new(move || {
            let before = LOADS.load(Ordering::SeqCst);
            let took = once();
            loads.borrow_mut()[at].push(LOADS.load(Ordering::SeqCst) - before);
            took
        }));
    };
    add("**cached-core**, in this process", {
        Box::new(move || round(runtime, |id| async move { in_process(id).await.unwrap() }))
    });
    add("**cached-core**, Redis and this process", {
        Box::new(move || round(runtime, |id| async move { in_both(id).await.unwrap() }))
    });
    add("moka `get_with`", {
        Box::new(move || {
            round(runtime, |id| {
                let map = moka.clone();
                async move { map.get_with(id, load(id)).await }
            })
        })
    });
    add("cached `#[cached]`", Box::new(move || round(runtime, by_cached)));
    add("cached `#[cached]`, `sync_writes`", Box::new(move || round(runtime, by_cached_sync)));
    add("cached `#[concurrent_cached]`", Box::new(move || round(runtime, by_concurrent_cached)));
    let times = measure::spread_in_turns(arguments.rounds.min(9), &mut turns);
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let rows: Vec<Row> = names
        .iter()
        .zip(times)
        .zip(loads.borrow().iter())
        .map(|((name, spread), loads)| {
            let most = loads.iter().max().copied().unwrap_or_default();
            Row::new(*name, [ms(spread.median), ms(spread.least), most as f64])
        })
        .collect();
    let title = "Stampede: 10,000 tasks, one cold key, a load of 50 ms";
    report.table("stampede", title, &["ms, median", "ms, fastest round", "loads, at most"], &rows);
}
