//! Stale windows: an entry whose lifetime has ended stays in the shared tier, is served as its function allows, and is
//! loaded anew by one process. The clock of the processes stands still until a case moves it.

use crate::process::{Source, World, eventually, listening};
use cached_core::{Cache, Clock, ClockHand};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

const TTL: Duration = Duration::from_secs(60);

/// Two processes on one clock. Neither has a local copy.
struct Pair {
    a: Cache,
    b: Cache,
    hand: ClockHand,
    source: Source,
}

impl Pair {
    /// An entry is in the shared tier, and its lifetime has ended.
    async fn stale(world: &World<'_>) -> Self {
        let (clock, hand) = Clock::manual();
        let process = || listening(world.builder().clock(clock.clone()).build().unwrap());
        let pair = Self { a: process().await, b: process().await, hand, source: Source::default() };
        assert_eq!(tolerant(&pair.a, &pair.source).await, Ok(0));
        pair.hand.advance(TTL);
        pair.source.write();
        pair
    }

    async fn broken(cache: &Cache) -> Result<u32, String> {
        let read = cache.read("k").ttl(TTL).tag("t").stale_if_error(TTL).local_off();
        read.or_load(|| async { Err("broken".to_owned()) }).await
    }
}

async fn tolerant(cache: &Cache, source: &Source) -> Result<u32, String> {
    let read = cache.read("k").ttl(TTL).tag("t").stale_if_error(TTL).local_off();
    read.or_load(|| async { source.load().await.map_err(|never| match never {}) }).await
}

async fn revalidated(cache: &Cache, source: &Source) -> Result<u32, String> {
    let (read, source) =
        (cache.read("k").ttl(TTL).tag("t").stale_while_revalidate(TTL), source.clone());
    let load = move || {
        let source = source.clone();
        async move { source.load().await.map_err(|never| match never {}) }
    };
    read.local_off().or_load_owned(load).await
}

pub async fn one_process_loads_anew_while_others_are_served(world: &World<'_>) {
    let Pair { a, b, source, .. } = Pair::stale(world).await;
    for cache in [&b, &a, &b] {
        let read = revalidated(cache, &source).await.unwrap();
        assert!(read <= 1, "stale, or loaded anew by then");
    }
    // A flight lands before what it brought is stored.
    eventually("the new value is stored", || a.stats().fills + b.stats().fills == 2).await;
    for cache in [&a, &b] {
        assert_eq!(revalidated(cache, &source).await, Ok(1));
    }
    assert_eq!(source.loads(), 2);
}

pub async fn an_error_is_answered_by_what_another_process_has_stored(world: &World<'_>) {
    let Pair { a, b, hand, source } = Pair::stale(world).await;
    assert_eq!(Pair::broken(&b).await, Ok(0));
    assert_eq!(Pair::broken(&a).await, Ok(0), "nobody holds the right to load");
    assert_eq!(b.get::<u32>("k").await, None, "who does not load is served nothing stale");
    assert_eq!(tolerant(&b, &source).await, Ok(1));
    assert_eq!(tolerant(&a, &source).await, Ok(1));
    assert_eq!(source.loads(), 2);
    hand.advance(TTL + TTL);
    assert_eq!(Pair::broken(&a).await, Err("broken".into()), "after the window");
}

pub async fn an_invalidation_takes_stale_entries(world: &World<'_>) {
    for by_tag in [false, true] {
        let Pair { a, b, .. } = Pair::stale(world).await;
        match by_tag {
            false => a.remove("k").await,
            true => a.remove_tag("t").await,
        };
        assert_eq!(Pair::broken(&b).await, Err("broken".into()), "by_tag {by_tag}");
        a.remove("k").await;
    }
}

/// The load over a stale entry is overtaken by an invalidation.
pub async fn a_load_over_a_stale_entry_refills_nothing_that_was_invalidated(world: &World<'_>) {
    for by_tag in [false, true] {
        let Pair { a, b, source, .. } = Pair::stale(world).await;
        let (loaded, resume) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let slow = tokio::spawn({
            let (b, source) = (b.clone(), source.clone());
            let (loaded, resume) = (loaded.clone(), resume.clone());
            async move {
                let read = b.read("k").ttl(TTL).tag("t").stale_if_error(TTL).local_off();
                let load = async || {
                    let value = source.load().await;
                    loaded.notify_one();
                    resume.notified().await;
                    value
                };
                read.or_load(load).await
            }
        });
        loaded.notified().await;
        source.write();
        match by_tag {
            false => a.remove("k").await,
            true => a.remove_tag("t").await,
        };
        resume.notify_one();
        assert_eq!(slow.await.unwrap(), Ok(1), "who asked before gets what was loaded");
        assert_eq!(tolerant(&a, &source).await, Ok(2), "by_tag {by_tag}");
        a.remove("k").await;
    }
}

/// Who finds another's right to load waits for what that brings.
pub async fn one_process_loads_over_a_stale_entry(world: &World<'_>) {
    let Pair { a, b, source, .. } = Pair::stale(world).await;
    let (began, resume) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let first = tokio::spawn({
        let (a, source, began, resume) = (a, source.clone(), began.clone(), resume.clone());
        async move {
            let read = a.read("k").ttl(TTL).tag("t").stale_if_error(TTL).local_off();
            let load = async || {
                began.notify_one();
                resume.notified().await;
                source.load().await
            };
            read.or_load(load).await
        }
    });
    began.notified().await;
    let second = tokio::spawn({
        let (b, source) = (b.clone(), source.clone());
        async move { tolerant(&b, &source).await }
    });
    eventually("the second has asked", || b.flights() == 1).await;
    resume.notify_one();
    assert_eq!(first.await.unwrap(), Ok(1));
    assert_eq!(second.await.unwrap(), Ok(1));
    assert_eq!(source.loads(), 2);
}
