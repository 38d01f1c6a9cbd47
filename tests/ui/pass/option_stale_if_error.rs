//! `stale_if_error`: a value whose lifetime has ended is served in place of an error.

use cached_core::{Cache, Clock, cached};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

static BROKEN: AtomicBool = AtomicBool::new(false);

// Not `Clone`; and through an alias.
type Fallible<T> = Result<T, std::io::Error>;

#[cached(ttl = "10s", stale_if_error = "10m", key = "course:<id>")]
async fn course(id: u32) -> Fallible<u32> {
    if BROKEN.load(Ordering::Relaxed) {
        return Err(std::io::ErrorKind::ConnectionRefused.into());
    }
    Ok(id)
}

#[cached(stale_if_error = "short")]
async fn shared_error(id: u32) -> Result<u32, String> {
    Ok(id)
}

pub(crate) async fn run() {
    let (clock, hand) = Clock::manual();
    let cache = Cache::builder().clock(clock).build().unwrap();
    let reads = async {
        assert_eq!(course(7).await.unwrap(), 7);
        BROKEN.store(true, Ordering::Relaxed);
        hand.advance(Duration::from_secs(10));
        assert_eq!(course(7).await.unwrap(), 7, "the stale value");
        assert!(course(8).await.is_err(), "there is none");
        hand.advance(Duration::from_secs(600));
        assert!(course(7).await.is_err(), "the window has ended");
        assert_eq!(shared_error(1).await, Ok(1));
    };
    cache.scope(reads).await;
}
