//! What was counted, as values: for a whole cache, and for each template.

use super::latency::Latency;
use super::tally::{KINDS, What};
use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// What is counted for the whole cache only.
        #[derive(Default)]
        pub(crate) struct Counters { $(pub(crate) $name: Counter),* }

        /// Counts since the cache was built.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Stats {
            /// Reads answered by the local tier.
            pub local_hits: u64,
            /// Reads answered by what the same request had read before.
            pub request_hits: u64,
            /// Reads answered by the remote tier.
            pub remote_hits: u64,
            /// Reads answered by a value whose lifetime had ended, as their options allow.
            pub stale_hits: u64,
            /// Reads that no tier answered.
            pub misses: u64,
            /// Annotated bodies run.
            pub loads: u64,
            /// Annotated bodies that returned an error, or were given up.
            pub load_errors: u64,
            /// Reads that waited for a load as long as their `timeout` says.
            pub load_timeouts: u64,
            /// Reads that shared another caller's load or look-up.
            pub shared: u64,
            /// Values stored in the remote tier.
            pub fills: u64,
            /// Values not stored, because an invalidation or another writer came first.
            pub fills_refused: u64,
            /// Entries in the remote tier that could not be used: foreign, damaged, or of another type or version.
            pub undecodable: u64,
            /// Values that could not be encoded or were too large to be stored.
            pub unstorable: u64,
            $($(#[$doc])* pub $name: u64),*
        }

        impl Counters {
            pub(super) fn snapshot(&self, tally: [u64; KINDS]) -> Stats {
                let of = |what: What| tally[what as usize];
                Stats {
                    local_hits: of(What::LocalHit),
                    request_hits: of(What::RequestHit),
                    remote_hits: of(What::RemoteHit),
                    stale_hits: of(What::StaleHit),
                    misses: of(What::Miss),
                    loads: of(What::Load),
                    load_errors: of(What::LoadError),
                    load_timeouts: of(What::LoadTimeout),
                    shared: of(What::Shared),
                    fills: of(What::Fill),
                    fills_refused: of(What::FillRefused),
                    undecodable: of(What::Undecodable),
                    unstorable: of(What::Unstorable),
                    $($name: self.$name.get()),*
                }
            }
        }
    };
}

counters! {
    /// Keys, tags and patterns invalidated, and clearings.
    invalidations,
    /// Of these, keys.
    keys_invalidated,
    /// Of these, tags.
    tags_invalidated,
    /// Of these, patterns.
    patterns_invalidated,
    /// Of these, clearings of everything.
    clears,
    /// Invalidations that came from other processes.
    invalidations_received,
    /// Operations of the remote tier that failed or timed out.
    remote_faults,
    /// Times the local tier was dropped, because messages from other processes may have been missed.
    local_resets,
}

impl Stats {
    /// The share of reads that a tier answered, from 0 to 1; 0 before the first read.
    pub fn hit_rate(&self) -> f64 {
        let hits =
            self.local_hits + self.request_hits + self.remote_hits + self.stale_hits + self.shared;
        share(hits, self.misses)
    }
}

fn share(hits: u64, misses: u64) -> f64 {
    let reads = hits + misses;
    if reads == 0 { 0.0 } else { hits as f64 / reads as f64 }
}

/// A count on cache lines of its own, so that two threads counting different things do not disturb each other.
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

/// Counts and durations of one cached function since the cache was built. Fields mean what they mean in [`Stats`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TemplateStats {
    /// The function's template; empty for reads without the macros.
    pub template: &'static str,
    /// The function's module and name; empty for reads without the macros.
    pub function: String,
    /// Reads answered by the local tier.
    pub local_hits: u64,
    /// Reads answered by what the same request had read before.
    pub request_hits: u64,
    /// Reads answered by the remote tier.
    pub remote_hits: u64,
    /// Reads answered by a value whose lifetime had ended.
    pub stale_hits: u64,
    /// Reads that shared another caller's load or look-up.
    pub shared: u64,
    /// Reads that no tier answered.
    pub misses: u64,
    /// Bodies run.
    pub loads: u64,
    /// Bodies that returned an error, or were given up.
    pub load_errors: u64,
    /// Reads that waited for a load as long as their `timeout` says.
    pub load_timeouts: u64,
    /// Values stored in the remote tier.
    pub fills: u64,
    /// Values not stored, because an invalidation or another writer came first.
    pub fills_refused: u64,
    /// Entries in the remote tier that could not be used.
    pub undecodable: u64,
    /// Values that could not be stored.
    pub unstorable: u64,
    /// About how many different keys were looked up remotely or loaded (HyperLogLog, 3 % off).
    pub keys: u64,
    /// How long hits of the local tier took; measured only while the cache is watched or `debug` lines are written.
    pub local: Latency,
    /// How long hits of the remote tier took.
    pub remote: Latency,
    /// How long bodies ran.
    pub load: Latency,
}

impl TemplateStats {
    pub(super) fn new(template: &'static str, function: String, tally: [u64; KINDS]) -> Self {
        let of = |what: What| tally[what as usize];
        Self {
            template,
            function,
            local_hits: of(What::LocalHit),
            request_hits: of(What::RequestHit),
            remote_hits: of(What::RemoteHit),
            stale_hits: of(What::StaleHit),
            shared: of(What::Shared),
            misses: of(What::Miss),
            loads: of(What::Load),
            load_errors: of(What::LoadError),
            load_timeouts: of(What::LoadTimeout),
            fills: of(What::Fill),
            fills_refused: of(What::FillRefused),
            undecodable: of(What::Undecodable),
            unstorable: of(What::Unstorable),
            ..Self::default()
        }
    }

    /// Both together, under the name of the first.
    #[cfg(feature = "metrics")]
    pub(crate) fn and(&self, other: &Self) -> Self {
        Self {
            template: self.template,
            function: self.function.clone(),
            local_hits: self.local_hits + other.local_hits,
            request_hits: self.request_hits + other.request_hits,
            remote_hits: self.remote_hits + other.remote_hits,
            stale_hits: self.stale_hits + other.stale_hits,
            shared: self.shared + other.shared,
            misses: self.misses + other.misses,
            loads: self.loads + other.loads,
            load_errors: self.load_errors + other.load_errors,
            load_timeouts: self.load_timeouts + other.load_timeouts,
            fills: self.fills + other.fills,
            fills_refused: self.fills_refused + other.fills_refused,
            undecodable: self.undecodable + other.undecodable,
            unstorable: self.unstorable + other.unstorable,
            keys: self.keys + other.keys,
            local: self.local.and(&other.local),
            remote: self.remote.and(&other.remote),
            load: self.load.and(&other.load),
        }
    }

    /// Reads that something answered before a body had to run.
    pub fn hits(&self) -> u64 {
        self.local_hits + self.request_hits + self.remote_hits + self.stale_hits + self.shared
    }

    /// All reads.
    pub fn reads(&self) -> u64 {
        self.hits() + self.misses
    }

    /// The share of reads that a tier answered, from 0 to 1; 0 before the first read.
    pub fn hit_rate(&self) -> f64 {
        share(self.hits(), self.misses)
    }
}
