//! Synchronous invalidation: what was invalidated is served by no process once the caller goes on. Nothing in here waits for
//! a message to arrive.

mod common;

use cached_core::{Cache, Delivery, Ttl};
use cached_testkit::{Fault, FaultProxy, RedisServer};
use common::{Source, eventually, read};
use std::time::Duration;

fn build(url: &str) -> Cache {
    // No machine is so busy that a time-out would be a fault.
    build_with(url, Duration::from_secs(5))
}

fn build_with(url: &str, operation_timeout: Duration) -> Cache {
    let builder = Cache::builder().namespace("t").redis(url).synchronous_invalidation();
    let builder = builder.operation_timeout(operation_timeout);
    builder.backplane_timeout(Duration::from_millis(900)).build().unwrap()
}

/// Waits until a cache serves local copies.
async fn trusted(cache: &Cache) {
    eventually("the process is on record", || {
        cache.health().remote.is_some_and(|remote| !remote.is_cut_off)
    })
    .await;
}

/// Two processes that both have served the key from their local tiers.
async fn pair_with_copies(redis: &RedisServer, b: Cache, source: &Source) -> (Cache, Cache) {
    let a = build(&redis.url());
    for cache in [&a, &b] {
        trusted(cache).await;
        read(cache, "k", source).await;
        read(cache, "k", source).await;
        assert_eq!(cache.stats().local_hits, 1, "the local tier serves");
    }
    (a, b)
}

/// The way to the other process is slow, so that whoever does not wait reads before the message is there.
async fn slow_way(redis: &RedisServer) -> FaultProxy {
    let proxy = FaultProxy::start(redis.address()).await.unwrap();
    proxy.set(Fault::Slow(Duration::from_millis(30))).await;
    proxy
}

#[tokio::test]
async fn a_write_is_seen_by_every_process_once_it_has_answered() {
    let redis = RedisServer::start().unwrap();
    let proxy = slow_way(&redis).await;
    let source = Source::default();
    let (a, b) = pair_with_copies(&redis, build(&proxy.url()), &source).await;
    for _ in 0..10 {
        let version = source.write();
        assert_eq!(a.remove("k").await, Delivery::Done);
        assert_eq!(read(&b, "k", &source).await, version);
        read(&b, "k", &source).await;
        a.set("put", version, Ttl::MEDIUM).await;
        assert_eq!(b.get::<u32>("put").await, Some(version));
    }
    assert!(b.stats().local_hits > 5, "the other process has had local copies to forget");
}

#[tokio::test]
async fn a_process_that_hears_nothing_is_waited_for_until_it_trusts_no_copy() {
    let redis = RedisServer::start().unwrap();
    let proxy = FaultProxy::start(redis.address()).await.unwrap();
    let source = Source::default();
    let deaf = build_with(&proxy.url(), Duration::from_millis(200));
    let (a, deaf) = pair_with_copies(&redis, deaf, &source).await;
    proxy.set(Fault::Stall).await;
    source.write();
    assert_eq!(a.remove("k").await, Delivery::Done);
    assert_eq!(read(&deaf, "k", &source).await, 1);
    // Not on record any more, and so not waited for: it keeps nothing either.
    source.write();
    a.remove("k").await;
    assert_eq!(read(&deaf, "k", &source).await, 2);
    proxy.set(Fault::Pass).await;
    trusted(&deaf).await;
}

#[tokio::test]
async fn a_record_that_was_lost_is_no_record_of_nobody() {
    let redis = RedisServer::start().unwrap();
    let proxy = slow_way(&redis).await;
    let source = Source::default();
    let (a, b) = pair_with_copies(&redis, build(&proxy.url()), &source).await;
    for lost in ["t:hearing", "t:bus"] {
        let version = source.write();
        redis.cli(&["DEL", lost]);
        a.remove("k").await;
        assert_eq!(read(&b, "k", &source).await, version, "{lost}");
        trusted(&b).await;
        read(&b, "k", &source).await;
    }
}
