//! Waiting for a condition, with a deadline that only a broken system reaches.

use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_millis(2);
/// Long enough for a loaded build machine; a test that passes never waits for it.
pub(crate) const GENEROUS: Duration = Duration::from_secs(60);

/// Blocks until `condition` holds; whether it did before `deadline` had passed.
pub(crate) fn within(deadline: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    let mut pause = PAUSE;
    loop {
        if condition() {
            return true;
        }
        if start.elapsed() > deadline {
            return false;
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

/// Blocks this thread until `condition` holds.
///
/// # Panics
///
/// When it does not hold within a minute; `what` then says what was waited for.
#[track_caller]
pub fn wait_until(what: &str, condition: impl FnMut() -> bool) {
    assert!(within(GENEROUS, condition), "waited a minute, and still not: {what}");
}

/// Waits until the asynchronous `condition` holds.
///
/// The minute is one of the wall clock, also where tokio's clock is paused.
///
/// # Panics
///
/// When it does not hold within a minute; `what` then says what was waited for.
///
/// # Cancel safety
///
/// Holds nothing but the future of the condition that is running.
pub async fn eventually<F: Future<Output = bool>>(what: &str, mut condition: impl FnMut() -> F) {
    let start = Instant::now();
    while !condition().await {
        assert!(start.elapsed() <= GENEROUS, "waited a minute, and still not: {what}");
        tokio::time::sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_that_never_holds_ends_at_the_deadline() {
        assert!(!within(Duration::from_millis(20), || false));
    }

    #[test]
    fn a_condition_is_asked_again() {
        let mut asked = 0;
        wait_until("three questions", || {
            asked += 1;
            asked == 3
        });
    }

    #[tokio::test]
    async fn an_asynchronous_condition_is_asked_again() {
        let asked = std::cell::Cell::new(0);
        eventually("three questions", || async {
            asked.set(asked.get() + 1);
            asked.get() == 3
        })
        .await;
        assert_eq!(asked.get(), 3);
    }
}
