//! `local`: how long the copy in this process may live, or no copy.

use cached_core::cached;

#[cached(local = "10s", ttl = "day")]
async fn short_lived() -> u32 {
    1
}

#[cached(local = "short")]
async fn tier() -> u32 {
    2
}

#[cached(local = off)]
async fn shared_only() -> u32 {
    3
}

pub(crate) async fn run() {
    assert_eq!((short_lived().await, tier().await, shared_only().await), (1, 2, 3));
}
