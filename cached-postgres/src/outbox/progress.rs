//! What a relay shares with its listener and with whoever asks how it does: the wake-up and the counts.

use super::backlog::Backlog;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use tokio::sync::Notify;

/// What a relay has done since it was started, and how far it is behind.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct RelayStats {
    /// Rows applied and removed by this relay.
    pub applied: u64,
    /// Wake-ups heard.
    pub notifications: u64,
    /// Times the LISTEN connection was lost.
    pub listen_losses: u64,
    /// Passes that ended with an error of the database.
    pub faults: u64,
    /// What waited when the relay looked last: once an interval.
    pub backlog: Backlog,
    /// Whether wake-ups are heard at present. Without, rows wait up to an interval.
    pub listening: bool,
}

#[derive(Debug, Default)]
pub(super) struct Progress {
    pub(super) wake: Notify,
    pub(super) listening: AtomicBool,
    pub(super) applied: AtomicU64,
    pub(super) notifications: AtomicU64,
    pub(super) listen_losses: AtomicU64,
    pub(super) faults: AtomicU64,
    backlog: Mutex<Backlog>,
}

impl Progress {
    pub(super) fn set_backlog(&self, backlog: Backlog) {
        *self.backlog.lock().unwrap_or_else(PoisonError::into_inner) = backlog;
    }

    pub(super) fn stats(&self) -> RelayStats {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        RelayStats {
            applied: count(&self.applied),
            notifications: count(&self.notifications),
            listen_losses: count(&self.listen_losses),
            faults: count(&self.faults),
            backlog: *self.backlog.lock().unwrap_or_else(PoisonError::into_inner),
            listening: self.listening.load(Ordering::SeqCst),
        }
    }
}
