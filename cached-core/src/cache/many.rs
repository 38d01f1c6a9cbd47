//! Reads of many keys at once, without the macros.

use super::Cache;
use crate::codec::CacheValue;
use crate::engine::EngineRef;
use crate::key::{Key, KeyBuf};
use crate::outcome::Fallible;
use crate::read::{Batch, BatchMap};
use crate::site::Site;
use crate::ttl::Ttl;
use std::future::Future;

type OfId<I> = Box<dyn Fn(&I) -> Key + Send + Sync>;

/// A read of many keys that is being described; see [`Cache::read_many`].
#[must_use = "a read does nothing until it is loaded"]
pub struct ReadMany<'a, I> {
    cache: &'a Cache,
    ids: Vec<I>,
    key: OfId<I>,
    site: Site,
    ttl: Ttl,
    tags: Vec<OfId<I>>,
}

impl Cache {
    /// Describes a read-through of many keys at once, each with an entry of its own: that of [`Cache::read`] with its key.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use cached_core::{Cache, key};
    /// use std::collections::HashMap;
    /// let cache = Cache::builder().build().unwrap();
    /// cache.set("course:1", "one".to_owned(), cached_core::Ttl::DAY).await;
    /// let read = cache.read_many([1, 2], |id| key!("course:<id>"));
    /// let load = |missing: Vec<u32>| async move {
    ///     assert_eq!(missing, [2]);
    ///     Ok::<_, std::io::Error>(HashMap::from([(2, "two".to_owned())]))
    /// };
    /// let courses = read.or_load(load).await.unwrap();
    /// assert_eq!((&*courses[&1], &*courses[&2]), ("one", "two"));
    /// # }
    /// ```
    pub fn read_many<I>(
        &self,
        ids: impl IntoIterator<Item = I>,
        key: impl Fn(&I) -> Key + Send + Sync + 'static,
    ) -> ReadMany<'_, I> {
        ReadMany {
            cache: self,
            ids: ids.into_iter().collect(),
            key: Box::new(key),
            site: Site::new("", "", ""),
            ttl: Ttl::MEDIUM,
            tags: Vec::new(),
        }
    }
}

impl<I> ReadMany<'_, I> {
    /// The entries' lifetime. Medium unless said otherwise.
    pub fn ttl(mut self, ttl: impl Into<Ttl>) -> Self {
        self.ttl = ttl.into();
        self
    }

    /// A tag of each entry, by its id.
    pub fn tag(mut self, tag: impl Fn(&I) -> Key + Send + Sync + 'static) -> Self {
        self.tags.push(Box::new(tag));
        self
    }

    /// No local copies.
    pub fn local_off(mut self) -> Self {
        self.site = self.site.local_off();
        self
    }

    /// No remote entries.
    pub fn remote_off(mut self) -> Self {
        self.site = self.site.remote_off();
        self
    }

    /// Gives the cached values, and those that are loaded, at most once and at once, for the ids that are missing. An id
    /// that the load returns nothing for is not in the result, and not stored; neither is an error.
    ///
    /// # Errors
    /// The loader's own.
    ///
    /// # Cancel safety
    /// Dropping the future drops the load. Callers that wait for one of its keys go on, and load that.
    pub async fn or_load<M, E, F, Fut>(self, load: F) -> Result<M, E>
    where
        M: BatchMap<Id = I, Value: CacheValue>,
        F: FnOnce(Vec<I>) -> Fut,
        Fut: Future<Output = Result<M, E>>,
    {
        let Self { cache, ids, key, site, ttl, tags } = self;
        let engine = EngineRef::Borrowed(&cache.engine);
        let write = |id: &I, k: &mut KeyBuf| {
            k.rendered(&key(id));
        };
        let mut batch = Batch::<Fallible<M, E>>::begin(engine, &site, ids, write).ttl(ttl);
        for tag in &tags {
            batch = batch.tag(|id, k| {
                k.rendered(&tag(id));
            });
        }
        batch.load(load).await
    }
}
