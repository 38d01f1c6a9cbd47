//! What the local tier keeps per key, and the shapes under which its map stores and finds it.

use crate::sync::AtomicU64;
use quick_cache::{Equivalent, Weighter};
use std::any::Any;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

/// A moment in the order of invalidations. Ticks start at 1.
pub(crate) type Tick = u64;

/// What the serving rule needs to know of an entry.
pub(crate) struct Meta {
    /// The tick at which its read or load began.
    pub(crate) start: Tick,
    /// The latest tag or pattern invalidation that it is known to have survived; 0 until it is confirmed.
    pub(crate) verified: AtomicU64,
    /// When its read or load began, on the cache's clock.
    pub(crate) began: u64,
    /// When this copy stops being served, on the cache's clock.
    pub(crate) expires: u64,
    /// When the value's own lifetime ends; not before `expires`.
    pub(crate) fresh_until: u64,
    /// When it is of no use even to reads that take stale values; not before `fresh_until`.
    pub(crate) stale_until: u64,
    /// What its load cost, in milliseconds.
    pub(crate) cost_ms: f64,
    /// The version of the value's meaning.
    pub(crate) schema: u32,
    pub(crate) tags: Box<[Arc<str>]>,
    pub(crate) weight: u64,
}

/// A value and its facts, in one allocation.
pub(crate) struct Entry<T> {
    pub(crate) meta: Meta,
    pub(crate) value: T,
}

/// An entry whose value's type is not known here.
pub(crate) trait AnyEntry: Any + Send + Sync {
    fn meta(&self) -> &Meta;
}

/// What the map holds.
pub(super) type Value = Arc<dyn AnyEntry>;

impl dyn AnyEntry {
    /// The entry as one of a type, if it is: one comparison of type ids.
    #[inline]
    pub(crate) fn downcast<T: Send + Sync + 'static>(self: Arc<Self>) -> Option<Arc<Entry<T>>> {
        let any: Arc<dyn Any + Send + Sync> = self;
        any.downcast().ok()
    }
}

impl<T: Send + Sync + 'static> AnyEntry for Entry<T> {
    #[inline]
    fn meta(&self) -> &Meta {
        &self.meta
    }
}

/// A stored key with its hash, so that growing the map hashes nothing anew.
pub(super) struct LocalKey {
    hash: u64,
    text: Text,
}

/// Most keys are short, and stand in the map's own slot: to compare one is not to fetch memory from elsewhere.
enum Text {
    Short(u8, [u8; SHORT]),
    Long(Box<[u8]>),
}

const SHORT: usize = 54;

impl LocalKey {
    pub(super) fn new(hash: u64, key: &str) -> Self {
        let mut short = [0; SHORT];
        let text = match (u8::try_from(key.len()), short.get_mut(..key.len())) {
            (Ok(len), Some(place)) => {
                place.copy_from_slice(key.as_bytes());
                Text::Short(len, short)
            }
            _ => Text::Long(key.as_bytes().into()),
        };
        Self { hash, text }
    }

    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        match &self.text {
            Text::Short(len, bytes) => bytes.get(..usize::from(*len)).unwrap_or_default(),
            Text::Long(bytes) => bytes,
        }
    }
}

impl PartialEq for LocalKey {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Eq for LocalKey {}

impl Hash for LocalKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

/// A key that is looked for.
pub(super) struct Lookup<'a> {
    pub(super) hash: u64,
    pub(super) key: &'a [u8],
}

impl Hash for Lookup<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl Equivalent<LocalKey> for Lookup<'_> {
    fn equivalent(&self, stored: &LocalKey) -> bool {
        self.hash == stored.hash && self.key == stored.bytes()
    }
}

/// Keys bring their hash: the map's hasher hands it through.
#[derive(Clone, Copy)]
pub(super) struct PassThrough;

#[derive(Default)]
pub(super) struct Passed(u64);

impl BuildHasher for PassThrough {
    type Hasher = Passed;
    fn build_hasher(&self) -> Passed {
        Passed(0)
    }
}

impl Hasher for Passed {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        // Only `write_u64` is called by the keys above; this keeps any other use correct, if slow.
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// An entry weighs its share of the tier's capacity.
#[derive(Clone)]
pub(super) struct ShareOf;

impl Weighter<LocalKey, Arc<dyn AnyEntry>> for ShareOf {
    fn weight(&self, _: &LocalKey, entry: &Arc<dyn AnyEntry>) -> u64 {
        entry.meta().weight
    }
}
