//! `local`: how long the copy in this process may live, or no copy.

use cached_core::remote::transport::Memory;
use cached_core::{Cache, Clock, cached};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

static LOADS: AtomicU32 = AtomicU32::new(0);

fn load() -> u32 {
    LOADS.fetch_add(1, Ordering::Relaxed)
}

#[cached(local = "10s", ttl = "day")]
async fn short_lived() -> u32 {
    load()
}

#[cached(local = "short", ttl = "day")]
async fn tier() -> u32 {
    load()
}

#[cached(local = off)]
async fn shared_only() -> u32 {
    load()
}

async fn all() -> [u32; 3] {
    [short_lived().await, tier().await, shared_only().await]
}

pub(crate) async fn run() {
    let (clock, hand) = Clock::manual();
    let cache = Cache::builder().clock(clock).ttl_jitter(0.0).build().unwrap();
    // Without a server, what is not here is loaded again.
    let reads = async {
        assert_eq!(all().await, [0, 1, 2]);
        assert_eq!(all().await, [0, 1, 3]);
        hand.advance(Duration::from_millis(9_999));
        assert_eq!(all().await, [0, 1, 4]);
        hand.advance(Duration::from_millis(1));
        assert_eq!(all().await, [5, 1, 6]);
        hand.advance(Duration::from_millis(49_999));
        assert_eq!(tier().await, 1);
        hand.advance(Duration::from_millis(1));
        assert_eq!(tier().await, 7);
    };
    cache.scope(reads).await;
    // With one, what is not kept here is read from there.
    let cache = Cache::builder().transport(Memory::default()).build().unwrap();
    let reads = async { [shared_only().await, shared_only().await, shared_only().await] };
    assert_eq!(cache.scope(reads).await, [8; 3]);
    let stats = cache.stats();
    assert_eq!((stats.local_hits, stats.remote_hits), (0, 2));
}
