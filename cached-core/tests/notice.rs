//! The notice that stands while keys are removed one after the other: it ends with the removal, however that went, and
//! nobody's depends on another's. Virtual time.

mod common;

use cached_core::remote::transport::{Command, Fault, Memory, Reply, Transport, TransportFuture};
use cached_core::{Cache, CacheBuilder, Delivery, Invalidation, Pattern};
use common::{Source, eventually, read};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

fn build(builder: CacheBuilder) -> Cache {
    builder.build().expect("the settings are valid")
}

fn pattern() -> Invalidation {
    Invalidation::new().pattern(Pattern::parse("x*").unwrap())
}

/// Whether a value that rests on another cached one is stored for everybody.
async fn stores(cache: &Cache, name: &str) -> bool {
    let before = cache.stats().fills;
    let inner = format!("inner:{name}");
    let load = || async { Ok::<_, Infallible>(read(cache, &inner, &Source::default()).await) };
    let Ok(_) = cache.read(format!("outer:{name}")).or_load(load).await;
    cache.stats().fills == before + 2
}

/// A connection over which so many scans fail.
#[derive(Clone)]
struct FailingScan {
    server: Memory,
    left: Arc<AtomicU32>,
}

impl Transport for FailingScan {
    fn pipeline(&self, commands: Vec<Command>) -> TransportFuture<'_, Result<Vec<Reply>, Fault>> {
        let scans = commands.iter().any(|command| command.name() == b"SCAN");
        let fails = |left: u32| left.checked_sub(1).filter(|_| scans);
        if self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fails).is_ok() {
            return Box::pin(async { Err(Fault::Timeout) });
        }
        self.server.pipeline(commands)
    }

    common::in_all_else_as!(server);
}

#[tokio::test(start_paused = true)]
async fn a_removal_that_failed_on_the_way_leaves_no_notice_when_it_is_done() {
    let server = Memory::new();
    let failing = FailingScan { server: server.clone(), left: Arc::new(AtomicU32::new(2)) };
    let writer = build(Cache::builder().transport(failing));
    let reader = build(Cache::builder().transport(server));
    writer.invalidate(pattern()).await;
    eventually("it is delivered", || writer.queued() == 0).await;
    assert!(stores(&reader, "a").await, "a notice still stands");
}

#[tokio::test(start_paused = true)]
async fn a_dead_process_leaves_its_notice_for_its_life_only() {
    let server = Memory::new();
    let failing = FailingScan { server: server.clone(), left: Arc::new(AtomicU32::new(u32::MAX)) };
    let dead = build(Cache::builder().transport(failing));
    dead.invalidate(pattern()).await;
    drop(dead);
    let (writer, reader) = (
        build(Cache::builder().transport(server.clone())),
        build(Cache::builder().transport(server)),
    );
    // Others go on removing meanwhile.
    let mut stored = Vec::new();
    for second in 0..15 {
        assert_eq!(writer.invalidate(pattern()).await, Delivery::Done);
        stored.push(stores(&reader, &second.to_string()).await);
        tokio::time::advance(Duration::from_secs(1)).await;
    }
    assert!(!stored[0], "the dead one's notice stands: {stored:?}");
    assert!(stored[14], "and is kept alive by nobody: {stored:?}");
}

#[tokio::test(start_paused = true)]
async fn removals_side_by_side_do_not_end_each_others_notice() {
    let server = Memory::new();
    let caches = [(); 4].map(|()| build(Cache::builder().transport(server.clone())));
    let removals = caches.clone().map(|cache| {
        tokio::spawn(async move {
            for _ in 0..50 {
                assert_eq!(cache.invalidate(pattern()).await, Delivery::Done);
            }
        })
    });
    for removal in removals {
        removal.await.unwrap();
    }
    let faults: u64 = caches.iter().map(|cache| cache.stats().remote_faults).sum();
    assert_eq!(faults, 0);
    assert!(stores(&caches[0], "a").await, "a notice still stands");
}
