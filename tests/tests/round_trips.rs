//! What operations cost on the wire, counted by a proxy: a tag of 100,000 entries, a read with two tags, and
//! many reads at a time.

use cached_core::{Cache, Delivery, Key};
use cached_testkit::{FaultProxy, eventually, shared_redis, unique_name};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;
use tokio::task::JoinSet;

const ENTRIES: u32 = 100_000;
/// Tags that each cover all entries; each is measured once.
const TAGS: [&str; 12] =
    ["t:1", "t:2", "t:3", "t:4", "t:5", "t:6", "t:7", "t:8", "t:9", "t:10", "t:11", "t:12"];

/// What passed the proxy during an operation, but for the reads of the stream: they have a connection of their
/// own, where each is one round trip.
#[derive(Debug, PartialEq)]
struct Cost {
    round_trips: u64,
    commands: BTreeMap<String, u64>,
    /// The backplane looked at the stream meanwhile (`XINFO`) or opened its connection (`CLIENT`), perhaps in the same
    /// round trip: so many at most are not the operation's.
    disturbed: u64,
}

impl Cost {
    /// Between the two: what else passed may have had round trips of its own or not.
    fn round_trips(&self) -> std::ops::RangeInclusive<u64> {
        self.round_trips.saturating_sub(self.disturbed)..=self.round_trips
    }
}

async fn cost<F: Future>(proxy: &FaultProxy, operation: F) -> (F::Output, Cost) {
    let (trips, before) = proxy.traffic();
    let output = operation.await;
    let (trips_after, after) = proxy.traffic();
    let spent = |(name, count): (String, u64)| {
        let count = count - before.get(&name).copied().unwrap_or(0);
        (count > 0).then_some((name, count))
    };
    let mut commands: BTreeMap<String, u64> = after.into_iter().filter_map(spent).collect();
    let reads = commands.remove("XREAD").unwrap_or(0);
    let mut disturbed = |name| commands.remove(name).unwrap_or(0);
    let disturbed = disturbed("XINFO") + disturbed("CLIENT");
    (output, Cost { round_trips: trips_after - trips - reads, commands, disturbed })
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
    // On a busy machine neither a command's time nor a lease's runs out.
    let builder = builder.operation_timeout(Duration::from_secs(30));
    builder.lease(Duration::from_secs(60)).build().expect("the settings are valid")
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
        assert!(*cost.round_trips().start() <= 2 && *cost.round_trips().end() >= 1, "{cost:?}");
        let sent: u64 = cost.commands.values().sum();
        assert!(sent <= 3, "{cost:?}");
        for key in [0, ENTRIES / 2, ENTRIES - 1] {
            assert_eq!(read(&filler, key, value).await, value, "it is gone by the tag {tag}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_with_two_tags_takes_one_round_trip() {
    let (cache, proxy) = measured(&unique_name("rt")).await;
    let read = async |key: u32| {
        let described = cache.read(Key::from(key.to_string())).tag("one").tag("two").local_off();
        let Ok(value) = described.or_load(|| async { Ok::<_, Infallible>(7) }).await;
        value
    };
    let (mut misses, mut hits) = (0, 0);
    for key in 0..200 {
        let (_, miss) = cost(&proxy, read(key)).await;
        // What the backplane sent shortly before may be answered with it, and was counted before.
        assert!(*miss.round_trips().start() <= 2, "look up with lease, fill: {miss:?}");
        misses += u32::from(miss.disturbed == 0 && miss.round_trips == 2);
        let (value, hit) = cost(&proxy, read(key)).await;
        assert_eq!(value, 7);
        assert!(*hit.round_trips().start() <= 1, "{hit:?}");
        hits += u32::from(hit.disturbed == 0 && hit.round_trips == 1);
    }
    assert!(misses > 20 && hits > 20, "measured {misses} misses and {hits} hits");
    assert_eq!(cache.stats().remote_hits, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_reads_at_a_time_share_few_round_trips() {
    const READS: u32 = 1_000;
    let (cache, proxy) = measured(&unique_name("rt")).await;
    let all = async || {
        let mut tasks = JoinSet::new();
        for key in 0..READS {
            let cache = cache.clone();
            tasks.spawn(async move {
                let described = cache.read(Key::from(key.to_string())).local_off();
                let Ok(value) = described.or_load(|| async move { Ok::<_, Infallible>(key) }).await;
                assert_eq!(value, key, "each has its own answer");
            });
        }
        while let Some(done) = tasks.join_next().await {
            done.expect("a read does not panic");
        }
    };
    all().await;
    let (_, hits) = cost(&proxy, all()).await;
    assert_eq!(cache.stats().remote_hits, u64::from(READS));
    // Look-ups that go together are two commands, however many they are.
    let sent: u64 = hits.commands.values().sum();
    assert!(hits.commands.contains_key("MGET") && sent <= u64::from(READS) / 10, "{hits:?}");
    assert!(hits.round_trips <= u64::from(READS) / 10, "{hits:?}");
}
