//! Durations in buckets that grow with what they hold: four to each doubling, so a quantile is off by an eighth at most.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Durations below 64 ns share the first bucket, those above 137 s the last.
const BUCKETS: usize = 126;
const FIRST: u32 = 6;

/// Collects durations.
pub(crate) struct Histogram {
    counts: [AtomicU64; BUCKETS],
    nanos: AtomicU64,
}

/// Durations that were measured: how many, how long, and how they are spread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latency {
    counts: [u64; BUCKETS],
    nanos: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: std::array::from_fn(|_| AtomicU64::new(0)), nanos: AtomicU64::new(0) }
    }
}

impl Default for Latency {
    fn default() -> Self {
        Self { counts: [0; BUCKETS], nanos: 0 }
    }
}

fn bucket(nanos: u64) -> usize {
    if nanos < 1 << FIRST {
        return 0;
    }
    let doubling = nanos.ilog2();
    let quarter = (nanos >> (doubling - 2)) & 3;
    (((doubling - FIRST) * 4) as usize + quarter as usize + 1).min(BUCKETS - 1)
}

/// The first duration that is too long for a bucket, in nanoseconds.
fn end(bucket: usize) -> u64 {
    let (doubling, quarter) = (bucket as u32 / 4 + FIRST, bucket as u64 % 4);
    (4 + quarter) << (doubling - 2)
}

impl Histogram {
    pub(crate) fn record(&self, took: Duration) {
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.counts[bucket(nanos)].fetch_add(1, Ordering::Relaxed);
        self.nanos.fetch_add(nanos, Ordering::Relaxed);
    }

    pub(crate) fn snapshot(&self) -> Latency {
        let counts = std::array::from_fn(|at| self.counts[at].load(Ordering::Relaxed));
        Latency { counts, nanos: self.nanos.load(Ordering::Relaxed) }
    }
}

impl Latency {
    /// How many durations were measured.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// All of them together.
    pub fn total(&self) -> Duration {
        Duration::from_nanos(self.nanos)
    }

    /// The mean; zero where nothing was measured.
    pub fn mean(&self) -> Duration {
        Duration::from_nanos(self.nanos.checked_div(self.count()).unwrap_or(0))
    }

    /// The duration that a share of them (0.99 for the 99th percentile) did not exceed, up to an eighth more; zero where
    /// nothing was measured.
    pub fn quantile(&self, share: f64) -> Duration {
        let count = self.count();
        let rank = (share.clamp(0.0, 1.0) * count as f64).ceil().max(1.0) as u64;
        let mut passed = 0;
        for (bucket, here) in self.counts.iter().enumerate() {
            passed += here;
            if passed >= rank {
                return Duration::from_nanos(middle(bucket));
            }
        }
        Duration::ZERO
    }

    /// The buckets that hold any, shortest first: a duration in the middle of it, and how many.
    pub fn buckets(&self) -> impl Iterator<Item = (Duration, u64)> {
        let filled = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        filled.map(|(bucket, count)| (Duration::from_nanos(middle(bucket)), *count))
    }

    /// What was measured since an earlier look at the same.
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            counts: std::array::from_fn(|at| self.counts[at].saturating_sub(earlier.counts[at])),
            nanos: self.nanos.saturating_sub(earlier.nanos),
        }
    }

    /// Both together.
    pub fn and(&self, other: &Self) -> Self {
        Self {
            counts: std::array::from_fn(|at| self.counts[at] + other.counts[at]),
            nanos: self.nanos.saturating_add(other.nanos),
        }
    }
}

fn middle(bucket: usize) -> u64 {
    let start = bucket.checked_sub(1).map_or(0, end);
    start.midpoint(end(bucket))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duration_is_in_the_bucket_that_ends_after_it() {
        for nanos in (0..100_000).chain((20..36).flat_map(|at| [(1 << at) - 1, 1 << at, 3 << at])) {
            let bucket = bucket(nanos);
            assert!(nanos < end(bucket) || bucket == BUCKETS - 1, "{nanos} in {bucket}");
            assert!(bucket == 0 || nanos >= end(bucket - 1), "{nanos} in {bucket}");
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn quantiles_are_off_by_an_eighth_at_most() {
        let histogram = Histogram::default();
        (1..=1_000).for_each(|micros| histogram.record(Duration::from_micros(micros)));
        let earlier = histogram.snapshot();
        for (share, micros) in [(0.5, 500.0), (0.99, 990.0), (1.0, 1_000.0)] {
            let told = earlier.quantile(share).as_secs_f64() * 1e6;
            assert!((told / micros - 1.0).abs() <= 0.125, "{share}: {told}");
        }
        assert_eq!(earlier.count(), 1_000);
        assert_eq!(earlier.mean(), Duration::from_nanos(500_500));
        histogram.record(Duration::from_secs(1));
        let since = histogram.snapshot().since(&earlier);
        assert_eq!((since.count(), since.total()), (1, Duration::from_secs(1)));
        assert_eq!(since.and(&earlier), histogram.snapshot());
        assert_eq!(Latency::default().quantile(0.5), Duration::ZERO);
    }
}
