//! `early_refresh`: one caller loads anew a little before the lifetime ends. The option has no value.

use cached_core::{Cache, Clock, cached};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

static LOADS: AtomicU32 = AtomicU32::new(0);

#[cached(ttl = "10s", early_refresh, key = "course:<id>")]
async fn course(id: u32) -> Result<u32, std::io::Error> {
    LOADS.fetch_add(1, Ordering::Relaxed);
    Ok(id)
}

pub(crate) async fn run() {
    let (clock, hand) = Clock::manual();
    let cache = Cache::builder().clock(clock).build().unwrap();
    let reads = async {
        for _ in 0..2 {
            assert_eq!(course(7).await.unwrap(), 7);
        }
        // At its end, the entry is loaded by whoever asks first.
        hand.advance(Duration::from_secs(10));
        assert_eq!(course(7).await.unwrap(), 7);
    };
    cache.scope(reads).await;
    assert_eq!(LOADS.load(Ordering::Relaxed), 2);
}
