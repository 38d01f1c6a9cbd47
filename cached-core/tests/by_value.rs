//! Reads without the macros that store by what was loaded: how long, and whether at all.

use cached_core::{Cache, Clock, Ttl, key};
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

#[tokio::test]
async fn a_lifetime_by_the_value() {
    let (clock, hand) = Clock::manual();
    let cache = Cache::builder().clock(clock).ttl_jitter(0.0).build().unwrap();
    let loads = AtomicU32::new(0);
    let read = async |key: &str, value: Option<u32>| {
        let read = cache.read(key).ttl(Ttl::DAY).ttl_with(|found: &Option<u32>| match found {
            Some(_) => Duration::from_secs(60),
            None => Duration::from_secs(5),
        });
        let load = async || {
            loads.fetch_add(1, Ordering::SeqCst);
            Ok::<_, Infallible>(value)
        };
        read.or_load(load).await.unwrap();
        loads.load(Ordering::SeqCst)
    };
    assert_eq!((read("some", Some(1)).await, read("none", None).await), (1, 2));
    hand.advance(Duration::from_secs(4));
    assert_eq!((read("some", Some(1)).await, read("none", None).await), (2, 2));
    hand.advance(Duration::from_secs(1));
    assert_eq!((read("some", Some(1)).await, read("none", None).await), (2, 3));
    hand.advance(Duration::from_secs(55));
    assert_eq!(read("some", Some(1)).await, 4);
}

#[tokio::test]
async fn whether_it_is_stored_by_the_value() {
    let cache = Cache::builder().build().unwrap();
    for (key, value, stored) in [("a", 1, true), ("b", 2, false)] {
        let read = cache.read(key).cache_if(|value: &u32| value % 2 == 1).ttl_with(|_| Ttl::LONG);
        assert_eq!(read.or_load(async || Ok::<_, Infallible>(value)).await, Ok(value));
        assert_eq!(cache.get::<u32>(key).await.is_some(), stored, "{key}");
    }
}

/// Rules go along into a background load, and stand beside a time limit.
#[tokio::test]
async fn together_with_what_else_a_read_can_ask() {
    let (clock, hand) = Clock::manual();
    let cache = Cache::builder().clock(clock).ttl_jitter(0.0).build().unwrap();
    let loads = Arc::new(AtomicU32::new(0));
    let window = Duration::from_secs(3_600);
    let read = async || {
        let loads = loads.clone();
        let read = cache.read("k").stale_while_revalidate(window);
        let read = read.ttl_with(|load: &u32| Duration::from_secs(u64::from(*load) * 10));
        let read = read.timeout(Duration::from_secs(60), std::io::Error::from);
        let load = move || {
            let loads = loads.clone();
            async move { Ok(loads.fetch_add(1, Ordering::SeqCst) + 1) }
        };
        read.or_load_owned(load).await.unwrap()
    };
    assert_eq!(read().await, 1);
    hand.advance(Duration::from_secs(10));
    assert_eq!(read().await, 1, "stale");
    cached_testkit::eventually("it is loaded anew", || async { read().await == 2 }).await;
    hand.advance(Duration::from_secs(19));
    assert_eq!((read().await, loads.load(Ordering::SeqCst)), (2, 2), "the second lives longer");
}

#[tokio::test]
async fn each_value_of_a_batch_has_its_own_lifetime() {
    let (clock, hand) = Clock::manual();
    let cache = Cache::builder().clock(clock).ttl_jitter(0.0).build().unwrap();
    let read = async |ids: [u32; 3]| {
        let read = cache.read_many(ids, |id| key!("n:<id>")).ttl(Ttl::DAY);
        let read = read.ttl_with(|n: &u32| Duration::from_secs(u64::from(*n) * 10));
        let read = read.cache_if(|n| *n != 3);
        let mut asked = Vec::new();
        let load = async |ids: Vec<u32>| {
            asked.clone_from(&ids);
            Ok::<HashMap<u32, u32>, Infallible>(ids.into_iter().map(|id| (id, id)).collect())
        };
        assert_eq!(read.or_load(load).await.map(|found| found.len()), Ok(3));
        asked.sort_unstable();
        asked
    };
    assert_eq!(read([1, 2, 3]).await, [1, 2, 3]);
    assert_eq!(read([1, 2, 3]).await, [3], "not stored");
    hand.advance(Duration::from_secs(10));
    assert_eq!(read([1, 2, 3]).await, [1, 3]);
    hand.advance(Duration::from_secs(10));
    assert_eq!(read([1, 2, 3]).await, [1, 2, 3]);
}
