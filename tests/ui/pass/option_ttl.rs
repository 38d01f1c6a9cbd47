//! `ttl`: a tier, a duration, an expression of `Duration` or `Ttl`, or a closure over the value.

use cached_core::{Cache, Clock, Ttl, cached};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

static LOADS: AtomicU32 = AtomicU32::new(0);

fn load() -> u32 {
    LOADS.fetch_add(1, Ordering::Relaxed)
}

#[cached]
async fn default() -> u32 {
    load()
}

#[cached(ttl = "short")]
async fn short() -> u32 {
    load()
}

#[cached(ttl = "medium")]
async fn medium() -> u32 {
    load()
}

#[cached(ttl = "long")]
async fn long() -> u32 {
    load()
}

#[cached(ttl = "very_long")]
async fn very_long() -> u32 {
    load()
}

#[cached(ttl = "day")]
async fn day() -> u32 {
    load()
}

#[cached(ttl = "1h30m500ms")]
async fn duration() -> u32 {
    load()
}

#[cached(ttl = Duration::from_secs(5))]
async fn expression() -> u32 {
    load()
}

struct Repo {
    ttl: Ttl,
}

impl Repo {
    #[cached(ttl = self.ttl)]
    async fn field(&self) -> Option<u32> {
        Some(load())
    }
}

#[cached(ttl = |names| if names.is_empty() { Ttl::SHORT } else { Ttl::DAY }, key = "names:<len>")]
async fn by_value(len: usize) -> Result<Vec<String>, std::io::Error> {
    load();
    Ok(vec![String::new(); len])
}

/// Reads until the value is loaded again: after exactly so many milliseconds.
macro_rules! lives {
    ($hand:ident, $millis:expr, $read:expr) => {{
        let before = LOADS.load(Ordering::Relaxed);
        let loads = || LOADS.load(Ordering::Relaxed) - before;
        let _ = $read.await;
        $hand.advance(Duration::from_millis($millis - 1));
        let _ = $read.await;
        assert_eq!(loads(), 1, "too short: {}", stringify!($read));
        $hand.advance(Duration::from_millis(1));
        let _ = $read.await;
        assert_eq!(loads(), 2, "too long: {}", stringify!($read));
    }};
}

pub(crate) async fn run() {
    let (clock, hand) = Clock::manual();
    let cache = Cache::builder().clock(clock).ttl_jitter(0.0).build().unwrap();
    let reads = async {
        lives!(hand, 300_000, default());
        lives!(hand, 60_000, short());
        lives!(hand, 300_000, medium());
        lives!(hand, 1_800_000, long());
        lives!(hand, 3_600_000, very_long());
        lives!(hand, 86_400_000, day());
        lives!(hand, 5_400_500, duration());
        lives!(hand, 5_000, expression());
        lives!(hand, 1_800_000, Repo { ttl: Ttl::LONG }.field());
        lives!(hand, 60_000, by_value(0));
        lives!(hand, 86_400_000, by_value(1));
    };
    cache.scope(reads).await;
}
