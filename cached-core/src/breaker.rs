//! The circuit breaker: stops asking a sick remote tier, and lets one caller at a time try whether it is well.

use crate::clock::Clock;
use serde::Serialize;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

/// Faults in a row that open it.
const THRESHOLD: u32 = 3;
/// How long it stays open before one caller may try, in milliseconds.
const PAUSE_MS: u64 = 400;

pub(crate) struct Breaker {
    clock: Clock,
    faults: AtomicU32,
    /// When open: from when on one caller may try. 0 when closed.
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
    /// It did not answer, and the next read tries whether it does again.
    HalfOpen,
}

/// The right to ask once. Dropped without an answer, it counts as none.
pub(crate) struct Permit<'a> {
    breaker: &'a Breaker,
    trial: bool,
}

impl Breaker {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            faults: AtomicU32::new(0),
            retry_at: AtomicU64::new(0),
            trying: AtomicBool::new(false),
        }
    }

    /// Asks whether the remote tier may be asked.
    pub(crate) fn permit(&self) -> Option<Permit<'_>> {
        let retry_at = self.retry_at.load(Ordering::Acquire);
        if retry_at == 0 {
            return Some(Permit { breaker: self, trial: false });
        }
        if self.clock.now() < retry_at || self.trying.swap(true, Ordering::AcqRel) {
            return None;
        }
        Some(Permit { breaker: self, trial: true })
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

    fn fault(&self, trial: bool) {
        let faults = self.faults.fetch_add(1, Ordering::AcqRel).saturating_add(1);
        if trial || faults >= THRESHOLD {
            self.retry_at.store((self.clock.now() + PAUSE_MS).max(1), Ordering::Release);
        }
    }
}

impl Permit<'_> {
    pub(crate) fn succeeded(self) {
        self.breaker.close();
    }

    pub(crate) fn failed(self) {
        self.breaker.fault(self.trial);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.trial {
            self.breaker.trying.store(false, Ordering::Release);
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
        let breaker = Breaker::new(clock);
        for _ in 0..THRESHOLD {
            breaker.permit().expect("closed").failed();
        }
        assert!(breaker.is_open() && breaker.permit().is_none());
        assert_eq!(breaker.state(), BreakerState::Open);
        hand.advance(Duration::from_millis(PAUSE_MS));
        assert_eq!(breaker.state(), BreakerState::HalfOpen);
        let trial = breaker.permit().expect("half open");
        assert!(breaker.permit().is_none(), "one trial at a time");
        drop(trial);
        breaker.permit().expect("a dropped trial lets the next one try").failed();
        assert!(breaker.permit().is_none(), "a failed trial opens it again");
        hand.advance(Duration::from_millis(PAUSE_MS));
        breaker.permit().expect("half open").succeeded();
        assert_eq!(breaker.state(), BreakerState::Closed);
    }

    #[test]
    fn a_success_between_faults_keeps_it_closed() {
        let breaker = Breaker::new(Clock::manual().0);
        for _ in 0..10 {
            breaker.permit().expect("closed").failed();
            breaker.permit().expect("closed").failed();
            breaker.permit().expect("closed").succeeded();
        }
        assert!(!breaker.is_open());
    }
}
