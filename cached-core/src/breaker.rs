//! The circuit breaker: stops asking a sick remote tier, and has one task at a time try whether it is well. Nobody waits for
//! that: who finds it open goes on without the tier. How it is tried is in `engine`.

use crate::clock::Clock;
use serde::Serialize;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

/// Faults in a row that open it.
const THRESHOLD: u32 = 3;
/// How long it stays open before it is tried, in milliseconds.
const PAUSE_MS: u64 = 400;

pub(crate) struct Breaker {
    clock: Clock,
    /// How long a caller that leaves must have waited to count as a fault, in milliseconds.
    long_ms: u64,
    faults: AtomicU32,
    /// When open: from when on it may be tried. 0 when closed.
    retry_at: AtomicU64,
    trying: AtomicBool,
}

/// Whether the remote tier is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BreakerState {
    /// It answers, and is asked.
    Closed,
    /// It did not answer, and is not asked for a while.
    Open,
    /// It did not answer, and is tried once anybody wants to ask it.
    HalfOpen,
}

/// The right to ask once. Dropped without an answer it counts as none, unless the caller has waited for long: one who is
/// less patient than the operation timeout would never say that the tier hangs.
pub(crate) struct Permit<'a> {
    breaker: &'a Breaker,
    /// When it was asked; `None` once it has answered.
    since: Option<u64>,
}

impl Breaker {
    /// `timeout_ms` is that of one operation.
    pub(crate) fn new(clock: Clock, timeout_ms: u64) -> Self {
        Self {
            clock,
            long_ms: (timeout_ms / 2).max(1),
            faults: AtomicU32::new(0),
            retry_at: AtomicU64::new(0),
            trying: AtomicBool::new(false),
        }
    }

    /// Asks whether the remote tier may be asked.
    pub(crate) fn permit(&self) -> Option<Permit<'_>> {
        (!self.is_open()).then(|| Permit { breaker: self, since: Some(self.clock.now()) })
    }

    /// Claims the right to try whether it is well: after its pause, one at a time. Whoever has it calls `tried`.
    pub(crate) fn claim_trial(&self) -> bool {
        self.state() == BreakerState::HalfOpen && !self.trying.swap(true, Ordering::AcqRel)
    }

    /// What came of a trial; `None` if it was broken off.
    pub(crate) fn tried(&self, well: Option<bool>) {
        match well {
            Some(true) => self.close(),
            Some(false) => self.fault(),
            None => {}
        }
        self.trying.store(false, Ordering::Release);
    }

    pub(crate) fn state(&self) -> BreakerState {
        match self.retry_at.load(Ordering::Acquire) {
            0 => BreakerState::Closed,
            at if self.clock.now() < at => BreakerState::Open,
            _ => BreakerState::HalfOpen,
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.retry_at.load(Ordering::Acquire) != 0
    }

    /// The remote tier answered somebody.
    pub(crate) fn close(&self) {
        self.faults.store(0, Ordering::Release);
        self.retry_at.store(0, Ordering::Release);
    }

    fn fault(&self) {
        let faults = self.faults.fetch_add(1, Ordering::AcqRel).saturating_add(1);
        if faults >= THRESHOLD {
            self.retry_at.store((self.clock.now() + PAUSE_MS).max(1), Ordering::Release);
        }
    }
}

impl Permit<'_> {
    pub(crate) fn succeeded(mut self) {
        self.since = None;
        self.breaker.close();
    }

    pub(crate) fn failed(mut self) {
        self.since = None;
        self.breaker.fault();
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if let Some(since) = self.since
            && self.breaker.clock.now().saturating_sub(since) >= self.breaker.long_ms
        {
            self.breaker.fault();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn opens_after_faults_in_a_row_and_tries_one_at_a_time() {
        let (clock, hand) = Clock::manual();
        let breaker = Breaker::new(clock, 500);
        for _ in 0..THRESHOLD {
            breaker.permit().expect("closed").failed();
        }
        assert!(breaker.is_open() && breaker.permit().is_none());
        assert_eq!(breaker.state(), BreakerState::Open);
        assert!(!breaker.claim_trial(), "not before the pause is over");
        hand.advance(Duration::from_millis(PAUSE_MS));
        assert_eq!(breaker.state(), BreakerState::HalfOpen);
        assert!(breaker.permit().is_none(), "callers do not try");
        assert!(breaker.claim_trial() && !breaker.claim_trial(), "one trial at a time");
        breaker.tried(None);
        assert!(breaker.claim_trial(), "one that was broken off lets the next one begin");
        breaker.tried(Some(false));
        assert!(!breaker.claim_trial(), "a failed trial opens it again");
        hand.advance(Duration::from_millis(PAUSE_MS));
        assert!(breaker.claim_trial());
        breaker.tried(Some(true));
        assert_eq!(breaker.state(), BreakerState::Closed);
        assert!(breaker.permit().is_some());
    }

    #[test]
    fn a_success_between_faults_keeps_it_closed() {
        let breaker = Breaker::new(Clock::manual().0, 500);
        for _ in 0..10 {
            breaker.permit().expect("closed").failed();
            breaker.permit().expect("closed").failed();
            breaker.permit().expect("closed").succeeded();
        }
        assert!(!breaker.is_open());
    }

    #[test]
    fn who_leaves_after_a_long_wait_says_that_it_hangs() {
        let (clock, hand) = Clock::manual();
        let breaker = Breaker::new(clock, 500);
        let leave_after = |millis| {
            let permit = breaker.permit().expect("closed");
            hand.advance(Duration::from_millis(millis));
            drop(permit);
        };
        (0..10).for_each(|_| leave_after(249));
        assert!(!breaker.is_open(), "they may have had no patience at all");
        (0..THRESHOLD).for_each(|_| leave_after(250));
        assert!(breaker.is_open());
    }
}
