//! The facts of one annotated function that are known when it is compiled, and the list of all such functions.

mod linked;
mod met;
mod write;

pub use linked::{Linked, submit};
pub(crate) use linked::{reads, writes};
pub(crate) use met::Named;
pub use write::WriteSite;

use crate::ttl::Ttl;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// What is known of an annotated function at compile time.
#[derive(Debug, Clone)]
pub struct Site {
    pub(crate) function: &'static str,
    pub(crate) module: &'static str,
    pub(crate) template: &'static str,
    pub(crate) tags: &'static [&'static str],
    pub(crate) place: Place,
    /// The expression of a lifetime that is computed at each call.
    pub(crate) computed_ttl: Option<&'static str>,
    /// The expression of the cache, where it is not the current one.
    pub(crate) cache: Option<&'static str>,
    pub(crate) index: Index,
    pub(crate) ttl: Ttl,
    pub(crate) local: Keep,
    pub(crate) none: Keep,
    pub(crate) remote: bool,
    pub(crate) version: u32,
    pub(crate) stale_while_revalidate: Option<Ttl>,
    pub(crate) stale_if_error: Option<Ttl>,
    pub(crate) early_refresh: bool,
    pub(crate) timeout: Option<Duration>,
    pub(crate) batch: bool,
}

/// Where a function stands in its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) file: &'static str,
    pub(crate) line: u32,
}

/// Which of the linked functions this is, counted from 1; 0 for a read without the macros, and before the functions
/// were counted.
#[derive(Debug)]
pub(crate) struct Index(AtomicU32);

impl Index {
    #[inline]
    pub(crate) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed) as usize
    }
}

impl Clone for Index {
    fn clone(&self) -> Self {
        Self(AtomicU32::new(self.0.load(Ordering::Relaxed)))
    }
}

/// Whether and how long something is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// As long as the entry's own lifetime.
    Entry,
    /// No longer than this.
    AtMost(Ttl),
    /// Not at all.
    No,
}

impl Site {
    /// A function with everything at its default: medium lifetime, both tiers.
    pub const fn new(function: &'static str, module: &'static str, template: &'static str) -> Self {
        Self {
            function,
            module,
            template,
            tags: &[],
            place: Place { file: "", line: 0 },
            computed_ttl: None,
            cache: None,
            index: Index(AtomicU32::new(0)),
            ttl: Ttl::MEDIUM,
            local: Keep::Entry,
            none: Keep::Entry,
            remote: true,
            version: 0,
            stale_while_revalidate: None,
            stale_if_error: None,
            early_refresh: false,
            timeout: None,
            batch: false,
        }
    }

    /// Where the function stands.
    pub const fn at(mut self, file: &'static str, line: u32) -> Self {
        self.place = Place { file, line };
        self
    }

    /// The lifetime as it is written, where it is computed at each call.
    pub const fn computed_ttl(mut self, expression: &'static str) -> Self {
        self.computed_ttl = Some(expression);
        self
    }

    /// The cache as it is written, where it is not the current one.
    pub const fn cache(mut self, expression: &'static str) -> Self {
        self.cache = Some(expression);
        self
    }

    /// The lifetime of entries.
    pub const fn ttl(mut self, ttl: Ttl) -> Self {
        self.ttl = ttl;
        self
    }

    /// The longest life of a local copy.
    pub const fn local_ttl(mut self, ttl: Ttl) -> Self {
        self.local = Keep::AtMost(ttl);
        self
    }

    /// No local copy.
    pub const fn local_off(mut self) -> Self {
        self.local = Keep::No;
        self
    }

    /// No remote entry.
    pub const fn remote_off(mut self) -> Self {
        self.remote = false;
        self
    }

    /// The lifetime of `None`.
    pub const fn none_ttl(mut self, ttl: Ttl) -> Self {
        self.none = Keep::AtMost(ttl);
        self
    }

    /// `None` is not stored.
    pub const fn none_off(mut self) -> Self {
        self.none = Keep::No;
        self
    }

    /// The schema version of the value: entries of another are misses.
    pub const fn version(mut self, version: u32) -> Self {
        self.version = version;
        self
    }

    /// For how long after its lifetime a value is served while it is loaded anew in the background (RFC 5861).
    pub const fn stale_while_revalidate(mut self, window: Ttl) -> Self {
        self.stale_while_revalidate = Some(window);
        self
    }

    /// For how long after its lifetime a value is served in place of an error (RFC 5861).
    pub const fn stale_if_error(mut self, window: Ttl) -> Self {
        self.stale_if_error = Some(window);
        self
    }

    /// Loads anew a little before the lifetime ends, the earlier the dearer the load (XFetch, Vattani et al. 2015).
    pub const fn early_refresh(mut self) -> Self {
        self.early_refresh = true;
        self
    }

    /// How long a load is waited for, in milliseconds.
    pub const fn timeout(mut self, millis: u64) -> Self {
        self.timeout = Some(Duration::from_millis(millis));
        self
    }

    /// Many keys at once.
    pub const fn batch(mut self) -> Self {
        self.batch = true;
        self
    }

    /// The tags' templates.
    pub const fn tags(mut self, tags: &'static [&'static str]) -> Self {
        self.tags = tags;
        self
    }
}
