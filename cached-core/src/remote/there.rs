//! Which keys this process has lately seen in the shared tier: they are asked for by a plain read, which takes the server less than
//! one that takes a lease where nothing is. Whoever is mistaken asks once more.
//!
//! A table of one size, in which keys overwrite each other: what is forgotten costs no more than what was never known.

use super::transport::Fault;
use crate::codec::Form;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// 64 KiB in all.
const SLOTS: usize = 1 << 12;
/// So often, in milliseconds, a key is asked for as if nothing were known: what was made a replica answers reads as ever, and
/// refuses to put a lease.
const DOUBT_MS: u64 = 100;

pub(crate) struct There {
    slots: Box<[Slot]>,
    /// When it was last doubted, in milliseconds of the cache's clock.
    doubted: AtomicU64,
    /// A lease was refused, and none was put since.
    refused: AtomicBool,
}

/// Two words that may be of two keys for a moment: then the one is asked for as the other would be.
#[derive(Default)]
struct Slot {
    /// The upper half of the key's hash, and until when it is there, in seconds of the cache's clock.
    key: AtomicU64,
    /// Which invalidations it has outlived.
    tick: AtomicU64,
}

/// A key that was seen.
pub(crate) struct Sighting {
    pub(crate) hash: u64,
    pub(crate) tick: u64,
    /// Until when it is there, in milliseconds of the cache's clock.
    pub(crate) until: u64,
}

impl There {
    /// Where a read may be a replica's, which is so where text alone is carried (REST), nothing is known.
    pub(super) fn new(form: Form) -> Self {
        let slots = if form == Form::Bytes { SLOTS } else { 0 };
        let slots = (0..slots).map(|_| Slot::default()).collect();
        Self { slots, doubted: AtomicU64::new(0), refused: AtomicBool::new(false) }
    }

    /// Whether a key was seen, and should be there yet: none of the invalidations that this process knows of came since.
    pub(crate) fn holds(&self, hash: u64, now: u64, outlived: impl Fn(u64) -> bool) -> bool {
        self.seen(hash, now).is_some_and(outlived)
            && !self.refused.load(Ordering::Relaxed)
            && !self.is_doubted(now)
    }

    /// What came of a look-up that was to put a lease: while the server refuses that, nothing is believed to be there.
    pub(crate) fn learn<T>(&self, answer: &Result<T, Fault>) {
        let refused = match answer {
            Ok(_) => false,
            Err(Fault::Refused(_)) => true,
            // It says nothing of what the server would do.
            Err(_) => return,
        };
        if self.refused.load(Ordering::Relaxed) != refused {
            self.refused.store(refused, Ordering::Relaxed);
        }
    }

    pub(crate) fn note(&self, sight: &Sighting) {
        if let Some(slot) = self.slot(sight.hash) {
            put(&slot.key, upper(sight.hash) | seconds(sight.until));
            put(&slot.tick, sight.tick);
        }
    }

    fn is_doubted(&self, now: u64) -> bool {
        let is_due = self.doubted.load(Ordering::Relaxed).saturating_add(DOUBT_MS) <= now;
        if is_due {
            self.doubted.store(now, Ordering::Relaxed);
        }
        is_due
    }

    /// The tick at which a key was seen that is there yet at this moment, in milliseconds of the cache's clock.
    fn seen(&self, hash: u64, now: u64) -> Option<u64> {
        let slot = self.slot(hash)?;
        let key = slot.key.load(Ordering::Relaxed);
        let is_there = key & !LOWER == upper(hash) && key & LOWER > seconds(now);
        is_there.then(|| slot.tick.load(Ordering::Relaxed))
    }

    /// It was not there.
    pub(crate) fn forget(&self, hash: u64) {
        if let Some(slot) = self.slot(hash) {
            slot.key.store(0, Ordering::Relaxed);
        }
    }

    fn slot(&self, hash: u64) -> Option<&Slot> {
        self.slots.get(hash as usize % SLOTS)
    }
}

const LOWER: u64 = u32::MAX as u64;

fn upper(hash: u64) -> u64 {
    hash & !LOWER
}

fn seconds(millis: u64) -> u64 {
    (millis / 1_000).min(LOWER)
}

/// Most often it stands there already, and other processors' copies stay of use.
fn put(word: &AtomicU64, value: u64) {
    if word.load(Ordering::Relaxed) != value {
        word.store(value, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_there_until_it_ends_or_another_takes_its_place() {
        let there = There::new(Form::Bytes);
        let (hash, other) = (7 << 32 | 5, 8 << 32 | 5);
        assert_eq!(there.seen(hash, 0), None);
        there.note(&Sighting { hash, tick: 3, until: 9_999 });
        assert_eq!(there.seen(hash, 8_999), Some(3));
        assert_eq!(there.seen(hash, 9_000), None, "it may end within the second");
        assert_eq!(there.seen(other, 0), None);
        there.note(&Sighting { hash: other, tick: 4, until: u64::MAX });
        assert_eq!((there.seen(hash, 0), there.seen(other, 0)), (None, Some(4)));
        there.forget(other);
        assert_eq!(there.seen(other, 0), None);
    }

    #[test]
    fn it_is_doubted_from_time_to_time() {
        let there = There::new(Form::Bytes);
        there.note(&Sighting { hash: 1, tick: 0, until: u64::MAX });
        let holds = |now| there.holds(1, now, |_| true);
        let at = [DOUBT_MS, DOUBT_MS, 2 * DOUBT_MS - 1, 2 * DOUBT_MS, 2 * DOUBT_MS + 1];
        assert_eq!(at.map(holds), [false, true, true, false, true]);
        assert!(!there.holds(1, 2 * DOUBT_MS + 1, |_| false), "an invalidation came since");
    }

    #[test]
    fn while_leases_are_refused_nothing_is_believed() {
        let there = There::new(Form::Bytes);
        there.note(&Sighting { hash: 1, tick: 0, until: u64::MAX });
        let refused = Err::<(), _>(Fault::Refused("READONLY".into()));
        for (answer, holds) in [
            (&refused, false),
            (&Err(Fault::Timeout), false),
            (&Ok(()), true),
            (&Err(Fault::Timeout), true),
            (&refused, false),
        ] {
            there.learn(answer);
            assert_eq!(there.holds(1, 0, |_| true), holds, "{answer:?}");
        }
    }

    #[test]
    fn over_rest_nothing_is_known() {
        let there = There::new(Form::Text);
        there.note(&Sighting { hash: 1, tick: 0, until: u64::MAX });
        assert_eq!(there.seen(1, 0), None);
        there.forget(1);
    }
}
