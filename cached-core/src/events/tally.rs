//! Counts per template, without a line of memory that two threads write: each thread has its shard. What is counted is
//! decided by its callers.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// What is counted per template, in the order of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    LocalHit,
    RequestHit,
    RemoteHit,
    StaleHit,
    Shared,
    Miss,
    Load,
    LoadError,
    LoadTimeout,
    Fill,
    FillRefused,
    Undecodable,
    Unstorable,
}

pub(crate) const KINDS: usize = 13;

/// The threads are spread over so many.
const SHARDS: usize = 8;

/// One template's counts by one shard of threads: two cache lines, since processors fetch them in pairs.
#[derive(Default)]
#[repr(align(128))]
struct Counts([AtomicU64; KINDS]);

/// The counts of one cache. Template 0 is that of reads without the macros.
pub(crate) struct Tally(Box<[[Counts; SHARDS]]>);

impl Tally {
    pub(crate) fn new(templates: usize) -> Self {
        Self((0..=templates).map(|_| Default::default()).collect())
    }

    /// Counts one.
    #[inline]
    pub(crate) fn add(&self, template: usize, what: What) {
        // A function that was linked into the program after the cache was built counts as none.
        let shards = self.0.get(template).unwrap_or(&self.0[0]);
        shards[shard() % SHARDS].0[what as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// The counts of one template.
    pub(crate) fn of(&self, template: usize) -> [u64; KINDS] {
        let mut sums = [0; KINDS];
        for counts in self.0.get(template).into_iter().flatten() {
            for (sum, count) in sums.iter_mut().zip(&counts.0) {
                *sum += count.load(Ordering::Relaxed);
            }
        }
        sums
    }

    /// The counts of all templates together.
    pub(crate) fn all(&self) -> [u64; KINDS] {
        let mut sums = [0; KINDS];
        for template in 0..self.0.len() {
            for (sum, count) in sums.iter_mut().zip(self.of(template)) {
                *sum += count;
            }
        }
        sums
    }
}

/// This thread's shard, given out in turn.
#[inline]
fn shard() -> usize {
    thread_local! {
        /// One more than the shard; 0 before there is one.
        static SHARD: Cell<usize> = const { Cell::new(0) };
    }
    #[cold]
    fn next() -> usize {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        SHARD.set(NEXT.fetch_add(1, Ordering::Relaxed) % SHARDS + 1);
        SHARD.get()
    }
    match SHARD.get() {
        0 => next(),
        shard => shard,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_count_together() {
        let tally = Tally::new(2);
        std::thread::scope(|scope| {
            for _ in 0..10 {
                scope.spawn(|| (0..100).for_each(|_| tally.add(1, What::LocalHit)));
            }
        });
        tally.add(2, What::Miss);
        tally.add(77, What::Load);
        assert_eq!(tally.of(1)[What::LocalHit as usize], 1_000);
        assert_eq!(tally.of(0)[What::Load as usize], 1, "of an unknown template");
        let all = tally.all();
        assert_eq!((all[What::LocalHit as usize], all[What::Miss as usize]), (1_000, 1));
    }
}
