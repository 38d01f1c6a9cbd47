//! How long one caller waits for loads. What it gets when the time is over is decided in `overtime`.

use crate::error::LoadTimeout;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

type MakeError<'a, E> = Box<dyn Fn(LoadTimeout) -> E + Send + Sync + 'a>;

/// How long one caller waits for loads in all, and what error it gets then.
pub(super) struct Limit<'a, E> {
    whole: Duration,
    /// What is left, in nanoseconds.
    left: AtomicU64,
    error: MakeError<'a, E>,
}

impl<'a, E> Limit<'a, E> {
    pub(super) fn new(
        whole: Duration,
        error: impl Fn(LoadTimeout) -> E + Send + Sync + 'a,
    ) -> Self {
        let left = u64::try_from(whole.as_nanos()).unwrap_or(u64::MAX);
        Self { whole, left: left.into(), error: Box::new(error) }
    }

    /// Waits for a future for as long as is left.
    pub(super) async fn within<F: Future>(&self, future: F) -> Option<F::Output> {
        let began = Instant::now();
        let left = self.left.load(Ordering::Relaxed);
        let output = tokio::time::timeout(Duration::from_nanos(left), future).await;
        let spent = u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.left.store(left.saturating_sub(spent), Ordering::Relaxed);
        output.ok()
    }

    /// Whether less than half of the time has passed.
    pub(super) fn is_young(&self) -> bool {
        self.left.load(Ordering::Relaxed)
            > u64::try_from(self.whole.as_nanos() / 2).unwrap_or(u64::MAX)
    }

    pub(super) fn whole(&self) -> Duration {
        self.whole
    }

    /// The error of a caller that has waited for that long.
    pub(super) fn error(&self) -> E {
        (self.error)(LoadTimeout::new(self.whole))
    }
}
