//! What a read is to do with a value that it had to load: how long to keep it, under which tags, and whether.

use crate::codec::Codec;
use crate::key::Key;
use crate::local::Entry;
use crate::scope::Wish;
use crate::site::{Keep, Site};
use crate::ttl::{Tiers, Ttl};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

type ByValue<'a, T, R> = Box<dyn Fn(&T) -> R + Send + Sync + 'a>;
/// Whether an error is one that a stale value is served in place of.
pub(super) type StaleIf<'a, E> = Box<dyn Fn(&E) -> bool + Send + Sync + 'a>;
type LateTags<'a, T> = Box<dyn Fn(&T, &mut Vec<Key>) + Send + Sync + 'a>;

/// A task that loads the key anew, owning all that it needs.
pub(crate) type Refresh = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What an early load need not fail for: the value at hand is fresh yet.
pub(super) struct Early<T> {
    pub(super) at_hand: Arc<Entry<T>>,
    /// How long before its end this caller refreshes a value, in milliseconds. A value that lives longer is served.
    pub(super) ahead_ms: f64,
}

pub(crate) struct Plan<'a, T> {
    pub(crate) wish: Wish,
    /// A fresh value, which this read loads anew before its lifetime ends.
    pub(super) early: Option<Early<T>>,
    pub(crate) ttl: Ttl,
    pub(crate) ttl_with: Option<ByValue<'a, T, Ttl>>,
    pub(crate) cache_if: Option<ByValue<'a, T, bool>>,
    pub(crate) is_none: Option<fn(&T) -> bool>,
    /// How the value is written in the remote tier, if not as the cache writes.
    pub(crate) codec: Option<Codec>,
    pub(crate) tags: Vec<Key>,
    pub(crate) late_tags: Vec<LateTags<'a, T>>,
    /// Behind a mutex only so that the plan can be shared while it waits to be taken.
    pub(crate) refresh: Mutex<Option<Refresh>>,
}

impl<T> Plan<'_, T> {
    #[inline]
    pub(crate) fn new(ttl: Ttl, wish: Wish) -> Self {
        Self {
            wish,
            early: None,
            ttl,
            ttl_with: None,
            cache_if: None,
            is_none: None,
            codec: None,
            tags: Vec::new(),
            late_tags: Vec::new(),
            refresh: Mutex::new(None),
        }
    }

    /// How long a value is kept, in milliseconds; 0 if it is not.
    pub(crate) fn lifetime(&self, value: &T, site: &Site, tiers: &Tiers) -> u64 {
        if self.cache_if.as_ref().is_some_and(|accept| !accept(value)) {
            return 0;
        }
        let ttl = self.ttl_with.as_ref().map_or(self.ttl, |ttl| ttl(value));
        let millis = tiers.millis(ttl);
        match site.none {
            Keep::No if self.is(value) => 0,
            Keep::AtMost(none) if self.is(value) => tiers.millis(none).min(millis),
            _ => millis,
        }
    }

    fn is(&self, value: &T) -> bool {
        self.is_none.is_some_and(|is_none| is_none(value))
    }

    /// Whether there is a background task.
    pub(crate) fn has_refresh(&self) -> bool {
        self.refresh.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// The background task, once.
    pub(crate) fn take_refresh(&self) -> Option<Refresh> {
        self.refresh.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The tags that depend on the value, each once.
    pub(crate) fn late_tags(&self, value: &T) -> Vec<Key> {
        let mut tags = Vec::new();
        self.late_tags.iter().for_each(|add| add(value, &mut tags));
        tags.sort_unstable();
        tags.dedup();
        tags
    }
}
