//! Whether Redis is there: what another process wrote must be seen while it is, and need not while it is not.

use std::sync::atomic::{AtomicU8, Ordering};

/// An outage of Redis during a load, if there is one.
#[derive(Debug, Default)]
pub struct Outage(AtomicU8);

/// Before, during or after the outage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Before,
    During,
    After,
}

impl Outage {
    /// Call it before Redis goes.
    pub fn begin(&self) {
        self.0.store(Phase::During as u8, Ordering::Relaxed);
    }

    /// Call it when Redis is back and every server has caught up.
    pub fn end(&self) {
        self.0.store(Phase::After as u8, Ordering::Relaxed);
    }

    pub(super) fn phase(&self) -> Phase {
        match self.0.load(Ordering::Relaxed) {
            0 => Phase::Before,
            1 => Phase::During,
            _ => Phase::After,
        }
    }
}
