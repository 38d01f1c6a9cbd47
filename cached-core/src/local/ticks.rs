//! The rule of freshness in this process: a value may be served only if no invalidation that matches it is newer
//! than the moment its load began. Which values there are is not known here.
//!
//! Time is counted in *ticks*: every invalidation takes the next one. A key's latest tick is kept in a fixed table
//! of hashed buckets (two keys in one bucket cost a needless reload, never a stale value), and only matters until
//! an entry is confirmed: after that an invalidation removes the entry itself. Tags and patterns are kept in small
//! maps. What those forget raises the *floor*: anything that began before it is not served.
//!
//! A tick is shown only once everything that its invalidation does in this process is done. So whoever begins at it
//! finds nothing here that the invalidation names, and a load may rest on what it reads here.

use super::entry::{Meta, Tick};
use crate::invalidation::Invalidation;
use crate::key::Pattern;
use crate::mutation::{Mutation, is_on};
use crate::sync::{
    AtomicU64, KEY_TICKS, Mutex, MutexGuard, Ordering, PoisonError, RwLock, RwLockReadGuard,
    RwLockWriteGuard,
};
use std::collections::HashMap;

/// How many tags and patterns are remembered before the older half is forgotten.
const MAX_TAGS: usize = 1 << 16;
const MAX_PATTERNS: usize = 1 << 10;
/// Tags older than this are forgotten together with the older half, in milliseconds. An hour: few entries live
/// longer in a local tier, and those that do are merely loaded again.
const REMEMBER_MS: u64 = 3_600_000;

pub(crate) struct Ticks {
    /// The latest tick whose invalidation is done.
    now: AtomicU64,
    /// Held by the invalidation that is being done.
    turn: Mutex<()>,
    /// The latest invalidation of a tag, a pattern or everything.
    broad: AtomicU64,
    /// What began before this tick is not served.
    floor: AtomicU64,
    keys: Box<[AtomicU64]>,
    memory: RwLock<Memory>,
}

#[derive(Default)]
struct Memory {
    tags: HashMap<Box<str>, (Tick, u64)>,
    /// In the order of their ticks.
    patterns: Vec<(Pattern, Tick, u64)>,
}

impl Ticks {
    pub(crate) fn new() -> Self {
        Self {
            now: AtomicU64::new(1),
            turn: Mutex::default(),
            broad: AtomicU64::new(1),
            floor: AtomicU64::new(1),
            keys: (0..KEY_TICKS).map(|_| AtomicU64::new(0)).collect(),
            memory: RwLock::default(),
        }
    }

    #[inline]
    pub(crate) fn now(&self) -> Tick {
        self.now.load(Ordering::SeqCst)
    }

    /// Takes the next tick: invalidations are done one after the other.
    pub(super) fn turn(&self) -> Turn<'_> {
        let alone = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        Turn { ticks: self, tick: self.now() + 1, _alone: alone }
    }

    /// Records an invalidation at the tick of its turn. `at` is the clock's time, for forgetting.
    pub(super) fn record(
        &self,
        turn: &Turn<'_>,
        key_hashes: impl Iterator<Item = u64>,
        what: &Invalidation,
        at: u64,
    ) {
        for hash in key_hashes {
            self.bucket(hash).store(turn.tick, Ordering::SeqCst);
        }
        if !what.everything && what.tags.is_empty() && what.patterns.is_empty() {
            return;
        }
        let mut memory = self.write();
        for tag in &what.tags {
            memory.tags.insert(tag.as_str().into(), (turn.tick, at));
        }
        for pattern in &what.patterns {
            memory.patterns.retain(|(known, ..)| known != pattern);
            memory.patterns.push((pattern.clone(), turn.tick, at));
        }
        let floor = if what.everything { turn.tick } else { memory.forget(at) };
        self.floor.fetch_max(floor, Ordering::SeqCst);
        // Whoever sees tick n here must find all that came before it in the maps.
        self.broad.store(turn.tick, Ordering::SeqCst);
    }

    /// Takes the next tick for a key whose value was replaced. `since` is the tick of the replacement's own
    /// invalidation; the new one is given if nothing that matches the key was invalidated after that.
    pub(crate) fn renew(&self, hash: u64, key: &str, since: Tick) -> Option<Tick> {
        let turn = self.turn();
        let bucket = self.bucket(hash);
        let latest = bucket.load(Ordering::SeqCst);
        bucket.store(turn.tick, Ordering::SeqCst);
        let memory = self.read();
        let mut newer = memory.patterns.iter().rev().take_while(|(_, tick, _)| *tick > since);
        let matched = newer.any(|(pattern, ..)| pattern.matches(key));
        (latest == since && !matched && self.floor.load(Ordering::SeqCst) <= since)
            .then_some(turn.tick)
    }

    /// Whether an entry may be served.
    #[inline]
    pub(crate) fn fresh(&self, hash: u64, key: &[u8], meta: &Meta) -> bool {
        if is_on(Mutation::NoTicks) {
            return true;
        }
        let verified = meta.verified.load(Ordering::Acquire);
        // Confirmed, and nothing broad since: the common case, one comparison.
        (verified != 0 && verified >= self.broad.load(Ordering::SeqCst))
            || self.still_true(hash, key, meta)
    }

    /// Whether a value that is not stored yet may be.
    pub(crate) fn admits(&self, hash: u64, key: &str, meta: &Meta) -> bool {
        if is_on(Mutation::NoTicks) {
            return true;
        }
        self.bucket(hash).load(Ordering::SeqCst) <= meta.start && self.survives_broad(key, meta)
    }

    /// Called after an entry was stored: from now on an invalidation of its key finds it in the map.
    pub(crate) fn confirm(&self, hash: u64, key: &str, meta: &Meta) -> bool {
        let broad = self.broad.load(Ordering::SeqCst);
        if !self.admits(hash, key, meta) {
            return false;
        }
        meta.verified.fetch_max(broad.max(1), Ordering::AcqRel);
        true
    }

    /// Whether a load that began at `start` may not be joined by a caller who comes now.
    pub(crate) fn outdated(&self, hash: u64, start: Tick) -> bool {
        self.bucket(hash).load(Ordering::SeqCst) > start
            || self.broad.load(Ordering::SeqCst) > start
    }

    #[cold]
    fn still_true(&self, hash: u64, key: &[u8], meta: &Meta) -> bool {
        // Keys are text.
        let Ok(key) = std::str::from_utf8(key) else { return false };
        let broad = self.broad.load(Ordering::SeqCst);
        let confirmed = meta.verified.load(Ordering::Acquire) != 0;
        if !confirmed && self.bucket(hash).load(Ordering::SeqCst) > meta.start {
            return false;
        }
        let survives = self.survives_broad(key, meta);
        if survives && confirmed {
            meta.verified.fetch_max(broad, Ordering::AcqRel);
        }
        survives
    }

    fn survives_broad(&self, key: &str, meta: &Meta) -> bool {
        let verified = meta.verified.load(Ordering::Acquire).max(meta.start);
        if self.broad.load(Ordering::SeqCst) <= verified {
            return true;
        }
        let memory = self.read();
        let tagged = meta
            .tags
            .iter()
            .any(|tag| memory.tags.get(&**tag).is_some_and(|(tick, _)| *tick > verified));
        let mut newer = memory.patterns.iter().rev().take_while(|(_, tick, _)| *tick > verified);
        // The floor last and under the lock: what the maps forgot, it tells.
        !tagged
            && !newer.any(|(pattern, ..)| pattern.matches(key))
            && self.floor.load(Ordering::SeqCst) <= verified
    }

    #[inline]
    fn bucket(&self, hash: u64) -> &AtomicU64 {
        // The map takes its shard and slot from other bits of the hash; any will do here.
        &self.keys[(hash >> 20) as usize % KEY_TICKS]
    }

    fn read(&self) -> RwLockReadGuard<'_, Memory> {
        self.memory.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Memory> {
        self.memory.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An invalidation that is being done in this process; it ends when this is dropped, and its tick is the present one.
pub(super) struct Turn<'a> {
    ticks: &'a Ticks,
    pub(super) tick: Tick,
    _alone: MutexGuard<'a, ()>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.ticks.now.store(self.tick, Ordering::SeqCst);
    }
}

impl Memory {
    /// Forgets what is old or too much; gives the newest tick forgotten, which the floor must reach.
    fn forget(&mut self, now: u64) -> Tick {
        let mut floor = 0;
        if self.tags.len() > MAX_TAGS {
            let mut ticks: Vec<_> = self.tags.values().map(|(tick, _)| *tick).collect();
            let half = ticks.len() / 2;
            let half = *ticks.select_nth_unstable(half).1;
            // Half at least, so that this is done once in many invalidations.
            self.tags.retain(|_, (tick, at)| {
                let keep = *tick > half && now.saturating_sub(*at) < REMEMBER_MS;
                if !keep {
                    floor = floor.max(*tick);
                }
                keep
            });
        }
        if self.patterns.len() > MAX_PATTERNS {
            let half = self.patterns.len() / 2;
            floor = self.patterns.drain(..half).map(|(_, tick, _)| tick).fold(floor, Tick::max);
        }
        floor
    }
}
