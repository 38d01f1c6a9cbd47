//! Reads without the macros: the version of what they store, and how long this process keeps it, for one key and for many.

use cached_core::remote::transport::Memory;
use cached_core::{Cache, Clock, Ttl, key};
use std::collections::HashMap;
use std::convert::Infallible;
use std::time::Duration;

/// Reads one key, alone or as a batch of one, and says whether it was loaded.
async fn loads(cache: &Cache, version: u32, alone: bool) -> bool {
    let mut loaded = false;
    let ttl = Duration::from_secs(10);
    let Ok(value) = match alone {
        true => {
            let read = cache.read(key!("course:7")).version(version).local_ttl(ttl);
            let load = async || {
                loaded = true;
                Ok::<_, Infallible>(1)
            };
            read.or_load(load).await
        }
        false => {
            let read = cache.read_many([7], |id| key!("course:<id>")).version(version);
            let load = async |_| {
                loaded = true;
                Ok::<_, Infallible>(HashMap::from([(7, 1)]))
            };
            read.local_ttl(ttl).or_load(load).await.map(|found| found[&7])
        }
    };
    assert_eq!(value, 1);
    loaded
}

#[tokio::test]
async fn entries_of_another_version_are_misses() {
    for alone in [true, false] {
        let server = Memory::new();
        let build = || Cache::builder().transport(server.clone()).build().unwrap();
        let (here, there) = (build(), build());
        here.set("course:7", 1, Ttl::DAY).await;
        assert!(!loads(&there, 0, alone).await, "as it was put");
        assert!(loads(&there, 1, alone).await);
        assert!(!loads(&there, 1, alone).await);
        assert!(
            !loads(&here, 1, alone).await,
            "the shared tier has it, and not the copy of before"
        );
        assert_eq!(here.get::<i32>("course:7").await, Some(1));
        assert!(loads(&here, 2, alone).await);
    }
}

#[tokio::test]
async fn a_copy_ends_before_its_entry() {
    for alone in [true, false] {
        let (clock, hand) = Clock::manual();
        let cache = Cache::builder().clock(clock.clone()).build().unwrap();
        assert!(loads(&cache, 0, alone).await);
        hand.advance(Duration::from_secs(9));
        assert!(!loads(&cache, 0, alone).await);
        hand.advance(Duration::from_secs(1));
        assert!(loads(&cache, 0, alone).await, "no other tier has it");
        let cache = Cache::builder().clock(clock).transport(Memory::new()).build().unwrap();
        assert!(loads(&cache, 0, alone).await);
        hand.advance(Duration::from_secs(10));
        let hits = cache.stats().remote_hits;
        assert!(!loads(&cache, 0, alone).await);
        assert_eq!(cache.stats().remote_hits, hits + 1);
    }
}
