//! How invalidations reach the server: none waits for a slower one, and none is given up silently.

mod common;

use cached_core::remote::transport::{Command, Fault, Memory, Reply, Transport, TransportFuture};
use cached_core::{Cache, CacheBuilder, Delivery, Invalidation, Pattern};
use common::{Slow, Source, eventually};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::watch;

/// A server on which a scan takes as long as the test wants.
#[derive(Clone)]
struct SlowScan {
    server: Memory,
    scanning: Arc<AtomicBool>,
    go_on: watch::Receiver<bool>,
}

impl Transport for SlowScan {
    fn pipeline(&self, commands: Vec<Command>) -> TransportFuture<'_, Result<Vec<Reply>, Fault>> {
        Box::pin(async move {
            if commands.iter().any(|command| command.name() == b"SCAN") {
                self.scanning.store(true, Ordering::SeqCst);
                let _ = self.go_on.clone().wait_for(|go_on| *go_on).await;
            }
            self.server.pipeline(commands).await
        })
    }

    common::in_all_else_as!(server);
}

#[tokio::test]
async fn keys_and_tags_do_not_wait_for_patterns() {
    let (release, go_on) = watch::channel(false);
    let slow = SlowScan { server: Memory::new(), scanning: Arc::default(), go_on };
    let builder = Cache::builder().transport(slow.clone());
    let cache = builder.operation_timeout(Duration::from_secs(600)).build().unwrap();
    let both = Invalidation::new().key("k").pattern(Pattern::parse("p:*").unwrap());
    let swept = tokio::spawn({
        let cache = cache.clone();
        async move { cache.invalidate(both).await }
    });
    eventually("the server is searched", || slow.scanning.load(Ordering::SeqCst)).await;
    let named = Invalidation::new().key("k").tag("t");
    let named = tokio::time::timeout(Duration::from_secs(60), cache.invalidate(named)).await;
    assert_eq!(named, Ok(Delivery::Done));
    assert!(!swept.is_finished(), "its pattern is not removed yet");
    release.send_replace(true);
    assert_eq!(swept.await.unwrap(), Delivery::Done);
    assert_eq!(cache.queued(), 0);
}

/// A server that takes no invalidation while it is told to.
#[derive(Clone)]
struct Refusing {
    slow: Slow,
    refuses: Arc<AtomicBool>,
}

impl Transport for Refusing {
    fn pipeline(&self, commands: Vec<Command>) -> TransportFuture<'_, Result<Vec<Reply>, Fault>> {
        let removes = commands.iter().any(|command| command.name() == b"UNLINK");
        if removes && self.refuses.load(Ordering::SeqCst) {
            return Box::pin(async { Err(Fault::Timeout) });
        }
        self.slow.pipeline(commands)
    }

    common::in_all_else_as!(slow);
}

/// A look-up that was answered before its process' own invalidation of a tag was delivered, and is told of it after.
#[tokio::test]
async fn an_answer_from_before_a_delivery_is_not_served_after_it() {
    let server = Memory::new();
    let slow = Slow::new(server.clone());
    let refusing = Refusing { slow: slow.clone(), refuses: Arc::default() };
    let build = |builder: CacheBuilder| builder.namespace("t").build().unwrap();
    let elsewhere = build(Cache::builder().transport(server));
    let cache = build(Cache::builder().transport(refusing.clone()));
    let source = Source::default();
    let tagged = elsewhere.read("k").tag("courses");
    assert_eq!(tagged.or_load(|| source.load()).await, Ok(0));
    let written = source.write();

    refusing.refuses.store(true, Ordering::SeqCst);
    let invalidation = Invalidation::new().tag("courses");
    assert_eq!(cache.invalidate(invalidation).await, Delivery::Queued);
    // The reader does not know the entry's tags before it has the entry; then it asks whether they stand.
    let release = slow.keep_answer("t:t:courses", 0);
    let read = tokio::spawn({
        let (cache, source) = (cache.clone(), source.clone());
        async move { common::read(&cache, "k", &source).await }
    });
    eventually("the look-up is answered", || slow.has_caught()).await;
    refusing.refuses.store(false, Ordering::SeqCst);
    eventually("the invalidation is delivered", || cache.queued() == 0).await;
    release.send(()).unwrap();
    assert_eq!(read.await.unwrap(), written);
}
