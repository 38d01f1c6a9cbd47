//! The account of a request: why the source was asked, in the words of `Cache-Status` (RFC 9211), for single reads and for
//! batches. What holds in a request is in `scopes`.

mod common;

use cached_core::remote::transport::Memory;
use cached_core::{
    Cache, Clock, Forwarded, Ttl, bypass_scope, refresh_scope, request_scope_with_report,
};
use common::{Source, read};
use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

/// What `Cache-Status` says of the reads of a future.
async fn status<F: Future>(reads: F) -> String {
    request_scope_with_report(reads).await.1.cache_status().unwrap()
}

#[tokio::test]
async fn an_entry_whose_lifetime_has_ended_is_no_miss() {
    let (clock, hand) = Clock::manual();
    let cache = Cache::builder().clock(clock).build().unwrap();
    let source = Source::default();
    assert_eq!(status(read(&cache, "k", &source)).await, "cached; fwd=miss");
    hand.advance(Duration::from_secs(600));
    assert_eq!(status(read(&cache, "k", &source)).await, "cached; fwd=stale");
    cache.remove("k").await;
    assert_eq!(status(read(&cache, "k", &source)).await, "cached; fwd=miss");
    hand.advance(Duration::from_secs(600));
    let failing = async || cache.read("k").or_load(async || Err::<u32, &str>("no")).await;
    assert_eq!(status(failing()).await, "cached; fwd=stale; detail=failed");
}

#[tokio::test]
async fn an_entry_whose_lifetime_has_ended_is_no_miss_in_the_shared_tier_either() {
    let (clock, hand) = Clock::manual();
    let server = Memory::new();
    let build =
        || Cache::builder().transport(server.clone()).clock(clock.clone()).ttl_jitter(0.0).build();
    let (here, there) = (build().unwrap(), build().unwrap());
    let source = Source::default();
    let tolerant = async |cache: &Cache| {
        let read = cache.read("k").ttl(Ttl::SHORT).stale_if_error(Ttl::DAY);
        read.or_load(|| source.load()).await.unwrap()
    };
    assert_eq!(status(tolerant(&here)).await, "cached; fwd=miss");
    hand.advance(Duration::from_secs(70));
    assert_eq!(status(tolerant(&there)).await, "cached; fwd=stale");
    assert_eq!(source.loads(), 2);
}

#[tokio::test]
async fn a_value_in_place_of_an_error_went_past_the_cache() {
    let (clock, hand) = Clock::manual();
    let cache = Cache::builder().clock(clock).ttl_jitter(0.0).build().unwrap();
    let tolerant = async |outcome: Result<u32, &'static str>| {
        let read = cache.read("k").ttl(Ttl::SHORT).stale_if_error(Ttl::DAY);
        read.or_load(async || outcome).await
    };
    tolerant(Ok(1)).await.unwrap();
    hand.advance(Duration::from_secs(70));
    let (value, report) = request_scope_with_report(tolerant(Err("down"))).await;
    assert_eq!((value, report.reads[0].forwarded), (Ok(1), Some(Forwarded::Stale)));
    let status = report.cache_status().unwrap();
    assert_eq!(status, "cached; fwd=stale; detail=stale-if-error; ttl=-10");
    assert!(report.server_timing().contains("desc=\"1 loaded\""), "{}", report.server_timing());
}

#[tokio::test]
async fn a_refresh_is_what_the_request_wants() {
    let (clock, _hand) = Clock::manual();
    let cache = Cache::builder().clock(clock).ttl_jitter(0.0).build().unwrap();
    let source = Source::default();
    read(&cache, "k", &source).await;
    let twice = async {
        read(&cache, "k", &source).await;
        read(&cache, "k", &source).await
    };
    let status = status(refresh_scope(twice)).await;
    assert_eq!(status, "cached; fwd=request, cached; hit; detail=request; ttl=300");
}

#[tokio::test]
async fn each_key_of_a_batch_has_its_own_reason() {
    let (clock, hand) = Clock::manual();
    let build = |server: Option<Memory>| {
        let builder = Cache::builder().clock(clock.clone()).ttl_jitter(0.0);
        server.into_iter().fold(builder, |builder, server| builder.transport(server)).build()
    };
    for server in [None, Some(Memory::new())] {
        let cache = build(server).unwrap();
        let batch = async |ids: &[u32], outcome: Result<(), &'static str>| {
            let read = cache.read_many(ids.to_vec(), |id| cached_core::key!("course:<id>"));
            let loaded = read
                .or_load(async |ids| outcome.map(|()| ids.into_iter().map(|id| (id, id)).collect()))
                .await;
            loaded.map(|found: BTreeMap<u32, u32>| found.len())
        };
        assert_eq!(status(batch(&[1], Ok(()))).await, "cached; fwd=miss");
        hand.advance(Duration::from_secs(600));
        let mixed = status(batch(&[1, 2], Ok(()))).await;
        assert_eq!(mixed, "cached; fwd=stale, cached; fwd=miss");
        let refreshed = status(refresh_scope(batch(&[1], Ok(())))).await;
        assert_eq!(refreshed, "cached; fwd=request");
        let bypassed = status(bypass_scope(batch(&[1, 2], Ok(())))).await;
        assert_eq!(bypassed, "cached; fwd=bypass, cached; fwd=bypass");
        let failed = status(batch(&[1, 3], Err("no"))).await;
        assert_eq!(failed, "cached; hit; detail=local; ttl=300, cached; fwd=miss; detail=failed");
    }
}

#[tokio::test]
async fn the_reads_of_a_batch_take_as_long_together_as_the_batch() {
    let cache = Cache::builder().build().unwrap();
    let batch = cache.read_many(0..50_u32, |id| cached_core::key!("course:<id>"));
    let (found, report) = request_scope_with_report(batch.or_load(async |ids| {
        tokio::task::yield_now().await;
        Ok::<BTreeMap<u32, u32>, ()>(ids.into_iter().map(|id| (id, id)).collect())
    }))
    .await;
    assert_eq!((found.unwrap().len(), report.reads.len()), (50, 50));
    let reads: Duration = report.reads.iter().map(|read| read.took).sum();
    assert!(reads <= report.took, "{reads:?} of {:?}", report.took);
}
