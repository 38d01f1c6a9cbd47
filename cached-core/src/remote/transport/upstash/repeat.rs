//! Whether and when a request is sent again. What can be seen from here is one pipeline; the operation timeout ends
//! the whole.

use crate::remote::transport::{Command, Fault};
use std::time::Duration;
use tokio::time::Instant;

/// Requests in all.
const ATTEMPTS: u32 = 4;
/// The first pause; each is twice as long as the one before, and jittered.
const FIRST_PAUSE: Duration = Duration::from_millis(25);

/// How a request failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nothing of it ran, and it may soon: no connection, or too many requests. How long to wait, if the server said.
    NotRun(Fault, Option<Duration>),
    /// It may have run: the connection broke, or the server failed. How long to wait, if it said so.
    MaybeRun(Fault, Option<Duration>),
    /// It would fail again.
    Final(Fault),
}

/// What is known of a pipeline's attempts.
pub(super) struct Attempts {
    made: u32,
    repeatable: bool,
    /// When whoever asks has waited for as long as it may.
    until: Instant,
}

impl Attempts {
    pub(super) fn of(commands: &[Command], timeout: Duration) -> Self {
        let repeatable = !commands.iter().any(Command::is_once);
        Self { made: 0, repeatable, until: Instant::now() + timeout }
    }

    /// How long to wait before the next attempt.
    ///
    /// # Errors
    /// The fault, if there is none: also where the server says to wait for longer than the caller does. The breaker pauses
    /// for all then.
    pub(super) fn next(&mut self, failure: Failure) -> Result<Duration, Fault> {
        self.made += 1;
        let (fault, wait) = match failure {
            Failure::NotRun(fault, wait) => (fault, wait),
            Failure::MaybeRun(fault, wait) if self.repeatable => (fault, wait),
            Failure::MaybeRun(fault, _) | Failure::Final(fault) => return Err(fault),
        };
        let pause = FIRST_PAUSE * (1 << (self.made - 1));
        let pause = pause.mul_f64(0.5 + fastrand::f64() / 2.0).max(wait.unwrap_or_default());
        // Not `now + pause`: a server may say any number of seconds.
        if self.made >= ATTEMPTS || pause >= self.until.saturating_duration_since(Instant::now()) {
            return Err(fault);
        }
        Ok(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(2);

    fn io() -> Fault {
        Fault::Io("broken".into())
    }

    #[test]
    fn what_ran_perhaps_and_must_not_run_twice_is_not_repeated() {
        let lease = Command::new("SET").arg("k").arg("v").arg("NX").arg("GET").arg("PX").num(5);
        let script = Command::new("EVAL").arg("..").num(1).arg("k");
        let both = [script.clone(), lease.clone()];
        assert!(Attempts::of(&both, TIMEOUT).next(Failure::MaybeRun(io(), None)).is_ok());
        let mut put = Attempts::of(&[script, lease.once()], TIMEOUT);
        assert!(put.next(Failure::NotRun(io(), None)).is_ok());
        assert_eq!(put.next(Failure::MaybeRun(io(), None)), Err(io()));
    }

    #[test]
    fn pauses_grow_and_end() {
        let mut attempts = Attempts::of(&[], TIMEOUT);
        let pauses = std::iter::from_fn(|| attempts.next(Failure::NotRun(io(), None)).ok());
        let pauses: Vec<_> = pauses.collect();
        assert_eq!(pauses.len(), 3);
        for (position, pause) in pauses.iter().enumerate() {
            let longest = FIRST_PAUSE * (1 << position);
            assert!(*pause >= longest / 2 && *pause <= longest, "{pauses:?}");
        }
    }

    #[test]
    fn the_server_says_how_long_to_wait() {
        for failure in [Failure::NotRun, Failure::MaybeRun] {
            let told = |wait| Attempts::of(&[], TIMEOUT).next(failure(io(), Some(wait)));
            assert_eq!(told(Duration::from_secs(1)), Ok(Duration::from_secs(1)));
            assert_eq!(told(Duration::from_secs(2)), Err(io()));
            assert_eq!(told(Duration::from_secs(u64::MAX)), Err(io()));
        }
        assert_eq!(Attempts::of(&[], TIMEOUT).next(Failure::Final(io())), Err(io()));
    }
}
