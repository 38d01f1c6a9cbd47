//! Stale windows and early refresh, on a clock that stands still until it is moved.

mod common;

use cached_core::{Cache, Clock, ClockHand};
use common::eventually;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

const TTL: Duration = Duration::from_secs(10);

struct World {
    cache: Cache,
    hand: ClockHand,
    source: Source,
}

#[derive(Clone, Default)]
struct Source {
    loads: Arc<AtomicU32>,
    broken: Arc<AtomicBool>,
}

impl Source {
    /// Every load gives the next number.
    async fn load(self) -> Result<u32, String> {
        let load = self.loads.fetch_add(1, Ordering::SeqCst) + 1;
        if self.broken.load(Ordering::SeqCst) { Err("broken".into()) } else { Ok(load) }
    }

    fn loads(&self) -> u32 {
        self.loads.load(Ordering::SeqCst)
    }
}

impl World {
    fn new() -> Self {
        let (clock, hand) = Clock::manual();
        let cache = Cache::builder().clock(clock).build().unwrap();
        Self { cache, hand, source: Source::default() }
    }

    async fn revalidated(&self) -> Result<u32, String> {
        let source = self.source.clone();
        let read = self.cache.read("k").ttl(TTL).tag("t").stale_while_revalidate(TTL);
        read.or_load_owned(move || source.clone().load()).await
    }

    async fn tolerant(&self) -> Result<u32, String> {
        let read = self.cache.read("k").ttl(TTL).stale_if_error(TTL);
        read.or_load(|| self.source.clone().load()).await
    }

    fn advance(&self, by: Duration) {
        self.hand.advance(by);
    }
}

#[tokio::test]
async fn a_stale_value_is_served_while_one_task_loads_it_anew() {
    let world = World::new();
    assert_eq!(world.revalidated().await, Ok(1));
    world.advance(TTL);
    for _ in 0..20 {
        assert_eq!(world.revalidated().await, Ok(1), "nobody waits");
    }
    eventually("the background load has ended", || world.source.loads() == 2).await;
    eventually("the new value is served", || world.cache.flights() == 0).await;
    assert_eq!((world.revalidated().await, world.source.loads()), (Ok(2), 2));
    assert_eq!(world.cache.stats().stale_hits, 20);
}

#[tokio::test]
async fn after_the_window_callers_wait_for_the_load() {
    let world = World::new();
    assert_eq!(world.revalidated().await, Ok(1));
    world.advance(TTL + TTL);
    assert_eq!(world.revalidated().await, Ok(2));
    assert_eq!(world.cache.stats().stale_hits, 0);
}

/// Stale by age is served; stale by an invalidation never is.
#[tokio::test]
async fn what_was_invalidated_is_not_served_stale() {
    for by_tag in [false, true] {
        let world = World::new();
        assert_eq!(world.revalidated().await, Ok(1));
        world.advance(TTL);
        if by_tag {
            world.cache.remove_tag("t").await;
        } else {
            world.cache.remove("k").await;
        }
        assert_eq!(world.revalidated().await, Ok(2), "by_tag {by_tag}");
    }
}

#[tokio::test]
async fn a_background_load_that_fails_is_tried_again() {
    let world = World::new();
    assert_eq!(world.revalidated().await, Ok(1));
    world.advance(TTL);
    world.source.broken.store(true, Ordering::SeqCst);
    assert_eq!(world.revalidated().await, Ok(1));
    eventually("it has failed", || world.source.loads() == 2 && world.cache.flights() == 0).await;
    world.source.broken.store(false, Ordering::SeqCst);
    // The right to refresh is given back when the task ends.
    eventually("the next read tries again", || {
        let mut read = std::pin::pin!(world.revalidated());
        let _ = read.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
        world.source.loads() >= 3
    })
    .await;
}

#[tokio::test]
async fn an_error_is_answered_with_the_stale_value_within_its_window() {
    let world = World::new();
    assert_eq!(world.tolerant().await, Ok(1));
    world.source.broken.store(true, Ordering::SeqCst);
    world.advance(TTL);
    assert_eq!(world.tolerant().await, Ok(1));
    assert_eq!(world.source.loads(), 2, "it was tried");
    world.cache.remove("k").await;
    assert_eq!(world.tolerant().await, Err("broken".into()), "not after an invalidation");
}

#[tokio::test]
async fn after_its_window_an_error_is_an_error() {
    let world = World::new();
    assert_eq!(world.tolerant().await, Ok(1));
    world.source.broken.store(true, Ordering::SeqCst);
    world.advance(TTL + TTL);
    assert_eq!(world.tolerant().await, Err("broken".into()));
}

/// How likely an early refresh is is tested beside its formula; here, that a free load is never done early.
#[tokio::test]
async fn a_free_value_is_not_loaded_early() {
    let world = World::new();
    for _ in 0..1_000 {
        let read = world.cache.read("k").ttl(TTL).early_refresh();
        assert_eq!(read.or_load(|| world.source.clone().load()).await, Ok(1));
    }
}
