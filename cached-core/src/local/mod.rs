//! The local tier: values in this process, and the rule that says which of them may still be served.
//!
//! It knows no server. Whether this process still hears of other processes' invalidations is told to it from
//! outside ([`Local::trust_until`]); while it does not, a value is served only for a short while after it was read.

mod entry;
mod evicted;
mod ticks;

pub(crate) use entry::{AnyEntry, Entry, Meta, Tick};
use ticks::Ticks;

use crate::clock::Clock;
use crate::invalidation::Invalidation;
use crate::sync::{AtomicU64, Ordering};
use entry::{LocalKey, Lookup, PassThrough, ShareOf, Value};
use evicted::DroppedLater;
use quick_cache::sync::Cache as Map;
use std::cell::RefCell;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

/// Bounds of the local tier.
#[derive(Debug, Clone)]
pub(crate) struct Bounds {
    /// None: there is no local tier.
    pub(crate) entries: u64,
    pub(crate) bytes: u64,
    /// How long a value may be served after its read began while messages may be missed, in milliseconds.
    pub(crate) untrusted_ms: u64,
}

/// Weights are shares of the capacity: the larger of an entry's share of the count and of the bytes.
/// So one number keeps both bounds.
const WHOLE: u64 = 1 << 40;

/// What is to be said of an entry that does not fit.
pub(crate) const TOO_LARGE: &str = "too large for the local tier: raise `local_bytes`";

type Entries = Map<LocalKey, Value, ShareOf, PassThrough, DroppedLater>;

pub(crate) struct Local {
    map: Entries,
    hasher: foldhash::fast::RandomState,
    ticks: Ticks,
    clock: Clock,
    bounds: Bounds,
    /// Up to when messages of other processes are known to be complete.
    trusted_until: AtomicU64,
}

impl Local {
    pub(crate) fn new(clock: Clock, bounds: Bounds) -> Self {
        // Room in the map's own tables is taken as entries come.
        let expected = bounds.entries.min(10_000) as usize;
        Self {
            map: Map::with(expected, WHOLE, ShareOf, PassThrough, DroppedLater),
            hasher: foldhash::fast::RandomState::default(),
            ticks: Ticks::new(),
            clock,
            bounds,
            trusted_until: AtomicU64::new(u64::MAX),
        }
    }

    #[inline]
    pub(crate) fn hash(&self, key: impl AsRef<[u8]>) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(key.as_ref());
        hasher.finish()
    }

    /// The present tick: taken before a read or a load begins.
    #[inline]
    pub(crate) fn tick(&self) -> Tick {
        self.ticks.now()
    }

    /// The entry of a key, if it may be served; of any version if none is named. Another type under the same key is a
    /// miss; the entry goes when the new one comes.
    #[inline]
    pub(crate) fn find<T: Send + Sync + 'static>(
        &self,
        hash: u64,
        key: impl AsRef<[u8]>,
        schema: Option<u32>,
    ) -> Option<Arc<Entry<T>>> {
        let key = key.as_ref();
        let entry = self.map.get(&Lookup { hash, key })?;
        let (meta, now) = (entry.meta(), self.clock.now());
        let serve = now < meta.expires
            && schema.is_none_or(|schema| meta.schema == schema)
            && self.holds(hash, key, meta, now);
        serve.then_some(entry)?.downcast()
    }

    /// Whether a value that is kept elsewhere may still be served: nothing that matches it came since.
    pub(crate) fn still_true(&self, hash: u64, key: &str, meta: &Meta) -> bool {
        self.may_trust(meta.began, self.clock.now()) && self.ticks.admits(hash, key, meta)
    }

    /// The entry of a key, expired or not, if its lifetime ended less than a window ago and it was not invalidated.
    pub(crate) fn find_stale<T: Send + Sync + 'static>(
        &self,
        hash: u64,
        key: &str,
        schema: u32,
        window_ms: u64,
    ) -> Option<Arc<Entry<T>>> {
        let key = key.as_bytes();
        let entry = self.map.get(&Lookup { hash, key })?;
        let (meta, now) = (entry.meta(), self.clock.now());
        let serve = meta.schema == schema
            && now < meta.fresh_until.saturating_add(window_ms)
            && self.holds(hash, key, meta, now);
        serve.then_some(entry)?.downcast()
    }

    /// How long the entry of a key is fresh yet and what its load cost, in milliseconds; without asking whether it may
    /// be served.
    pub(crate) fn lifetime(&self, hash: u64, key: &[u8]) -> Option<(u64, f64)> {
        let entry = self.map.peek(&Lookup { hash, key })?;
        let meta = entry.meta();
        Some((meta.fresh_until.saturating_sub(self.clock.now()), meta.cost_ms))
    }

    /// Nothing that matches the entry was invalidated since it was begun, as far as this process can know.
    #[inline]
    fn holds(&self, hash: u64, key: &[u8], meta: &Meta, now: u64) -> bool {
        self.may_trust(meta.began, now) && self.ticks.fresh(hash, key, meta)
    }

    /// Whether what was begun at one moment may be served at another one: messages of other processes are complete
    /// up to then, or it is young enough for a process that hears none.
    #[inline]
    pub(crate) fn may_trust(&self, began: u64, now: u64) -> bool {
        now < self.trusted_until.load(Ordering::Acquire)
            || now < began.saturating_add(self.bounds.untrusted_ms)
    }

    /// Keeps a value, unless an invalidation came since it was begun. Says whether it was kept.
    pub(crate) fn insert(&self, hash: u64, key: &str, entry: Arc<dyn AnyEntry>) -> bool {
        let meta = entry.meta();
        if self.is_off()
            || meta.stale_until <= self.clock.now()
            || !self.ticks.admits(hash, key, meta)
        {
            return false;
        }
        self.map.insert(LocalKey::new(hash, key), entry.clone());
        // An invalidation that came between the check and the insertion found nothing to remove; its tick
        // shows now. One that comes later finds the entry.
        if self.ticks.confirm(hash, key, entry.meta()) {
            return true;
        }
        self.map
            .remove_if(&Lookup { hash, key: key.as_bytes() }, |found| Arc::ptr_eq(found, &entry));
        false
    }

    /// Removes the entry of a key unless it is newer than a load that began at `start` and has nothing to put in its place.
    pub(crate) fn forget(&self, hash: u64, key: &str, start: Tick) {
        let key = key.as_bytes();
        self.map.remove_if(&Lookup { hash, key }, |found| found.meta().start <= start);
    }

    /// Makes everything that an invalidation names unservable. Takes effect before it returns; gives its tick.
    pub(crate) fn invalidate(&self, invalidation: &Invalidation) -> Tick {
        let at = self.clock.now();
        // The entries are dropped when the turn is over: values are the user's, and so is what their end does.
        let mut keys: Vec<_> =
            invalidation.keys.iter().map(|key| (self.hash(key.as_str()), key, None)).collect();
        let mut all = Vec::new();
        let turn = self.ticks.turn();
        self.ticks.record(&turn, keys.iter().map(|(hash, ..)| *hash), invalidation, at);
        for (hash, key, removed) in &mut keys {
            *removed = self.map.remove(&Lookup { hash: *hash, key: key.as_str().as_bytes() });
        }
        if invalidation.everything {
            all = self.take_where(|_| true);
        }
        let tick = turn.tick;
        drop(turn);
        drop(all);
        tick
    }

    /// Removes entries and gives them: dropped while the map is locked, a value whose end touches the cache would wait
    /// for itself.
    fn take_where(&self, matches: impl Fn(&LocalKey) -> bool) -> Vec<Value> {
        let taken = RefCell::new(Vec::new());
        self.map.retain(|key, entry| {
            let takes = matches(key);
            if takes {
                taken.borrow_mut().push(entry.clone());
            }
            !takes
        });
        taken.into_inner()
    }

    /// The tick for a value that replaces a key's, unless something that matches came since the tick at which that
    /// began.
    pub(crate) fn renew(&self, hash: u64, key: &str, since: Tick) -> Option<Tick> {
        self.ticks.renew(hash, key, since)
    }

    /// Whether nothing is held here.
    #[inline]
    pub(crate) fn is_off(&self) -> bool {
        self.bounds.entries == 0
    }

    /// Whether an entry can be held at all: the tier's capacity is spread over parts, and it must fit into one.
    pub(crate) fn fits(&self, meta: &Meta) -> bool {
        meta.weight <= most_of(self.map.shard_capacity())
    }

    /// How many kept keys match a pattern, removing them; for caches without a remote tier that counts.
    /// Large tiers are not walked: their entries are checked when they are read.
    pub(crate) fn sweep(&self, pattern: &crate::key::Pattern) -> u64 {
        const WALKABLE: usize = 10_000;
        if self.map.len() > WALKABLE {
            return 0;
        }
        // Keys are text.
        let matches =
            |key: &LocalKey| std::str::from_utf8(key.bytes()).is_ok_and(|key| pattern.matches(key));
        self.take_where(matches).len() as u64
    }

    /// Drops everything, loads in flight included.
    pub(crate) fn reset(&self) {
        self.invalidate(&Invalidation::new().everything());
    }

    /// Whether a load that began at `start` is older than an invalidation of its key, or than any of a tag or pattern.
    pub(crate) fn outdated(&self, hash: u64, start: Tick) -> bool {
        self.ticks.outdated(hash, start)
    }

    /// Messages of other processes are complete up to this moment of the cache's clock.
    pub(crate) fn trust_until(&self, millis: u64) {
        // Read late by a grain, the clock must not lengthen the trust.
        let millis = millis.saturating_sub(self.clock.grain());
        self.trusted_until.store(millis, Ordering::Release);
    }

    /// The moment from which on this tier is not trusted unless more is heard; the last there is without a remote tier.
    pub(crate) fn trusted_until(&self) -> u64 {
        self.trusted_until.load(Ordering::Acquire)
    }

    /// The weight of an entry whose value takes so many bytes.
    pub(crate) fn weigh(&self, key: &str, value_bytes: u64) -> u64 {
        // The map's slot, the entry's header and the allocations' own overhead.
        const OVERHEAD: u64 = 160;
        let bytes = value_bytes + key.len() as u64 + OVERHEAD;
        let by_bytes =
            (u128::from(bytes) * u128::from(WHOLE)).div_ceil(u128::from(self.bounds.bytes.max(1)));
        // One alone has one part, and all of it that an entry can have.
        let by_count = WHOLE.div_ceil(self.bounds.entries.max(1)).min(most_of(WHOLE));
        u64::try_from(by_bytes).unwrap_or(u64::MAX).max(by_count)
    }

    pub(crate) fn len(&self) -> usize {
        self.map.len()
    }
}

/// The heaviest entry that the map takes into a part of such a capacity: what it gives to entries that are read often.
fn most_of(capacity: u64) -> u64 {
    const OFTEN: f64 = 0.97;
    (capacity as f64 * OFTEN) as u64
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
