//! Reads of one key, without the macros.

use super::Cache;
use super::by_value::{ByValue, Rules};
use super::options::{options_by_value, read_options};
use crate::codec::{CacheValue, Codec};
use crate::engine::EngineRef;
use crate::key::{Key, KeyBuf};
use crate::outcome::{Fallible, Outcome};
use crate::read::Read;
use crate::site::Site;
use crate::ttl::Ttl;
use std::future::Future;
use std::sync::Arc;

/// In place of which errors a stale value is served.
pub(super) type Accept<E> = Arc<dyn Fn(&E) -> bool + Send + Sync>;

/// A read that is being described; see [`Cache::read`].
#[must_use = "a read does nothing until it is loaded"]
pub struct ReadBuilder<'a, R = ()> {
    cache: &'a Cache,
    key: Key,
    pub(super) site: Site,
    ttl: Ttl,
    codec: Option<Codec>,
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
            codec: None,
            tags: Vec::new(),
            rules: (),
        }
    }
}

impl<R> ReadBuilder<'_, R> {
    read_options!();

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
        let begun = self.begin::<Fallible<T, E>>().refresh(|| self.again(&load, None));
        // Not called where the cache answers: what it does before its future is polled is a part of the load.
        begun.load(async { load().await }).await
    }

    /// The same read in a task of its own.
    pub(super) fn again<T, E, F, Fut>(
        &self,
        load: &Arc<F>,
        stale_if: Option<Accept<E>>,
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
        let (ttl, codec) = (self.ttl, self.codec);
        let (tags, rules) = (self.tags.clone(), self.rules.clone());
        async move {
            let again = ReadBuilder { cache: &cache, key, site, ttl, codec, tags, rules };
            // An error leaves the stale value as it is; the next read tries again.
            let _ = again.begin_if(stale_if.as_ref()).load(async { load().await }).await;
        }
    }

    /// A read in place of whose errors a stale value is served, if it accepts them.
    pub(super) fn begin_if<'r, T: CacheValue, E>(
        &'r self,
        stale_if: Option<&'r Accept<E>>,
    ) -> Read<'r, Fallible<T, E>>
    where
        R: Rules<T>,
    {
        let begun = self.begin();
        match stale_if {
            Some(accept) => begun.stale_if(&**accept),
            None => begun,
        }
    }

    fn begin<O: Outcome>(&self) -> Read<'_, O>
    where
        O::Value: CacheValue,
        R: Rules<O::Value>,
    {
        let engine = EngineRef::Borrowed(&self.cache.engine);
        let mut read = Read::<O>::begin(engine, &self.site, self.key.as_str().into()).ttl(self.ttl);
        if let Some(codec) = self.codec {
            read = read.codec(codec);
        }
        for tag in &self.tags {
            read = read.tag(|k: &mut KeyBuf| {
                k.rendered(tag);
            });
        }
        self.rules.apply(read)
    }
}

impl<'a> ReadBuilder<'a> {
    /// The entry's lifetime, by the value that was loaded.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use cached_core::{Cache, Ttl};
    /// let cache = Cache::builder().build().unwrap();
    /// let read = cache.read("course:7").ttl_with(|found: &Option<u32>| match found {
    ///     Some(_) => Ttl::LONG,
    ///     None => Ttl::SHORT,
    /// });
    /// let found = read.or_load(|| async { Ok::<_, std::io::Error>(None::<u32>) }).await;
    /// assert_eq!(found.unwrap(), None);
    /// # }
    /// ```
    pub fn ttl_with<T, W: Into<Ttl>>(
        self,
        ttl: impl Fn(&T) -> W + Send + Sync + 'static,
    ) -> ReadBuilder<'a, ByValue<T>> {
        self.by_value().ttl_with(ttl)
    }

    /// Stores only values that a function accepts.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use cached_core::Cache;
    /// let cache = Cache::builder().build().unwrap();
    /// let read = cache.read("found:rust").cache_if(|found: &Vec<u32>| !found.is_empty());
    /// let found = read.or_load(|| async { Ok::<_, std::io::Error>(Vec::new()) }).await;
    /// assert!(found.unwrap().is_empty());
    /// assert_eq!(cache.get::<Vec<u32>>("found:rust").await, None);
    /// # }
    /// ```
    pub fn cache_if<T>(
        self,
        accept: impl Fn(&T) -> bool + Send + Sync + 'static,
    ) -> ReadBuilder<'a, ByValue<T>> {
        self.by_value().cache_if(accept)
    }

    fn by_value<T>(self) -> ReadBuilder<'a, ByValue<T>> {
        let Self { cache, key, site, ttl, codec, tags, rules: () } = self;
        ReadBuilder { cache, key, site, ttl, codec, tags, rules: ByValue::none() }
    }
}

impl<T> ReadBuilder<'_, ByValue<T>> {
    options_by_value!(T);
}
