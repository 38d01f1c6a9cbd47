//! The checker: its parameters, and the order of its steps. The rules are in the modules below.

mod bounds;
mod glob;
mod index;
mod keys;
mod loads;
mod reads;
mod report;
mod staircase;

use std::time::Duration;

use self::bounds::{Bounds, nanoseconds};
use self::index::Index;
pub use self::report::{Report, Rule, Violation};
use super::History;

/// Looks in a [`History`] for operations that contradict the guarantees.
///
/// It takes time in proportion to the operations, but for a logarithm: a million in seconds.
#[derive(Debug, Clone, Default)]
pub struct Checker {
    bounds: Bounds,
}

impl Checker {
    /// A checker with the bounds that its methods name.
    pub fn new() -> Self {
        Self::default()
    }

    /// How long after its end an invalidation may be unknown to the local tiers of other processes: 1 s.
    pub fn propagation(mut self, bound: Duration) -> Self {
        self.bounds.propagation = nanoseconds(bound);
        self
    }

    /// The same where an incident came between, so that a process was cut off and had to notice: 3 s.
    pub fn cut_off(mut self, bound: Duration) -> Self {
        self.bounds.cut_off = nanoseconds(bound);
        self
    }

    /// How long after its end an invalidation may explain that two processes load at once, since it took the lease of a load
    /// that was to begin: 1 s.
    pub fn revocation(mut self, bound: Duration) -> Self {
        self.bounds.revocation = nanoseconds(bound);
        self
    }

    /// How long after an incident processes may still load without a lease: 3 s.
    pub fn recovery(mut self, time: Duration) -> Self {
        self.bounds.recovery = nanoseconds(time);
        self
    }

    /// How long after the beginning of a load another process may take its lease to be dead: never.
    ///
    /// A lease begins a little before its load, so give a little less than the life of a lease.
    pub fn lease(mut self, life: Duration) -> Self {
        self.bounds.lease = nanoseconds(life);
        self
    }

    /// Processes share no tier: two of them may load a key at once.
    pub fn without_shared_tier(mut self) -> Self {
        self.bounds.is_shared = false;
        self
    }

    /// Invalidations are durable (an outbox): after quiescence no read is older than a write that
    /// was committed before it, whether or not its process lived to invalidate.
    pub fn durable(mut self) -> Self {
        self.bounds.is_durable = true;
        self
    }

    /// Checks a history whose processes have all been [finished](super::Recorder::finish) or killed.
    pub fn check(&self, history: &History) -> Report {
        let operations = history.operations();
        let index = Index::build(operations, &self.bounds);
        let mut report = Report::default();
        reads::check(&index, &self.bounds, &mut report);
        loads::check(&index, &self.bounds, &mut report);
        report
    }
}
