//! After an invalidation no process that asks the server finds the older value, and nothing else is removed.

use crate::process::{Source, World, eventually, listening};
use cached_core::{Cache, Delivery, Invalidation, Pattern, cached};
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::time::Duration;

pub async fn by_key(world: &World<'_>) {
    let (a, b) = world.pair().await;
    let source = Source::default();
    for key in ["k", "other"] {
        source.read(&a, key).await;
        source.read(&b, key).await;
    }
    source.write();
    assert_eq!(a.remove("k").await, Delivery::Done);
    assert_eq!(source.read(&a, "k").await, 1);
    eventually("b hears", || b.stats().invalidations_received == 1).await;
    assert_eq!(source.read(&b, "k").await, 1);
    assert_eq!(source.read(&b, "other").await, 0);
}

pub async fn by_tag(world: &World<'_>) {
    let (a, b) = world.pair().await;
    let source = Source::default();
    let read = async |cache: &Cache, key: &str, tag: &str| {
        let read = cache.read(key).tag(tag).tag("both").local_off();
        read.or_load(|| source.load()).await.unwrap()
    };
    read(&a, "k1", "one").await;
    read(&a, "k2", "two").await;
    source.write();
    assert_eq!(a.remove_tag("one").await, Delivery::Done);
    assert_eq!((read(&b, "k1", "one").await, read(&b, "k2", "two").await), (1, 0));
    source.write();
    b.remove_tag("both").await;
    assert_eq!((read(&a, "k1", "one").await, read(&a, "k2", "two").await), (2, 2));
    assert_eq!((read(&b, "k1", "one").await, source.loads()), (2, 5));
}

#[derive(Clone, Serialize, Deserialize)]
struct Course {
    teacher: u32,
    version: u32,
}

#[cached(cache = cache, key = "course:<id>", tags = ["teacher:<return.teacher>"], local = off, skip(cache, source))]
async fn course(cache: &Cache, source: &Source, id: u32) -> Result<Course, Infallible> {
    let version = source.load().await?;
    Ok(Course { teacher: id % 2, version })
}

pub async fn by_tag_of_the_value(world: &World<'_>) {
    let (a, b) = world.pair().await;
    let source = Source::default();
    let read = async |cache: &Cache, id| course(cache, &source, id).await.unwrap().version;
    for id in 0..4 {
        assert_eq!((read(&a, id).await, read(&b, id).await), (0, 0));
    }
    assert_eq!(source.loads(), 4);
    source.write();
    a.remove_tag("teacher:1").await;
    for id in 0..4 {
        assert_eq!(read(&b, id).await, id % 2);
    }
    assert_eq!(source.loads(), 6);
}

pub async fn by_pattern(world: &World<'_>) {
    let (a, b) = world.pair().await;
    let source = Source::default();
    for key in ["d:1", "d:2", "d:é", "e:1"] {
        source.read(&a, key).await;
    }
    source.write();
    assert_eq!(a.remove_pattern(Pattern::parse("d:*").unwrap()).await, Delivery::Done);
    for (key, version) in [("d:1", 1), ("d:2", 1), ("d:é", 1), ("e:1", 0)] {
        assert_eq!(source.read(&b, key).await, version, "{key}");
    }
}

/// So many that a scan takes several steps, on every server of a cluster.
pub async fn by_pattern_over_many_keys(world: &World<'_>) {
    let (a, b) = world.pair().await;
    let source = Source::default();
    fill(&a, &source, 2_500).await;
    source.write();
    assert_eq!(b.remove_pattern(Pattern::parse("many:*").unwrap()).await, Delivery::Done);
    eventually("a hears", || a.stats().invalidations_received == 1).await;
    for at in (0..2_500).step_by(5) {
        assert_eq!(a.get::<u32>(format!("many:{at}")).await, None, "many:{at}");
    }
    assert_eq!(source.read(&b, "many:0").await, 1);
}

pub async fn of_everything(world: &World<'_>) {
    let (a, b) = world.pair().await;
    let source = Source::default();
    let read = async |cache: &Cache| {
        let mut versions = Vec::new();
        for key in ["a", "b", "c"] {
            versions.push(source.read_tagged(cache, key, "t").await);
        }
        versions
    };
    read(&a).await;
    source.write();
    assert_eq!(b.clear().await, Delivery::Done);
    assert_eq!((read(&a).await, read(&b).await), (vec![1; 3], vec![1; 3]));
}

pub async fn of_many_keys_at_once(world: &World<'_>) {
    let (a, b) = world.pair().await;
    let source = Source::default();
    fill(&a, &source, 1_000).await;
    source.write();
    let mut all = Invalidation::new();
    for at in 0..1_000 {
        all = all.key(format!("many:{at}"));
        if at < 100 {
            all = all.tag(format!("tag:{at}"));
        }
    }
    assert_eq!(a.invalidate(all).await, Delivery::Done);
    eventually("b hears", || b.stats().invalidations_received == 1).await;
    for at in (0..1_000).step_by(9) {
        assert_eq!(b.get::<u32>(format!("many:{at}")).await, None, "many:{at}");
    }
}

/// A generation that the server lost makes its entries misses, not hits.
pub async fn a_lost_generation_makes_misses(world: &World<'_>) {
    let (a, b) = world.pair().await;
    let source = Source::default();
    source.read_tagged(&a, "k", "t").await;
    source.write();
    assert_eq!(world.command(&["DEL", &format!("{}:t:t", world.namespace)]).await.to_string(), "1");
    assert_eq!(source.read_tagged(&b, "k", "t").await, 1);
}

/// With `synchronous_invalidation` the other process need not be waited for: it has heard, or trusts no copy any more.
pub async fn synchronous(world: &World<'_>) {
    let process = async || {
        // A server that keeps no record of who has heard makes every write wait as long.
        let builder = world.builder().backplane_timeout(Duration::from_millis(900));
        listening(builder.synchronous_invalidation().build().unwrap()).await
    };
    let (a, b) = (process().await, process().await);
    let source = Source::default();
    for round in 1..=5 {
        let hits = b.stats().local_hits;
        while b.stats().local_hits == hits {
            source.read(&b, "k").await;
        }
        source.write();
        assert_eq!(a.remove("k").await, Delivery::Done);
        assert_eq!(source.read(&b, "k").await, round);
    }
    assert_eq!((a.stats().remote_faults, b.stats().remote_faults), (0, 0));
}

/// Loads `many:0`, `many:1`, .. side by side.
async fn fill(cache: &Cache, source: &Source, count: u32) {
    let mut loads = tokio::task::JoinSet::new();
    for at in 0..count {
        let (cache, source) = (cache.clone(), source.clone());
        loads.spawn(async move { source.read(&cache, &format!("many:{at}")).await });
        if loads.len() >= 100 {
            loads.join_next().await;
        }
    }
    loads.join_all().await;
    // On a busy machine some loads outlive their leases.
    let stats = cache.stats();
    assert!(stats.fills > u64::from(count) / 2 && stats.loads == u64::from(count), "{stats:?}");
}
