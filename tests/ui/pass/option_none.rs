//! `none`: how long `None` is cached, or not at all.

use cached_core::cached;
use std::sync::atomic::{AtomicU32, Ordering};

static LOADS: AtomicU32 = AtomicU32::new(0);

#[cached(none = "short", ttl = "day")]
async fn briefly(id: u32) -> Result<Option<u32>, std::io::Error> {
    Ok(id.checked_sub(1))
}

#[cached(none = off, key = "never:<id>")]
async fn never(id: u32) -> Option<u32> {
    LOADS.fetch_add(1, Ordering::Relaxed);
    id.checked_sub(1)
}

pub(crate) async fn run() {
    assert_eq!(briefly(0).await.unwrap(), None);
    assert_eq!((never(0).await, never(0).await), (None, None));
    assert_eq!(LOADS.load(Ordering::Relaxed), 2);
    assert_eq!((never(1).await, never(1).await), (Some(0), Some(0)));
    assert_eq!(LOADS.load(Ordering::Relaxed), 3);
}
