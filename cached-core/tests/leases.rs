//! Waiting for somebody else's lease.

mod common;

use cached_core::Cache;
use cached_core::remote::transport::{Command, Memory, Transport};
use common::Source;
use std::time::Duration;

const LIFE: Duration = Duration::from_secs(2);

/// Takes the key's lease as another process does.
async fn lease(server: &Memory, token: u8) {
    let mut lease = b"\xCAch\x01L".to_vec();
    lease.extend([token; 16]);
    let set = Command::new("SET").arg("cached:k:k").arg(lease).arg("PX").num(2_000);
    server.pipeline(vec![set]).await.unwrap();
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
