//! Waiting for somebody else's lease.

mod common;

use cached_core::remote::transport::{Command, Memory, Transport};
use cached_core::{Cache, Clock, key};
use common::Source;
use std::collections::HashMap;
use std::convert::Infallible;
use std::time::Duration;

const LIFE: Duration = Duration::from_secs(2);

/// Takes the key's lease as another process does.
async fn lease(server: &Memory, token: u8) {
    let mut lease = b"\xCAch\x01L".to_vec();
    lease.extend([token; 16]);
    let set = Command::new("SET").arg("cached:k:k").arg(lease).arg("PX").num(2_000);
    server.pipeline(vec![set]).await.unwrap();
}

/// A holder that died delays the others by no more than the lease's life, and the next one has a lease of its own.
#[tokio::test(start_paused = true)]
async fn a_dead_holder_is_waited_for_one_life() {
    let server = Memory::new();
    let cache = Cache::builder().transport(server.clone()).lease(LIFE).build().unwrap();
    lease(&server, 1).await;
    let source = Source::default();
    let began = tokio::time::Instant::now();
    assert_eq!(common::read(&cache, "k", &source).await, 0);
    let waited = began.elapsed();
    assert!((LIFE..LIFE * 6 / 5).contains(&waited), "{waited:?} of the paused clock");
    assert_eq!((source.loads(), cache.stats().fills), (1, 1));
}

/// Each lease is waited for as long as it lives: one that has just changed hands is held by somebody who loads.
#[tokio::test(start_paused = true)]
async fn a_lease_that_changes_hands_is_waited_for_anew() {
    let server = Memory::new();
    let cache = Cache::builder().transport(server.clone()).lease(LIFE).build().unwrap();
    lease(&server, 1).await;
    let source = Source::default();
    let waiter = tokio::spawn({
        let (cache, source) = (cache.clone(), source.clone());
        async move { common::read(&cache, "k", &source).await }
    });
    tokio::time::sleep(LIFE * 3 / 5).await;
    lease(&server, 2).await;
    tokio::time::sleep(LIFE * 4 / 5).await;
    assert_eq!(source.loads(), 0, "the second holder loads");
    assert_eq!(waiter.await.unwrap(), 0);
    assert_eq!((source.loads(), cache.stats().fills), (1, 1), "under a lease of its own");
}

/// ... but not for ever.
#[tokio::test(start_paused = true)]
async fn holders_that_follow_each_other_for_ever_are_waited_for_ten_lives() {
    let server = Memory::new();
    let cache = Cache::builder().transport(server.clone()).lease(LIFE).build().unwrap();
    let others = tokio::spawn({
        let server = server.clone();
        async move {
            for token in 0u8.. {
                lease(&server, token).await;
                tokio::time::sleep(LIFE / 2).await;
            }
        }
    });
    tokio::time::sleep(LIFE / 4).await;
    let source = Source::default();
    let began = tokio::time::Instant::now();
    assert_eq!(common::read(&cache, "k", &source).await, 0);
    let waited = began.elapsed();
    assert!((LIFE * 10..LIFE * 11).contains(&waited), "{waited:?} of the paused clock");
    others.abort();
}

/// Bytes that look like a lease, in both forms, and end never.
const SHAPED: [&[u8]; 2] = [b"\xCAch\x01L0123456789abcdef", b"cached1LMDEyMzQ1Njc4OWFiY2RlZg"];

async fn put(server: &Memory, name: &str, bytes: &[u8]) {
    let set = Command::new("SET").arg(name).arg(bytes);
    server.pipeline(vec![set]).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn bytes_in_the_shape_of_a_lease_are_waited_for_once() {
    for (round, shaped) in SHAPED.into_iter().enumerate() {
        let server = Memory::new();
        let cache = Cache::builder().transport(server.clone()).lease(LIFE).build().unwrap();
        put(&server, "cached:k:k", shaped).await;
        let source = Source::default();
        let began = tokio::time::Instant::now();
        assert_eq!(common::read(&cache, "k", &source).await, 0);
        let waited = began.elapsed();
        assert!((LIFE..LIFE * 6 / 5).contains(&waited), "{round}: {waited:?} of the paused clock");
        let stats = cache.stats();
        assert_eq!((stats.undecodable, stats.fills, stats.remote_faults), (1, 1, 0), "{round}");
        let other = Cache::builder().transport(server.clone()).lease(LIFE).build().unwrap();
        assert_eq!(common::read(&other, "k", &source).await, 0);
        assert_eq!((source.loads(), other.stats().undecodable), (1, 0), "{round}: it was replaced");
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_waits_for_all_of_them_at_once() {
    let server = Memory::new();
    let cache = Cache::builder().transport(server.clone()).lease(LIFE).build().unwrap();
    for id in 0..6 {
        put(&server, &format!("cached:k:{id}"), SHAPED[id % 2]).await;
    }
    let began = tokio::time::Instant::now();
    let read = async || {
        let batch = cache.read_many(0..8_u32, |id| key!("<id>")).local_off();
        let load = async |ids: Vec<u32>| {
            Ok::<_, Infallible>(ids.into_iter().map(|id| (id, id)).collect::<HashMap<_, _>>())
        };
        let Ok(values) = batch.or_load(load).await;
        values.len()
    };
    assert_eq!(read().await, 8);
    let waited = began.elapsed();
    assert!((LIFE..LIFE * 6 / 5).contains(&waited), "{waited:?} of the paused clock");
    assert_eq!(read().await, 8);
    let stats = cache.stats();
    assert_eq!((stats.undecodable, stats.fills, stats.remote_hits), (6, 8, 8));
}

/// The lease of who loads a stale entry anew stands at a name of its own.
#[tokio::test(start_paused = true)]
async fn a_renewal_waits_for_them_once() {
    let (clock, hand) = Clock::manual();
    let server = Memory::new();
    let builder = Cache::builder().transport(server.clone()).lease(LIFE).clock(clock);
    let cache = builder.ttl_jitter(0.0).build().unwrap();
    let source = Source::default();
    let ttl = Duration::from_secs(10);
    let read = async || {
        let read = cache.read("k").local_off().ttl(ttl).stale_if_error(ttl * 100);
        read.or_load(|| source.load()).await.unwrap()
    };
    assert_eq!(read().await, 0);
    hand.advance(ttl);
    put(&server, "cached:l:k", SHAPED[0]).await;
    assert_eq!((read().await, source.loads()), (0, 2));
    assert_eq!((read().await, source.loads()), (0, 2), "it was filled");
    let stats = cache.stats();
    assert_eq!((stats.undecodable, stats.fills), (1, 2));
}
