//! What is known of an invalidating function when it is compiled.

use super::Place;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// What is known of a function with `#[invalidates]`.
#[derive(Debug)]
pub struct WriteSite {
    pub(crate) function: &'static str,
    pub(crate) module: &'static str,
    pub(crate) place: Place,
    /// Bare calls, as paths: `Self::course`.
    pub(crate) calls: &'static [&'static str],
    pub(crate) keys: &'static [&'static str],
    pub(crate) tags: &'static [&'static str],
    pub(crate) patterns: &'static [&'static str],
    /// `with = EXPR`, as it is written.
    pub(crate) event: Option<&'static str>,
    /// `cache = EXPR`, as it is written.
    pub(crate) cache: Option<&'static str>,
    /// Whether it gathers in a transaction, whose pool has the cache.
    pub(crate) in_transaction: bool,
    pub(super) runs: AtomicU64,
    /// The cached functions that the event was seen to invalidate.
    pub(super) learnt: Mutex<BTreeSet<usize>>,
}

impl WriteSite {
    /// A function that invalidates nothing yet.
    pub const fn new(function: &'static str, module: &'static str) -> Self {
        Self {
            function,
            module,
            place: Place { file: "", line: 0 },
            calls: &[],
            keys: &[],
            tags: &[],
            patterns: &[],
            event: None,
            cache: None,
            in_transaction: false,
            runs: AtomicU64::new(0),
            learnt: Mutex::new(BTreeSet::new()),
        }
    }

    /// Where the function stands.
    pub const fn at(mut self, file: &'static str, line: u32) -> Self {
        self.place = Place { file, line };
        self
    }

    /// The cached functions that it names.
    pub const fn calls(mut self, calls: &'static [&'static str]) -> Self {
        self.calls = calls;
        self
    }

    /// The templates of keys.
    pub const fn keys(mut self, keys: &'static [&'static str]) -> Self {
        self.keys = keys;
        self
    }

    /// The templates of tags.
    pub const fn tags(mut self, tags: &'static [&'static str]) -> Self {
        self.tags = tags;
        self
    }

    /// The templates of patterns.
    pub const fn patterns(mut self, patterns: &'static [&'static str]) -> Self {
        self.patterns = patterns;
        self
    }

    /// The event, as it is written.
    pub const fn event(mut self, event: &'static str) -> Self {
        self.event = Some(event);
        self
    }

    /// The cache as it is written, where it is not the current one.
    pub const fn cache(mut self, expression: &'static str) -> Self {
        self.cache = Some(expression);
        self
    }

    /// It gathers in a transaction.
    pub const fn in_transaction(mut self) -> Self {
        self.in_transaction = true;
        self
    }

    /// How often the function ran.
    pub(crate) fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    /// The cached functions that the event was seen to invalidate, as places in [`super::reads`].
    pub(crate) fn learnt(&self) -> Vec<usize> {
        self.learnt.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect()
    }
}
