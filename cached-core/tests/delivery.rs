//! How invalidations reach the server: none waits for a slower one, and none is given up silently.

mod common;

use cached_core::remote::transport::{Command, Fault, Memory, Reply, Transport, TransportFuture};
use cached_core::{Cache, Delivery, Invalidation, Pattern};
use common::eventually;
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
            if commands.iter().any(|command| command.args()[0] == b"SCAN") {
                self.scanning.store(true, Ordering::SeqCst);
                let _ = self.go_on.clone().wait_for(|go_on| *go_on).await;
            }
            self.server.pipeline(commands).await
        })
    }

    fn reset(&self) {}

    fn block(
        &self,
        command: Command,
        wait: Duration,
    ) -> Option<TransportFuture<'_, Result<Reply, Fault>>> {
        self.server.block(command, wait)
    }
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
