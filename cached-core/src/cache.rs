//! `Cache`: the handle that applications hold, and what can be said without the macros.

mod by_value;
mod many;
mod observe;
mod timed;

pub use by_value::{ByValue, Rules};
pub use many::ReadMany;
pub use observe::{Health, RemoteHealth};
pub use timed::TimedRead;

use crate::codec::{self, CacheValue};
use crate::engine::{Engine, EngineRef};
use crate::invalidation::Invalidation;
use crate::key::{Key, KeyBuf, Pattern};
use crate::outcome::{Fallible, Outcome};
use crate::read::Read;
use crate::site::Site;
use crate::ttl::Ttl;
use crate::write::{self, Delivery};
use std::future::Future;
use std::sync::Arc;

/// A cache: an in-process tier, and a remote one if it was built with one. Cloning gives the same cache.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use cached_core::{Cache, Ttl};
/// let cache = Cache::builder().build().unwrap();
/// let title: Result<String, std::io::Error> = cache
///     .read("course:7")
///     .ttl(Ttl::LONG)
///     .tag("courses")
///     .or_load(|| async { Ok("Rust".to_owned()) })
///     .await;
/// assert_eq!(title.unwrap(), "Rust");
/// cache.remove_tag("courses").await;
/// assert_eq!(cache.get::<String>("course:7").await, None);
/// # }
/// ```
#[derive(Clone)]
pub struct Cache {
    pub(crate) engine: Arc<Engine>,
}

/// A read that is being described; see [`Cache::read`].
#[must_use = "a read does nothing until it is loaded"]
pub struct ReadBuilder<'a, R = ()> {
    cache: &'a Cache,
    key: Key,
    site: Site,
    ttl: Ttl,
    tags: Vec<Key>,
    rules: R,
}

impl Cache {
    /// Describes a read-through of one key, without the macros.
    pub fn read(&self, key: impl Into<Key>) -> ReadBuilder<'_> {
        ReadBuilder {
            cache: self,
            key: key.into(),
            site: Site::new("", "", ""),
            ttl: Ttl::MEDIUM,
            tags: Vec::new(),
            rules: (),
        }
    }

    /// The value of a key, if a tier has one of this type that may be served. Loads nothing.
    ///
    /// # Cancel safety
    /// Safe: nothing is changed.
    pub async fn get<T: CacheValue>(&self, key: impl Into<Key>) -> Option<T> {
        let key = key.into();
        crate::read::peek(&self.engine, key.as_str()).await
    }

    /// Puts a value under a key, in place of any other, in every process.
    ///
    /// A load of the key that began before does not replace it. It counts as put when its first command reaches the remote
    /// tier: an invalidation by another process that runs meanwhile may come before it. Put what only this process writes, and
    /// invalidate or [`read`](Self::read) what others write too. Where the remote tier does not answer, the value is kept
    /// in this process, and the others forget theirs as soon as it does.
    ///
    /// # Cancel safety
    /// From its first poll on, the old value is not served here any more. Dropped half-way, the new one may be missing.
    pub async fn set<T: CacheValue>(&self, key: impl Into<Key>, value: T, ttl: impl Into<Ttl>) {
        let millis = self.engine.jittered(self.engine.tiers.millis(ttl.into()));
        write::set(&self.engine, &key.into(), value, millis).await;
    }

    /// Removes one key.
    ///
    /// # Cancel safety
    /// From its first poll on, the invalidation happens.
    pub async fn remove(&self, key: impl Into<Key>) -> Delivery {
        self.invalidate(Invalidation::new().key(key)).await
    }

    /// Removes every entry that carries a tag, however many they are, at the cost of one key.
    ///
    /// # Cancel safety
    /// From its first poll on, the invalidation happens.
    pub async fn remove_tag(&self, tag: impl Into<Key>) -> Delivery {
        self.invalidate(Invalidation::new().tag(tag)).await
    }

    /// Removes every key that a pattern matches (Redis: `SCAN` and `UNLINK`, never `KEYS`).
    ///
    /// # Cancel safety
    /// From its first poll on, the invalidation happens.
    pub async fn remove_pattern(&self, pattern: Pattern) -> Delivery {
        self.invalidate(Invalidation::new().pattern(pattern)).await
    }

    /// Removes every entry of the namespace.
    ///
    /// # Cancel safety
    /// From its first poll on, the invalidation happens.
    pub async fn clear(&self) -> Delivery {
        self.invalidate(Invalidation::new().everything()).await
    }

    /// Applies an invalidation: in this process at once, in the remote tier before it returns or, if that does not
    /// answer, as soon as it does.
    ///
    /// # Cancel safety
    /// From its first poll on, the invalidation happens.
    pub async fn invalidate(&self, invalidation: Invalidation) -> Delivery {
        write::apply(&self.engine, invalidation).await
    }

    /// The invalidation with the keys of functions that use this cache among its own, so that
    /// [`Invalidation::to_json`] says them. Those of functions that use another stay apart.
    pub fn own(&self, mut invalidation: Invalidation) -> Invalidation {
        for target in std::mem::take(&mut invalidation.elsewhere) {
            let ours = target
                .cache
                .downcast_ref()
                .is_some_and(|engine| std::ptr::eq::<Engine>(engine, &*self.engine));
            if ours {
                invalidation.keys.push(target.key);
            } else {
                invalidation.elsewhere.push(target);
            }
        }
        invalidation
    }

    /// Applies an invalidation in this process at once and leaves the remote tier to the queue: for `Drop` and
    /// other places that cannot wait.
    pub fn invalidate_soon(&self, invalidation: Invalidation) {
        write::begin_detached(&self.engine, invalidation);
    }
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cache").field("local_len", &self.local_len()).finish_non_exhaustive()
    }
}

impl<R> ReadBuilder<'_, R> {
    /// The entry's lifetime. Medium unless said otherwise.
    pub fn ttl(mut self, ttl: impl Into<Ttl>) -> Self {
        self.ttl = ttl.into();
        self
    }

    /// A tag of the entry.
    pub fn tag(mut self, tag: impl Into<Key>) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// For how long after its lifetime the value is served while it is loaded anew in the background (RFC 5861). Needs
    /// [`ReadBuilder::or_load_owned`]: a background task borrows nothing.
    pub fn stale_while_revalidate(mut self, window: impl Into<Ttl>) -> Self {
        self.site = self.site.stale_while_revalidate(window.into());
        self
    }

    /// For how long after its lifetime the value is served in place of an error (RFC 5861).
    pub fn stale_if_error(mut self, window: impl Into<Ttl>) -> Self {
        self.site = self.site.stale_if_error(window.into());
        self
    }

    /// Lets one caller load anew a little before the lifetime ends, the earlier the dearer the load (XFetch).
    pub fn early_refresh(mut self) -> Self {
        self.site = self.site.early_refresh();
        self
    }

    /// The version of the value's meaning: entries of another are misses, those that [`Cache::set`] puts (0) included. 0
    /// unless said otherwise.
    pub fn version(mut self, version: u32) -> Self {
        self.site = self.site.version(version);
        self
    }

    /// The longest life of a local copy.
    pub fn local_ttl(mut self, ttl: impl Into<Ttl>) -> Self {
        self.site = self.site.local_ttl(ttl.into());
        self
    }

    /// No local copy.
    pub fn local_off(mut self) -> Self {
        self.site = self.site.local_off();
        self
    }

    /// No remote entry.
    pub fn remote_off(mut self) -> Self {
        self.site = self.site.remote_off();
        self
    }

    /// Gives the cached value, or loads and stores it. An error is not stored.
    ///
    /// # Errors
    /// The loader's own.
    ///
    /// # Cancel safety
    /// Dropping the future drops the load. Callers that wait for it go on: one of them loads.
    pub async fn or_load<T, E, F, Fut>(self, load: F) -> Result<T, E>
    where
        T: CacheValue,
        R: Rules<T>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        self.begin::<Fallible<T, E>>().load(async { load().await }).await
    }

    /// Like [`ReadBuilder::or_load`], with a loader that owns what it needs, so that it can run in the background.
    ///
    /// # Errors
    /// The loader's own.
    ///
    /// # Cancel safety
    /// That of [`ReadBuilder::or_load`]; a load in the background goes on.
    pub async fn or_load_owned<T, E, F, Fut>(self, load: F) -> Result<T, E>
    where
        T: CacheValue,
        R: Rules<T>,
        E: Send + 'static,
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
    {
        let load = Arc::new(load);
        self.begin::<Fallible<T, E>>().refresh(|| self.again(&load)).load(load()).await
    }

    /// The same read in a task of its own.
    fn again<T, E, F, Fut>(
        &self,
        load: &Arc<F>,
    ) -> impl Future<Output = ()> + Send + use<R, T, E, F, Fut>
    where
        T: CacheValue,
        R: Rules<T>,
        E: Send + 'static,
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
    {
        let (cache, load) = (self.cache.clone(), load.clone());
        let (key, site) = (self.key.clone(), self.site.clone());
        let (ttl, tags, rules) = (self.ttl, self.tags.clone(), self.rules.clone());
        async move {
            let again = ReadBuilder { cache: &cache, key, site, ttl, tags, rules };
            // An error leaves the stale value as it is; the next read tries again.
            let _ = again.or_load(|| load()).await;
        }
    }

    fn begin<O: Outcome>(&self) -> Read<'_, O>
    where
        O::Value: CacheValue,
        R: Rules<O::Value>,
    {
        let engine = EngineRef::Borrowed(&self.cache.engine);
        let mut read = Read::<O>::begin(engine, &self.site, self.key.as_str().into()).ttl(self.ttl);
        for tag in &self.tags {
            read = read.tag(|k: &mut KeyBuf| {
                k.rendered(tag);
            });
        }
        self.rules.apply(read)
    }
}

/// How many bytes a value takes as a JSON payload: what `local_bytes` counts, besides keys and headers.
pub fn payload_len<T: CacheValue>(value: &T) -> u64 {
    codec::encoded_len(value)
}
