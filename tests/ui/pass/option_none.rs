//! `none`: how long `None` is cached, or not at all.

use cached_core::{Cache, Clock, cached};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

static LOADS: AtomicU32 = AtomicU32::new(0);

fn load(id: u32) -> Option<u32> {
    LOADS.fetch_add(1, Ordering::Relaxed);
    id.checked_sub(1)
}

#[cached(none = "short", ttl = "day")]
async fn briefly(id: u32) -> Result<Option<u32>, std::io::Error> {
    Ok(load(id))
}

#[cached(none = off, key = "never:<id>")]
async fn never(id: u32) -> Option<u32> {
    load(id)
}

#[cached(ttl = "day")]
async fn as_long(id: u32) -> Option<u32> {
    load(id)
}

/// Reads nothing and something, and says how many loads that took.
macro_rules! loads {
    ($read:ident) => {{
        let before = LOADS.load(Ordering::Relaxed);
        let _ = ($read(0).await, $read(1).await);
        LOADS.load(Ordering::Relaxed) - before
    }};
}

pub(crate) async fn run() {
    let (clock, hand) = Clock::manual();
    let cache = Cache::builder().clock(clock).ttl_jitter(0.0).build().unwrap();
    let reads = async {
        assert_eq!((loads!(briefly), loads!(briefly)), (2, 0));
        assert_eq!((loads!(never), loads!(never)), (2, 1));
        assert_eq!((loads!(as_long), loads!(as_long)), (2, 0));
        hand.advance(Duration::from_millis(59_999));
        assert_eq!(loads!(briefly), 0);
        hand.advance(Duration::from_millis(1));
        assert_eq!((loads!(briefly), loads!(never), loads!(as_long)), (1, 1, 0));
    };
    cache.scope(reads).await;
}
