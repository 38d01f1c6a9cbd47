//! `Cache::set` among others who write the same key: which value wins, and that every process agrees.

mod common;

use cached_core::remote::transport::Memory;
use cached_core::{Cache, CacheBuilder};
use common::{Slow, Source, eventually, listening, read};
use std::time::Duration;

const TTL: Duration = Duration::from_secs(60);

fn builder() -> CacheBuilder {
    // A kept answer is no timeout.
    Cache::builder().namespace("t").operation_timeout(Duration::from_secs(600))
}

/// The value that is on the server when both have put theirs is the one that both serve.
#[tokio::test]
async fn two_processes_that_set_one_key_agree() {
    // The answer to one's own lease, or to one's own fill, comes after the other has finished.
    for pass in 0..2 {
        let server = Memory::new();
        let slow = Slow::new(server.clone());
        let a = builder().transport(slow.clone()).build().unwrap();
        let b = builder().transport(server).build().unwrap();
        listening(&a).await;
        listening(&b).await;
        let release = slow.keep_answer("t:k:k", pass);
        let first = tokio::spawn({
            let a = a.clone();
            async move { a.set("k", 1u32, TTL).await }
        });
        eventually("the answer is on its way", || slow.has_caught()).await;
        b.set("k", 2u32, TTL).await;
        eventually("a has heard", || a.stats().invalidations_received == 1).await;
        drop(release);
        first.await.unwrap();
        assert_eq!(b.get::<u32>("k").await, Some(2), "pass {pass}");
        assert_eq!(a.get::<u32>("k").await, Some(2), "pass {pass}");
    }
}

/// What runs on the server after its caller gave up must not replace what came later.
#[tokio::test(start_paused = true)]
async fn a_set_that_runs_late_replaces_nothing() {
    for pass in 0..2 {
        let server = Memory::new();
        let slow = Slow::new(server.clone());
        let timeout = Duration::from_millis(100);
        let a = builder().operation_timeout(timeout).transport(slow.clone()).build().unwrap();
        let b = builder().transport(server).build().unwrap();
        slow.hold_back("t:k:k", pass);
        a.set("k", 0u32, TTL).await;
        assert!(slow.has_caught() && a.stats().remote_faults > 0, "it has timed out");
        eventually("the old value is removed", || a.queued() == 0).await;
        let source = Source::default();
        source.write();
        let uncopied = || b.read("k").local_off().or_load(|| source.load());
        assert_eq!(uncopied().await, Ok(1));
        slow.run_late().await;
        assert_eq!(uncopied().await, Ok(1), "pass {pass}");
    }
}

/// A reader between the first step and the end of one that is cancelled may have kept the older value.
#[tokio::test]
async fn a_set_that_is_cancelled_leaves_no_older_copy() {
    let server = Memory::new();
    let slow = Slow::new(server.clone());
    let a = builder().transport(slow.clone()).build().unwrap();
    listening(&a).await;
    let source = Source::default();
    assert_eq!(read(&a, "k", &source).await, 0);
    slow.hold_back("t:k:k", 0);
    {
        let mut set = std::pin::pin!(a.set("k", 1u32, TTL));
        let waker = std::task::Waker::noop();
        while !slow.has_caught() {
            assert!(set.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending());
            tokio::task::yield_now().await;
        }
        assert_eq!(read(&a, "k", &source).await, 0, "the new value is not there yet");
    }
    source.write();
    assert_eq!(read(&a, "k", &source).await, 1, "half-way: neither value is served any more");
}

#[tokio::test]
async fn a_value_that_does_not_fit_is_not_kept_and_counted() {
    let cache = Cache::builder().local_entries(20).local_bytes(1_000).build().unwrap();
    cache.set("k", "short".to_owned(), TTL).await;
    cache.set("k", "x".repeat(5_000), TTL).await;
    assert_eq!((cache.get::<String>("k").await, cache.stats().unstorable), (None, 1));
}
