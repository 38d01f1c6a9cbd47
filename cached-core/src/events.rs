//! What happened: counters that can be read at any time, and log lines through `tracing`.
//!
//! Keys are logged at `debug` only. Nothing here decides anything.

use crate::key::Key;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        #[derive(Default)]
        pub(crate) struct Counters { $(pub(crate) $name: Counter),* }

        /// Counts since the cache was built.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Stats { $($(#[$doc])* pub $name: u64),* }

        impl Counters {
            fn snapshot(&self) -> Stats {
                Stats { $($name: self.$name.get()),* }
            }
        }
    };
}

counters! {
    /// Reads answered by the local tier.
    local_hits,
    /// Reads answered by what the same request had read before.
    request_hits,
    /// Reads answered by the remote tier.
    remote_hits,
    /// Reads answered by a value whose lifetime had ended, as their options allow.
    stale_hits,
    /// Reads that no tier answered.
    misses,
    /// Annotated bodies run.
    loads,
    /// Annotated bodies that returned an error.
    load_errors,
    /// Reads that shared another caller's load or look-up.
    shared,
    /// Values stored in the remote tier.
    fills,
    /// Values not stored, because an invalidation or another writer came first.
    fills_refused,
    /// Keys, tags and patterns invalidated.
    invalidations,
    /// Invalidations that came from other processes.
    invalidations_received,
    /// Operations of the remote tier that failed or timed out.
    remote_faults,
    /// Entries in the remote tier that could not be used: foreign, damaged, or of another type or version.
    undecodable,
    /// Values that could not be encoded or were too large to be stored.
    unstorable,
    /// Times the local tier was dropped, because messages from other processes may have been missed.
    local_resets,
}

impl Stats {
    /// The share of reads that a tier answered, from 0 to 1; 0 before the first read.
    pub fn hit_rate(&self) -> f64 {
        let hits =
            self.local_hits + self.request_hits + self.remote_hits + self.stale_hits + self.shared;
        let reads = hits + self.misses;
        if reads == 0 { 0.0 } else { hits as f64 / reads as f64 }
    }
}

/// A count on a cache line of its own, so that two threads counting different things do not disturb each other.
#[derive(Default)]
#[repr(align(128))]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    #[inline]
    pub(crate) fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The tier that answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tier {
    Local,
    Remote,
    Shared,
    Request,
}

/// Counts and logs for one cache.
#[derive(Default)]
pub(crate) struct Events {
    pub(crate) count: Counters,
}

/// A stopwatch that runs only if somebody listens.
#[derive(Clone, Copy)]
pub(crate) struct Timer(Option<Instant>);

impl Timer {
    #[inline]
    pub(crate) fn start() -> Self {
        Self(tracing::enabled!(target: TARGET, tracing::Level::DEBUG).then(Instant::now))
    }

    fn elapsed(self) -> Option<Elapsed> {
        self.0.map(|start| Elapsed(start.elapsed()))
    }
}

pub(crate) const TARGET: &str = "cached_core";

impl Events {
    pub(crate) fn stats(&self) -> Stats {
        self.count.snapshot()
    }

    #[inline]
    pub(crate) fn hit(&self, key: &str, tier: Tier, timer: Timer) {
        let (counter, name) = match tier {
            Tier::Local => (&self.count.local_hits, "local"),
            Tier::Remote => (&self.count.remote_hits, "remote"),
            Tier::Shared => (&self.count.shared, "shared"),
            Tier::Request => (&self.count.request_hits, "request"),
        };
        counter.add(1);
        if let Some(took) = timer.elapsed() {
            log_hit(key, name, took);
        }
    }

    pub(crate) fn miss(&self, key: &str) {
        self.count.misses.add(1);
        tracing::debug!(target: TARGET, op = "GET", key, outcome = "miss", "GET {key}: MISS");
    }

    pub(crate) fn stale(&self, key: &str, why: &str) {
        self.count.stale_hits.add(1);
        tracing::debug!(target: TARGET, op = "GET", key, outcome = "stale", "GET {key}: STALE, {why}");
    }

    pub(crate) fn loaded(&self, key: &str, took: Duration, ok: bool) {
        self.count.loads.add(1);
        if !ok {
            self.count.load_errors.add(1);
        }
        let (took, verb) = (Elapsed(took), if ok { "LOADED" } else { "FAILED" });
        tracing::debug!(target: TARGET, op = "LOAD", key, ok, us = took.micros(), "LOAD {key}: {verb} ({took})");
    }

    pub(crate) fn stored(&self, key: &str, ttl_ms: u64, timer: Timer) {
        if let Some(took) = timer.elapsed() {
            let ttl = Seconds(ttl_ms);
            tracing::debug!(
                target: TARGET, op = "SET", key, ttl_ms, us = took.micros(), "SET {key}: {ttl} TTL ({took})"
            );
        }
    }

    pub(crate) fn refused(&self, key: &str) {
        self.count.fills_refused.add(1);
        tracing::debug!(target: TARGET, op = "SET", key, outcome = "refused", "SET {key}: refused, invalidated meanwhile");
    }

    pub(crate) fn undecodable(&self, key: &str, why: &dyn fmt::Display) {
        self.count.undecodable.add(1);
        tracing::debug!(target: TARGET, op = "GET", key, outcome = "undecodable", "GET {key}: undecodable entry, a miss: {why}");
    }

    pub(crate) fn unstorable(&self, key: &str, why: &dyn fmt::Display) {
        self.count.unstorable.add(1);
        tracing::debug!(target: TARGET, op = "SET", key, outcome = "unstorable", "SET {key}: not stored: {why}");
        tracing::warn!(target: TARGET, outcome = "unstorable", "a value was not stored: {why}");
    }

    pub(crate) fn fault(&self, what: &str, why: &dyn fmt::Display) {
        self.count.remote_faults.add(1);
        tracing::warn!(target: TARGET, operation = what, "the remote tier failed at {what}: {why}");
    }

    pub(crate) fn key_removed(&self, key: &Key, timer: Timer) {
        if let Some(took) = timer.elapsed() {
            tracing::debug!(target: TARGET, op = "DEL", key = key.as_str(), us = took.micros(), "DEL {key} ({took})");
        }
    }

    pub(crate) fn tag_removed(&self, tag: &Key, timer: Timer) {
        if let Some(took) = timer.elapsed() {
            tracing::debug!(target: TARGET, op = "DEL", tag = tag.as_str(), us = took.micros(), "DEL tag {tag} ({took})");
        }
    }

    pub(crate) fn pattern_removed(&self, pattern: &str, keys: u64, timer: Timer) {
        if let Some(took) = timer.elapsed() {
            tracing::debug!(
                target: TARGET, op = "DEL", pattern, keys, us = took.micros(),
                "DEL pattern {pattern}: {keys} keys ({took})"
            );
        }
    }

    pub(crate) fn cleared(&self, timer: Timer) {
        if let Some(took) = timer.elapsed() {
            tracing::debug!(target: TARGET, op = "CLEAR", us = took.micros(), "CLEAR ({took})");
        }
    }

    pub(crate) fn local_reset(&self, why: &str) {
        self.count.local_resets.add(1);
        tracing::debug!(target: TARGET, "the local tier was dropped: {why}");
    }
}

#[cold]
fn log_hit(key: &str, tier: &str, took: Elapsed) {
    tracing::debug!(
        target: TARGET, op = "GET", key, outcome = "hit", tier, us = took.micros(), "GET {key}: HIT {tier} ({took})"
    );
}

/// Prints `0.4 µs`, `1.2 ms`, `3.4 s`.
#[derive(Clone, Copy)]
struct Elapsed(Duration);

impl Elapsed {
    fn micros(self) -> f64 {
        self.0.as_nanos() as f64 / 1000.0
    }
}

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.micros() {
            us if us < 1_000.0 => write!(f, "{us:.1} µs"),
            us if us < 1_000_000.0 => write!(f, "{:.1} ms", us / 1_000.0),
            us => write!(f, "{:.1} s", us / 1_000_000.0),
        }
    }
}

/// Prints `300s`, `0.5s`.
struct Seconds(u64);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(1000) {
            write!(f, "{}s", self.0 / 1000)
        } else {
            write!(f, "{}s", self.0 as f64 / 1000.0)
        }
    }
}
