//! What operations cost on the wire, counted by a proxy: a tag of 100,000 entries, and a read with two tags.

use cached_core::{Cache, Delivery, Key};
use cached_testkit::{FaultProxy, eventually, shared_redis, unique_name};
use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;
use tokio::task::JoinSet;

const ENTRIES: u32 = 100_000;
/// Tags that each cover all entries; one for each attempt at an undisturbed measurement.
const TAGS: [&str; 3] = ["all:1", "all:2", "all:3"];

/// What passed the proxy during an operation, but for the backplane, whose commands are a round trip each.
#[derive(Debug, PartialEq)]
struct Cost {
    round_trips: u64,
    commands: Vec<(String, u64)>,
}

async fn cost<F: Future>(proxy: &FaultProxy, operation: F) -> (F::Output, Cost) {
    let backplane = |name: &str| matches!(name, "XREAD" | "XINFO");
    let (trips, before) = (proxy.round_trips(), proxy.commands());
    let output = operation.await;
    let (trips, after) = (proxy.round_trips() - trips, proxy.commands());
    let spent = |(name, count): (String, u64)| {
        let count = count - before.get(&name).copied().unwrap_or(0);
        (count > 0).then_some((name, count))
    };
    let spent = after.into_iter().filter_map(spent);
    let (others, commands): (Vec<_>, Vec<_>) = spent.partition(|(name, _)| backplane(name));
    let others: u64 = others.into_iter().map(|(_, count)| count).sum();
    (output, Cost { round_trips: trips - others, commands })
}

/// A cache behind a proxy that has a connection and hears the backplane.
async fn measured(namespace: &str) -> (Cache, FaultProxy) {
    let proxy = FaultProxy::start(shared_redis().address()).await.expect("a free port");
    let cache = build(namespace, proxy.url());
    eventually("the backplane is heard", || {
        let resets = cache.stats().local_resets;
        async move { resets > 0 }
    })
    .await;
    // The first invalidation begins the stream, once in a namespace's life.
    assert_eq!(cache.remove("first").await, Delivery::Done);
    (cache, proxy)
}

fn build(namespace: &str, url: String) -> Cache {
    let builder = Cache::builder().namespace(namespace).redis(url);
    builder.operation_timeout(Duration::from_secs(30)).build().expect("the settings are valid")
}

async fn read(cache: &Cache, key: u32, value: u32) -> u32 {
    let described = cache.read(Key::from(key.to_string())).local_off();
    let tagged = TAGS.iter().fold(described, |read, tag| read.tag(*tag));
    let Ok(value) = tagged.or_load(|| async { Ok::<_, Infallible>(value) }).await;
    value
}

/// In as many tasks as keep the connection busy.
async fn fill(cache: &Cache) {
    const TASKS: u32 = 200;
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let cache = cache.clone();
        tasks.spawn(async move {
            for key in (task..ENTRIES).step_by(TASKS as usize) {
                read(&cache, key, 1).await;
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("a load does not panic");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tag_of_100_000_entries_takes_two_round_trips_at_most() {
    let namespace = unique_name("rt");
    // Filled around the proxy, by another process' cache.
    let filler = build(&namespace, shared_redis().url());
    fill(&filler).await;
    assert_eq!(filler.stats().fills, u64::from(ENTRIES));
    let (cache, proxy) = measured(&namespace).await;
    for (attempt, tag) in TAGS.into_iter().enumerate() {
        let value = attempt as u32 + 2;
        for key in [0, ENTRIES / 2, ENTRIES - 1] {
            let before = if attempt == 0 { 1 } else { value - 1 };
            assert_eq!(read(&filler, key, before).await, before, "it is there before");
        }
        let (delivery, cost) = cost(&proxy, cache.remove_tag(tag)).await;
        assert_eq!(delivery, Delivery::Done);
        assert!((1..=2).contains(&cost.round_trips), "{cost:?}");
        let sent: u64 = cost.commands.iter().map(|(_, count)| count).sum();
        assert!(sent <= 3, "{cost:?}");
        for key in [0, ENTRIES / 2, ENTRIES - 1] {
            assert_eq!(read(&filler, key, value).await, value, "it is gone by the tag {tag}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_with_two_tags_takes_one_round_trip() {
    let (cache, proxy) = measured(&unique_name("rt")).await;
    let read = || async {
        let described = cache.read("k").tag("one").tag("two").local_off();
        let Ok(value) = described.or_load(|| async { Ok::<_, Infallible>(7) }).await;
        value
    };
    let (_, miss) = cost(&proxy, read()).await;
    assert_eq!(miss.round_trips, 2, "look up with lease, fill: {miss:?}");
    for _ in 0..20 {
        let (value, hit) = cost(&proxy, read()).await;
        assert_eq!(value, 7);
        assert_eq!(hit.round_trips, 1, "{hit:?}");
    }
    assert_eq!(cache.stats().remote_hits, 20);
}
