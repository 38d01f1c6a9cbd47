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

    /// How often the function ran.
    pub(crate) fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    /// The cached functions that the event was seen to invalidate, as places in [`super::reads`].
    pub(crate) fn learnt(&self) -> Vec<usize> {
        self.learnt.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect()
    }
}
