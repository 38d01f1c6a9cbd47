//! One of many processes loads; the others wait no longer than they must.

use crate::process::{Source, World, listening};
use cached_core::{Cache, cached};
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::time::Duration;

pub async fn many_callers_cause_one_load(world: &World<'_>) {
    // However long a busy machine takes, no lease ends before its load does.
    let process =
        async || listening(world.builder().lease(Duration::from_secs(60)).build().unwrap()).await;
    let (a, b) = (process().await, process().await);
    let source = Source::default();
    let mut callers = tokio::task::JoinSet::new();
    for at in 0..2_000 {
        let (cache, source) = (if at % 2 == 0 { a.clone() } else { b.clone() }, source.clone());
        callers.spawn(async move {
            let slow = || async {
                tokio::task::yield_now().await;
                source.load().await
            };
            cache.read("cold").tag("t").or_load(slow).await.unwrap()
        });
    }
    assert_eq!(callers.join_all().await, vec![0; 2_000]);
    assert_eq!(source.loads(), 1);
}

#[derive(Clone, Serialize, Deserialize)]
struct Numbered {
    number: u32,
    third: bool,
    version: u32,
}

#[cached(cache = cache, key = "many:<number>", tags = ["all", "third:<return.third>"], local = off, skip(cache, source))]
async fn numbered(cache: &Cache, source: &Source, number: u32) -> Result<Numbered, Infallible> {
    let version = source.load().await?;
    Ok(Numbered { number, third: number.is_multiple_of(3), version })
}

/// Look-ups of many callers go together: each has the answer of its own key, and what ails one is no other's.
pub async fn many_keys_at_a_time_are_each_loaded_once(world: &World<'_>) {
    const KEYS: u32 = 300;
    // However long a busy machine takes for so many, no lease ends before its load does.
    let process =
        async || listening(world.builder().lease(Duration::from_secs(60)).build().unwrap()).await;
    let (a, b) = (process().await, process().await);
    let source = Source::default();
    let all = async |version_of_thirds: u32| {
        let mut callers = tokio::task::JoinSet::new();
        for at in 0..2 * KEYS {
            let (cache, source) = (if at % 2 == 0 { &a } else { &b }.clone(), source.clone());
            callers.spawn(async move {
                let found = numbered(&cache, &source, at / 2).await.unwrap();
                assert_eq!(found.number, at / 2, "each has its own answer");
                if found.third {
                    assert_eq!(found.version, version_of_thirds);
                }
            });
        }
        callers.join_all().await;
        source.loads()
    };
    // Of another kind, and foreign: the one is left alone, the other replaced.
    world.command(&["RPUSH", &world.entry("many:7"), "list"]).await;
    world.command(&["SET", &world.entry("many:8"), "foreign"]).await;
    assert_eq!(all(0).await, KEYS + 1, "each process loads what is of another kind");
    assert_eq!(all(0).await, KEYS + 3, "all others are hits");
    source.write();
    a.remove_tag("third:true").await;
    assert_eq!(all(1).await, KEYS + 5 + KEYS / 3);
}

pub async fn a_dead_holder_delays_others_by_its_lease(world: &World<'_>) {
    let cache = world.builder().lease(Duration::from_millis(300)).build().unwrap();
    // A lease as a process leaves it that was killed.
    let mut lease = b"\xCAch\x01L".to_vec();
    lease.extend([0xC3; 16]);
    let name = world.entry("k");
    world.command(&[b"SET", name.as_bytes(), &lease[..], b"PX", b"300"]).await;
    let source = Source::default();
    assert_eq!(source.read(&cache, "k").await, 0);
    assert_eq!((source.loads(), cache.stats().undecodable), (1, 0));
}

/// In both forms, whichever the transport writes; without an end that the server knows of.
pub async fn bytes_in_the_shape_of_a_lease_are_replaced(world: &World<'_>) {
    let cache = world.builder().lease(Duration::from_millis(300)).build().unwrap();
    let source = Source::default();
    let shaped: [&[u8]; 2] = [b"\xCAch\x01L0123456789abcdef", b"cached1LMDEyMzQ1Njc4OWFiY2RlZg"];
    for (key, bytes) in ["bytes", "text"].into_iter().zip(shaped) {
        let name = world.entry(key);
        world.command(&[b"SET", name.as_bytes(), bytes]).await;
        assert_eq!(source.read_tagged(&cache, key, "t").await, 0);
    }
    let stats = cache.stats();
    assert_eq!((stats.undecodable, stats.fills, source.loads()), (2, 2, 2));
    for key in ["bytes", "text"] {
        assert_eq!(source.read_tagged(&cache, key, "t").await, 0);
    }
    assert_eq!((cache.stats().remote_hits, source.loads()), (2, 2));
}

pub async fn a_failed_load_gives_the_lease_back(world: &World<'_>) {
    // Who waited for such a lease would wait for a minute.
    let cache = world.builder().lease(Duration::from_secs(60)).build().unwrap();
    let failed: Result<u32, &str> = cache.read("k").or_load(|| async { Err("no") }).await;
    assert_eq!(failed, Err("no"));
    let other = world.process().await;
    assert_eq!(Source::default().read(&other, "k").await, 0);
    assert_eq!(other.stats().fills, 1);
}
