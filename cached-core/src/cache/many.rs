//! Reads of many keys at once, without the macros.

use super::Cache;
use super::by_value::{ByValue, Rules};
use super::options::{options_by_value, read_options};
use crate::codec::{CacheValue, Codec};
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
pub struct ReadMany<'a, I, R = ()> {
    cache: &'a Cache,
    ids: Vec<I>,
    key: OfId<I>,
    site: Site,
    ttl: Ttl,
    codec: Option<Codec>,
    tags: Vec<OfId<I>>,
    rules: R,
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
            codec: None,
            tags: Vec::new(),
            rules: (),
        }
    }
}

impl<'a, I> ReadMany<'a, I> {
    /// Each entry's lifetime, by the value that was loaded.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use cached_core::{Cache, Ttl, key};
    /// use std::collections::HashMap;
    /// let cache = Cache::builder().build().unwrap();
    /// let read = cache.read_many([1_u32, 2], |id| key!("seats:<id>"));
    /// let read = read.ttl_with(|left: &u32| if *left < 10 { Ttl::SHORT } else { Ttl::LONG });
    /// let seats: HashMap<u32, u32> =
    ///     read.or_load(|ids| async { Ok::<_, std::io::Error>(ids.into_iter().map(|id| (id, 7)).collect()) }).await.unwrap();
    /// assert_eq!(seats[&2], 7);
    /// # }
    /// ```
    pub fn ttl_with<T, W: Into<Ttl>>(
        self,
        ttl: impl Fn(&T) -> W + Send + Sync + 'static,
    ) -> ReadMany<'a, I, ByValue<T>> {
        self.by_value().ttl_with(ttl)
    }

    /// Stores only values that a function accepts.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use cached_core::{Cache, key};
    /// use std::collections::HashMap;
    /// let cache = Cache::builder().build().unwrap();
    /// let read = cache.read_many([1_u32, 2], |id| key!("seats:<id>")).cache_if(|left: &u32| *left > 0);
    /// let seats: HashMap<u32, u32> =
    ///     read.or_load(|_| async { Ok::<_, std::io::Error>(HashMap::from([(1, 0), (2, 7)])) }).await.unwrap();
    /// assert_eq!(seats.len(), 2);
    /// assert_eq!(cache.get::<u32>("seats:1").await, None);
    /// assert_eq!(cache.get::<u32>("seats:2").await, Some(7));
    /// # }
    /// ```
    pub fn cache_if<T>(
        self,
        accept: impl Fn(&T) -> bool + Send + Sync + 'static,
    ) -> ReadMany<'a, I, ByValue<T>> {
        self.by_value().cache_if(accept)
    }

    fn by_value<T>(self) -> ReadMany<'a, I, ByValue<T>> {
        let Self { cache, ids, key, site, ttl, codec, tags, rules: () } = self;
        ReadMany { cache, ids, key, site, ttl, codec, tags, rules: ByValue::none() }
    }
}

impl<I, T> ReadMany<'_, I, ByValue<T>> {
    options_by_value!(T);
}

impl<I, R> ReadMany<'_, I, R> {
    read_options!();

    /// A tag of each entry, by its id.
    pub fn tag(mut self, tag: impl Fn(&I) -> Key + Send + Sync + 'static) -> Self {
        self.tags.push(Box::new(tag));
        self
    }

    /// Gives the cached values, and those that are loaded, at most once and at once, for the ids that are missing. An id
    /// that the load returns nothing for is not in the result, and not stored; neither is an error.
    ///
    /// Ids that share a key share its entry: the load gets the first of them, whose tags are the entry's, and each gets
    /// its value.
    ///
    /// # Errors
    /// The loader's own.
    ///
    /// # Cancel safety
    /// Dropping the future drops the load. Callers that wait for one of its keys go on, and load that.
    pub async fn or_load<M, E, F, Fut>(self, load: F) -> Result<M, E>
    where
        M: BatchMap<Id = I, Value: CacheValue>,
        R: Rules<M::Value>,
        F: FnOnce(Vec<I>) -> Fut,
        Fut: Future<Output = Result<M, E>>,
    {
        let Self { cache, ids, key, site, ttl, codec, tags, rules } = self;
        let engine = EngineRef::Borrowed(&cache.engine);
        let write = |id: &I, k: &mut KeyBuf| {
            k.rendered(&key(id));
        };
        let mut batch = Batch::<Fallible<M, E>>::begin(engine, &site, ids, write).ttl(ttl);
        if let Some(codec) = codec {
            batch = batch.codec(codec);
        }
        for tag in &tags {
            batch = batch.tag(|id, k| {
                k.rendered(&tag(id));
            });
        }
        rules.apply_to_each(batch).load(load).await
    }
}
