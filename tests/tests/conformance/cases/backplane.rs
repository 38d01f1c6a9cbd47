//! Other processes' invalidations are heard, and it is noticed when some may have been missed.

use crate::process::{Source, World, eventually};

pub async fn an_invalidation_is_heard(world: &World<'_>) {
    let (a, b) = world.pair().await;
    let source = Source::default();
    source.read(&b, "k").await;
    source.read(&b, "k").await;
    assert_eq!(b.stats().local_hits, 1);
    for round in 1..=3 {
        source.write();
        a.remove("k").await;
        eventually("b hears", || b.stats().invalidations_received == u64::from(round)).await;
        assert_eq!(source.read(&b, "k").await, round);
    }
    assert_eq!(a.stats().invalidations_received, 0, "one's own are no news");
}

pub async fn a_trimmed_stream_is_noticed(world: &World<'_>) {
    let (a, b) = world.pair().await;
    let source = Source::default();
    a.remove("something").await;
    eventually("b hears", || b.stats().invalidations_received == 1).await;
    source.read(&b, "k").await;
    source.write();
    // As if the key had been removed by somebody whose message was trimmed before b could read it.
    let resets = b.stats().local_resets;
    world.command(&["DEL", &world.entry("k")]).await;
    let bus = format!("{}:bus", world.namespace);
    world.command(&["XADD", &bus, "MAXLEN", "0", "*", "m", "{}"]).await;
    eventually("b drops its local tier", || b.stats().local_resets > resets).await;
    assert_eq!(source.read(&b, "k").await, 1);
    a.remove("k").await;
    eventually("b still hears", || b.stats().invalidations_received == 2).await;
}

pub async fn a_lost_stream_is_noticed(world: &World<'_>) {
    let (a, b) = world.pair().await;
    a.remove("something").await;
    eventually("b hears", || b.stats().invalidations_received == 1).await;
    let resets = b.stats().local_resets;
    world.command(&["DEL", &format!("{}:bus", world.namespace)]).await;
    eventually("b drops its local tier", || b.stats().local_resets > resets).await;
    let heard = b.stats().invalidations_received;
    a.remove("k").await;
    eventually("b hears on the new stream", || b.stats().invalidations_received > heard).await;
}
