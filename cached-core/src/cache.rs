//! `Cache`: the handle that applications hold. Reads without the macros are described in `one`, `fallible` and `many`.

mod by_value;
mod fallible;
mod many;
mod observe;
mod one;
mod options;

pub use by_value::{ByValue, Rules};
pub use fallible::FallibleRead;
pub use many::ReadMany;
pub use observe::{Health, RemoteHealth};
pub use one::ReadBuilder;

use crate::codec::{self, CacheValue};
use crate::engine::Engine;
use crate::invalidation::Invalidation;
use crate::key::{Key, Pattern};
use crate::ttl::Ttl;
use crate::write::{self, Delivery, Handed};
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

impl Cache {
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

    /// As [`invalidate`](Self::invalidate); what is queued can be looked at later.
    ///
    /// # Cancel safety
    /// From its first poll on, the invalidation happens.
    #[doc(hidden)]
    pub async fn hand_over(&self, invalidation: Invalidation) -> Handed {
        write::hand_over(&self.engine, invalidation).await
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

/// How many bytes a value takes as a JSON payload: what `local_bytes` counts, besides keys and headers.
pub fn payload_len<T: CacheValue>(value: &T) -> u64 {
    codec::encoded_len(value)
}
