//! Reads without the macros that know their loader's error: which a limit makes, and in place of which a stale value is
//! served.

use super::one::Accept;
use super::{ReadBuilder, Rules};
use crate::codec::CacheValue;
use crate::error::LoadTimeout;
use crate::outcome::Fallible;
use crate::read::Read;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

type MakeError<E> = Box<dyn Fn(LoadTimeout) -> E + Send + Sync>;

/// A read that knows its loader's error; see [`ReadBuilder::timeout`] and [`ReadBuilder::stale_if`].
#[must_use = "a read does nothing until it is loaded"]
pub struct FallibleRead<'a, E, R = ()> {
    read: ReadBuilder<'a, R>,
    late: Option<MakeError<E>>,
    stale_if: Option<Accept<E>>,
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
        self,
        limit: Duration,
        error: impl Fn(LoadTimeout) -> E + Send + Sync + 'static,
    ) -> FallibleRead<'a, E, R> {
        self.fallible().timeout(limit, error)
    }

    /// In place of which errors `stale_if_error` serves a stale value. The others are the caller's.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use cached_core::{Cache, Ttl};
    /// use std::io::{self, ErrorKind};
    /// let cache = Cache::builder().build().unwrap();
    /// let read = cache.read("course:7").stale_if_error(Ttl::DAY);
    /// let read = read.stale_if(|error: &io::Error| error.kind() != ErrorKind::NotFound);
    /// let gone = read.or_load(|| async { Err::<u32, _>(ErrorKind::NotFound.into()) }).await;
    /// assert_eq!(gone.unwrap_err().kind(), ErrorKind::NotFound);
    /// # }
    /// ```
    pub fn stale_if<E>(
        self,
        accept: impl Fn(&E) -> bool + Send + Sync + 'static,
    ) -> FallibleRead<'a, E, R> {
        self.fallible().stale_if(accept)
    }

    fn fallible<E>(self) -> FallibleRead<'a, E, R> {
        FallibleRead { read: self, late: None, stale_if: None }
    }
}

impl<E, R> FallibleRead<'_, E, R> {
    /// How long the load is waited for; see [`ReadBuilder::timeout`].
    pub fn timeout(
        mut self,
        limit: Duration,
        error: impl Fn(LoadTimeout) -> E + Send + Sync + 'static,
    ) -> Self {
        let millis = u64::try_from(limit.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
        self.read.site = self.read.site.timeout(millis);
        self.late = Some(Box::new(error));
        self
    }

    /// In place of which errors a stale value is served; see [`ReadBuilder::stale_if`].
    pub fn stale_if(mut self, accept: impl Fn(&E) -> bool + Send + Sync + 'static) -> Self {
        self.stale_if = Some(Arc::new(accept));
        self
    }

    /// Gives the cached value, or loads and stores it. A load that takes longer than the limit is dropped.
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
        self.begin().load(async { load().await }).await
    }

    /// Like [`FallibleRead::or_load`], with a loader that owns what it needs: where a stale value is served, the load goes
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
        let load = Arc::new(load);
        let begun = self.begin().refresh(|| self.read.again(&load, self.stale_if.clone()));
        begun.load(async { load().await }).await
    }

    fn begin<T: CacheValue>(&self) -> Read<'_, Fallible<T, E>>
    where
        R: Rules<T>,
    {
        let begun = self.read.begin_if(self.stale_if.as_ref());
        match &self.late {
            Some(late) => begun.timeout_with(late),
            None => begun,
        }
    }
}
