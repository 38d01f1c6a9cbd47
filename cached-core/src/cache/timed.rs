//! Reads without the macros that wait for their load no longer than a limit.

use super::{ReadBuilder, Rules};
use crate::codec::CacheValue;
use crate::error::LoadTimeout;
use crate::outcome::Fallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

type MakeError<E> = Arc<dyn Fn(LoadTimeout) -> E + Send + Sync>;

/// A read that waits for its load no longer than a limit; see [`ReadBuilder::timeout`].
#[must_use = "a read does nothing until it is loaded"]
pub struct TimedRead<'a, E, R = ()> {
    read: ReadBuilder<'a, R>,
    error: MakeError<E>,
}

impl<'a, R> ReadBuilder<'a, R> {
    /// How long the load is waited for, in whole milliseconds: this caller's, or another's that it shares. What the
    /// tiers take does not count.
    ///
    /// When the time is over, a value that `stale_if_error` allows is served. Where there is none, the closure makes
    /// the error: `MyError::from` if there is `From<LoadTimeout>`. Waiting takes tokio's timer.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use cached_core::Cache;
    /// use std::{io, time::Duration};
    /// let cache = Cache::builder().build().unwrap();
    /// let read = cache.read("course:7").timeout(Duration::from_millis(1), io::Error::from);
    /// let error = read.or_load(|| std::future::pending::<io::Result<u32>>()).await.unwrap_err();
    /// assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    /// # }
    /// ```
    pub fn timeout<E>(
        mut self,
        limit: Duration,
        error: impl Fn(LoadTimeout) -> E + Send + Sync + 'static,
    ) -> TimedRead<'a, E, R> {
        let millis = u64::try_from(limit.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
        self.site = self.site.timeout(millis);
        TimedRead { read: self, error: Arc::new(error) }
    }
}

impl<E, R> TimedRead<'_, E, R> {
    /// Gives the cached value, or loads and stores it, in time. A load that takes longer is dropped.
    ///
    /// # Errors
    /// The loader's own, or the limit's.
    ///
    /// # Cancel safety
    /// That of [`ReadBuilder::or_load`].
    pub async fn or_load<T, F, Fut>(self, load: F) -> Result<T, E>
    where
        T: CacheValue,
        R: Rules<T>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let Self { read, error } = self;
        let read = read.begin::<Fallible<T, E>>().timeout_with(move |limit| error(limit));
        read.load(async { load().await }).await
    }

    /// Like [`TimedRead::or_load`], with a loader that owns what it needs: where a stale value is served, the load goes
    /// on in the background.
    ///
    /// # Errors
    /// The loader's own, or the limit's.
    ///
    /// # Cancel safety
    /// That of [`ReadBuilder::or_load`]; a load in the background goes on.
    pub async fn or_load_owned<T, F, Fut>(self, load: F) -> Result<T, E>
    where
        T: CacheValue,
        R: Rules<T>,
        E: Send + 'static,
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
    {
        let (Self { read, error }, load) = (self, Arc::new(load));
        let begun = read.begin::<Fallible<T, E>>().refresh(|| read.again(&load));
        begun.timeout_with(move |limit| error(limit)).load(load()).await
    }
}
