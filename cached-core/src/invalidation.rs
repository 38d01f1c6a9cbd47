//! The `Invalidation` value: which keys, tags and patterns are no longer true. Applying it is `write`'s work.

mod collector;
mod json;

pub use collector::{Collector, Collects, Gather};

use crate::key::{Key, Pattern};
use crate::site::Named;
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// A set of targets whose cached values are no longer true.
///
/// Events name what they invalidate once:
///
/// ```
/// use cached_core::{Invalidation, key};
/// fn course_changed(id: u64) -> Invalidation {
///     Invalidation::new().key(key!("course:<id>")).tag("courses").pattern(key!("dashboard:*"))
/// }
/// # let _ = course_changed(1);
/// ```
#[derive(Clone, Default, Debug)]
#[must_use = "an invalidation does nothing until it is applied"]
pub struct Invalidation {
    pub(crate) keys: Vec<Key>,
    pub(crate) tags: Vec<Key>,
    pub(crate) patterns: Vec<Pattern>,
    pub(crate) everything: bool,
    /// Keys of cached functions, each in its function's cache, which need not be the one that this is applied to.
    pub(crate) elsewhere: Vec<Target>,
}

impl Invalidation {
    /// An invalidation of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one key.
    pub fn key(mut self, key: impl Into<Key>) -> Self {
        self.keys.push(key.into());
        self
    }

    /// Adds every entry that carries a tag.
    pub fn tag(mut self, tag: impl Into<Key>) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// Adds every key that matches. A pattern without wildcard is its one key and costs no scan.
    pub fn pattern(mut self, pattern: Pattern) -> Self {
        match pattern.exact() {
            Some(key) => self.keys.push(Key::verbatim(key)),
            None => self.patterns.push(pattern),
        }
        self
    }

    /// Adds every entry of the namespace.
    pub fn everything(mut self) -> Self {
        self.everything = true;
        self
    }

    /// Adds the targets of another invalidation.
    pub fn and(mut self, other: Self) -> Self {
        self.keys.extend(other.keys);
        self.tags.extend(other.tags);
        self.patterns.extend(other.patterns);
        self.everything |= other.everything;
        self.elsewhere.extend(other.elsewhere);
        self
    }

    /// Whether it has no target at all.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
            && self.tags.is_empty()
            && self.patterns.is_empty()
            && !self.everything
            && self.elsewhere.is_empty()
    }

    /// The keys, in the order in which they were added.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(Key::as_str)
    }

    /// The tags, in the order in which they were added.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.tags.iter().map(Key::as_str)
    }

    /// The patterns with wildcards, in the order in which they were added.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.patterns.iter().map(Pattern::as_str)
    }

    /// Whether every entry of the namespace is meant.
    pub fn is_everything(&self) -> bool {
        self.everything
    }

    /// What [`to_json`](Self::to_json) leaves out.
    #[doc(hidden)]
    pub fn left_out(&self) -> Self {
        Self { elsewhere: self.elsewhere.clone(), ..Self::new() }
    }

    /// Adds the target of a bare call in `#[invalidates]`: a key in the cache of the function that it names.
    #[doc(hidden)]
    pub fn target(mut self, target: Target) -> Self {
        self.elsewhere.push(target);
        self
    }
}

impl Named for Invalidation {
    fn keys(&self) -> impl Iterator<Item = &str> {
        // Those of bare calls too, whatever cache they are in.
        let elsewhere = self.elsewhere.iter().map(|target| target.key.as_str());
        self.keys().chain(elsewhere)
    }
    fn tags(&self) -> impl Iterator<Item = &str> {
        self.tags()
    }
    fn patterns(&self) -> impl Iterator<Item = &str> {
        self.patterns()
    }
    fn is_everything(&self) -> bool {
        self.everything
    }
}

/// What a cached function's companion gives: the key, and the function's cache.
#[doc(hidden)]
#[derive(Clone)]
pub struct Target {
    /// The cache's inside; this floor does not know it.
    pub(crate) cache: Arc<dyn Any + Send + Sync>,
    pub(crate) key: Key,
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({})", self.key)
    }
}
