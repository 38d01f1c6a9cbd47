//! `timeout`: a load that takes longer is an error of the function's own type, or goes on while a stale value is served.

use cached_core::{Cache, Clock, LoadTimeout, cached};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

static SLOW: AtomicBool = AtomicBool::new(false);
static LOADS: AtomicU32 = AtomicU32::new(0);

async fn load() -> u32 {
    let load = LOADS.fetch_add(1, Ordering::SeqCst) + 1;
    if SLOW.load(Ordering::SeqCst) {
        std::future::pending::<()>().await;
    }
    load
}

// By `From`: `std::io::Error` and boxed errors have it.
#[cached(timeout = "1ms")]
async fn io(id: u32) -> std::io::Result<u32> {
    let _ = id;
    Ok(load().await)
}

type Boxed<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[cached(timeout = "1ms", key = "boxed:<id>")]
async fn boxed(id: &str) -> Boxed<u32> {
    let _ = id;
    Ok(load().await)
}

#[derive(Clone, Debug, PartialEq)]
enum Own {
    Late(Duration),
}

impl From<LoadTimeout> for Own {
    fn from(timeout: LoadTimeout) -> Self {
        Self::Late(timeout.limit())
    }
}

#[derive(Clone)]
struct Repo;

impl Repo {
    #[cached(ttl = "10s", stale_if_error = "1h", timeout = "1ms", key = "own:<id>")]
    async fn own(&self, id: u32) -> Result<u32, Own> {
        let _ = id;
        Ok(load().await)
    }
}

pub(crate) async fn run() {
    let (clock, hand) = Clock::manual();
    let cache = Cache::builder().clock(clock).build().unwrap();
    let reads = async {
        assert_eq!(Repo.own(1).await, Ok(1));
        SLOW.store(true, Ordering::SeqCst);
        assert_eq!(io(1).await.unwrap_err().kind(), std::io::ErrorKind::TimedOut);
        assert!(boxed("a").await.unwrap_err().is::<LoadTimeout>());
        assert_eq!(Repo.own(2).await, Err(Own::Late(Duration::from_millis(1))));
        hand.advance(Duration::from_secs(10));
        let loads = LOADS.load(Ordering::SeqCst);
        assert_eq!(Repo.own(1).await, Ok(1), "the stale value");
        assert_eq!(LOADS.load(Ordering::SeqCst), loads + 1);
        assert_eq!(cache.flights(), 1, "the load goes on");
    };
    cache.scope(reads).await;
}
