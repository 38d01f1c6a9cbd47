//! The server goes away and comes back: callers always get their value, no invalidation is lost, caching resumes.

use crate::process::{Source, World, eventually, listening};
use cached_core::{Cache, Delivery};
use std::time::Duration;

pub async fn reads_and_writes_go_on_and_caching_resumes(world: &World<'_>) {
    let impatient = || world.builder().operation_timeout(Duration::from_millis(500));
    let a = listening(impatient().build().unwrap()).await;
    let b = listening(impatient().build().unwrap()).await;
    let source = Source::default();
    source.read(&a, "k").await;
    world.server.leave();
    source.write();
    assert_eq!(a.remove("k").await, Delivery::Queued);
    assert_eq!(source.read(&a, "k").await, 1, "an invalidation holds here at once");
    for at in 0..20 {
        assert_eq!(source.read(&a, &format!("k{at}")).await, 1);
    }
    assert!(a.is_remote_down(), "the breaker is open: calls cost the load alone");
    world.server.come_back();
    eventually("the queue has drained", || a.queued() == 0).await;
    assert_eq!(source.read_tagged(&b, "k", "t").await, 1, "no old entry is left");
    resumes(&a, &source).await;
    resumes(&b, &source).await;
}

async fn resumes(cache: &Cache, source: &Source) {
    let filled = cache.stats().fills;
    let mut at = 0;
    while cache.stats().fills == filled {
        at += 1;
        source.read(cache, &format!("probe:{at}:{filled}")).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(at < 2_000, "caching did not resume");
    }
}
