//! Counts per template, without a line of memory that two threads write: each thread has its shard,
//! which it counts in without the processor's lock. What is counted is
//! decided by its callers.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

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

/// So many threads have a shard each, but for the last one, which all others share.
const SHARDS: usize = 32;
const COMMON: usize = SHARDS - 1;

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
        let shard = shard();
        let count = &shards[shard % SHARDS].0[what as usize];
        if shard == COMMON {
            count.fetch_add(1, Ordering::Relaxed);
        } else {
            // Nobody else writes here.
            count.store(count.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
        }
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

/// This thread's shard.
#[inline]
fn shard() -> usize {
    match SHARD.get() {
        0 => take(),
        shard => shard - 1,
    }
}

thread_local! {
    /// One more than the shard; 0 before there is one.
    static SHARD: Cell<usize> = const { Cell::new(0) };
    /// Gives the shard back when the thread ends.
    static OWNED: Cell<Option<Owned>> = const { Cell::new(None) };
}

/// Shards that no thread has, after those that were never given out.
static FREE: Mutex<(usize, Vec<usize>)> = Mutex::new((0, Vec::new()));

/// A shard of a thread's own.
struct Owned(usize);

#[cold]
fn take() -> usize {
    let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
    let shard = free.1.pop().unwrap_or_else(|| {
        free.0 = (free.0 + 1).min(SHARDS);
        (free.0 - 1).min(COMMON)
    });
    drop(free);
    // A thread that is ending has no place to keep it.
    if shard != COMMON && OWNED.try_with(|owned| owned.set(Some(Owned(shard)))).is_err() {
        SHARD.set(COMMON + 1);
        return COMMON;
    }
    SHARD.set(shard + 1);
    shard
}

impl Drop for Owned {
    fn drop(&mut self) {
        SHARD.set(COMMON + 1);
        FREE.lock().unwrap_or_else(PoisonError::into_inner).1.push(self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_threads_than_shards_lose_no_count() {
        let tally = Tally::new(0);
        // All at a time, and again when the first have given theirs back.
        for _ in 0..2 {
            let all_are_here = std::sync::Barrier::new(2 * SHARDS);
            std::thread::scope(|scope| {
                for _ in 0..2 * SHARDS {
                    scope.spawn(|| {
                        tally.add(0, What::Miss);
                        all_are_here.wait();
                        (0..99).for_each(|_| tally.add(0, What::Miss));
                    });
                }
            });
        }
        assert_eq!(tally.of(0)[What::Miss as usize], 2 * 2 * SHARDS as u64 * 100);
    }

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
