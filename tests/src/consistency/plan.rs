//! What a run is to do: its seed, its size, its weights. Everything else follows from these.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The plan of one run. The same plan draws the same operations and the same faults.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Plan {
    /// Where all randomness comes from.
    pub seed: u64,
    /// How many processes.
    pub nodes: usize,
    /// How many tasks in each process run operations at once.
    pub tasks: usize,
    /// The run ends with the round in which so many operations have been recorded,
    pub operations: usize,
    /// and no earlier than after so many rounds.
    pub rounds: u64,
    /// Whether servers, connections and processes are broken.
    pub faults: bool,
    /// Whether an invalidation returns only when every process has heard of it (G8).
    pub synchronous: bool,
    /// A bug to switch on in every process.
    pub mutation: Option<Bug>,
    /// Of a thousand operations, how many are writes.
    pub writes: u32,
    /// Of a thousand loads, how many are slow.
    pub slow_loads: u32,
    /// Of a thousand operations, how many are cancelled.
    pub cancelled: u32,
}

/// A bug on purpose: see `cached_core::Mutation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Bug {
    /// A fill does not ask whether its lease still stands.
    UnconditionalFill,
    /// A write that is cancelled invalidates nothing.
    NoDropGuard,
    /// The local tier does not compare ticks.
    NoTicks,
}

/// The life of a lease: short, so that some loads outlive it.
pub const LEASE: Duration = Duration::from_millis(1_000);
/// The cache's backplane timeout, which bounds how long a local tier may be behind (G3).
pub const BACKPLANE_TIMEOUT: Duration = Duration::from_millis(1_000);
/// The cache's operation timeout. Longer than a busy machine's hiccups.
pub const OPERATION_TIMEOUT: Duration = Duration::from_millis(1_000);
/// What the bounds are allowed for whole milliseconds and the order of two clock readings.
pub const SLACK: Duration = Duration::from_millis(100);

impl Plan {
    /// A run with faults, of three processes.
    pub fn new(seed: u64, operations: usize) -> Self {
        Self {
            seed,
            nodes: 3,
            tasks: 24,
            operations,
            rounds: 1,
            faults: true,
            synchronous: false,
            mutation: None,
            writes: 90,
            slow_loads: 100,
            cancelled: 40,
        }
    }

    /// The same with more rounds, and so more faults.
    pub fn rounds(mut self, rounds: u64) -> Self {
        self.rounds = rounds;
        self
    }

    /// The same without faults from outside: loads still fail, and callers still give up.
    pub fn calm(mut self) -> Self {
        self.faults = false;
        self
    }

    /// The same with invalidations that return when every process has heard of them.
    pub fn synchronous(mut self) -> Self {
        self.synchronous = true;
        self
    }

    /// How long a local tier may be behind an invalidation that has returned.
    pub fn propagation(&self) -> Duration {
        if self.synchronous { Duration::ZERO } else { BACKPLANE_TIMEOUT + SLACK }
    }

    /// The same where an incident came between. Who invalidates synchronously has waited for those who were cut off to notice.
    pub fn cut_off(&self) -> Duration {
        self.propagation()
    }

    /// How long a cache waits for Redis: in calm for as long as a busy machine may take, since it meets no fault then.
    pub fn operation_timeout(&self) -> Duration {
        if self.faults { OPERATION_TIMEOUT } else { Duration::from_secs(60) }
    }

    /// A run in which a bug is on: many writes, slow loads and cancellations, on the same few keys.
    pub fn with_bug(seed: u64, bug: Bug) -> Self {
        Self {
            mutation: Some(bug),
            writes: 200,
            slow_loads: 400,
            cancelled: 400,
            ..Self::new(seed, 1).calm()
        }
    }

    /// A source of randomness for one part of the run, independent of every other.
    pub fn random(&self, part: [u64; 4]) -> fastrand::Rng {
        // Mixed by splitmix64's finalizer, so that neighbouring parts have nothing in common.
        let seed = part.into_iter().fold(self.seed, |state, word| {
            let mut z = (state ^ word).wrapping_add(0x9E37_79B9_7F4A_7C15);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^ (z >> 31)
        });
        fastrand::Rng::with_seed(seed)
    }
}
