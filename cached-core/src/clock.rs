//! The clock that everything in this crate asks, so that tests can move time. Timers (`sleep`) are tokio's.
//!
//! It is coarse: a hit asks it, and a precise one costs a quarter of a hit. Linux tells the time of its last timer
//! tick (`CLOCK_MONOTONIC_COARSE`), which is 1 to 10 ms ago, so a lifetime may end by so much later.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Where a cache reads the time, in whole milliseconds.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System(coarsetime::Instant),
    Manual(Arc<AtomicU64>),
}

/// Moves a manual clock.
#[derive(Clone, Debug)]
pub struct ClockHand(Arc<AtomicU64>);

/// A manual clock starts at this moment (2026-01-01T00:00:00Z), so that stored bytes are the same in every run.
const MANUAL_EPOCH_MS: u64 = 1_767_225_600_000;

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Source::System(coarsetime::Instant::now()))
    }

    /// A clock that stands still until its hand moves it: for tests.
    pub fn manual() -> (Self, ClockHand) {
        let millis = Arc::new(AtomicU64::new(0));
        (Self(Source::Manual(millis.clone())), ClockHand(millis))
    }

    /// Milliseconds since the clock was made; never goes back.
    #[inline]
    pub(crate) fn now(&self) -> u64 {
        match &self.0 {
            // Without the library's own cell for the latest reading: two threads would pass its cache line about.
            Source::System(base) => {
                (coarsetime::Instant::now_without_cache_update() - *base).as_millis()
            }
            Source::Manual(millis) => millis.load(Ordering::SeqCst),
        }
    }

    /// By how many milliseconds `now` may be behind.
    pub(crate) fn grain(&self) -> u64 {
        match &self.0 {
            Source::System(_) => 10,
            Source::Manual(_) => 0,
        }
    }

    /// Milliseconds since 1970, for what other processes read.
    pub(crate) fn wall(&self) -> u64 {
        match &self.0 {
            Source::System(_) => {
                SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as u64)
            }
            Source::Manual(millis) => MANUAL_EPOCH_MS + millis.load(Ordering::SeqCst),
        }
    }
}

impl ClockHand {
    /// Moves the clock forward.
    pub fn advance(&self, by: std::time::Duration) {
        self.0.fetch_add(by.as_millis() as u64, Ordering::SeqCst);
    }
}
