//! Sets of targets that merge: adding what is there already costs nothing, and too many, or too long ones, widen to
//! everything.

use crate::invalidation::Invalidation;
use crate::key::{Key, Pattern};
use crate::remote::Bound;
use std::collections::HashSet;

/// More targets than this widen to the whole namespace: nothing is dropped.
const MAX_TARGETS: usize = 10_000;

#[derive(Default, Clone)]
pub(super) struct Targets {
    pub(super) keys: HashSet<Key>,
    pub(super) tags: HashSet<Key>,
    pub(super) patterns: HashSet<Pattern>,
    pub(super) everything: bool,
}

impl Targets {
    /// What is removed by name, and what is looked for: together with the names, which are removed again then. A value
    /// that was loaded in between under one of these names may rest on what is still looked for.
    pub(super) fn split(what: &Invalidation) -> [Self; 2] {
        let named = Self {
            keys: what.keys.iter().cloned().collect(),
            tags: what.tags.iter().cloned().collect(),
            ..Self::default()
        };
        if what.patterns.is_empty() && !what.everything {
            return [named, Self::default()];
        }
        let swept = Self {
            patterns: what.patterns.iter().cloned().collect(),
            everything: what.everything,
            ..named.clone()
        };
        [named, swept]
    }

    /// Adds others'; those that are too long for a request widen too.
    pub(super) fn merge(&mut self, other: Self, bound: Option<Bound>) {
        self.everything |= other.everything;
        self.keys.extend(other.keys);
        self.tags.extend(other.tags);
        self.patterns.extend(other.patterns);
        let is_long = bound.is_some_and(|bound| self.bytes(bound.around) > bound.bytes);
        if self.everything || self.len() > MAX_TARGETS || is_long {
            *self = Self { everything: true, ..Self::default() };
        }
    }

    pub(super) fn len(&self) -> usize {
        usize::from(self.everything) + self.keys.len() + self.tags.len() + self.patterns.len()
    }

    /// The bytes of a request with all names.
    fn bytes(&self, around: usize) -> usize {
        let keys = self.keys.iter().chain(&self.tags).map(|key| key.as_str().len());
        let names = keys.chain(self.patterns.iter().map(|pattern| pattern.as_str().len()));
        names.map(|length| 2 * length + around).sum()
    }

    pub(super) fn affect(&self, key: &Key, tags: &[Key]) -> bool {
        self.everything
            || self.keys.contains(key)
            || tags.iter().any(|tag| self.tags.contains(tag))
            || self.patterns.iter().any(|pattern| pattern.matches(key.as_str()))
    }

    pub(super) fn invalidation(&self) -> Invalidation {
        let mut what = Invalidation::new();
        what.keys = self.keys.iter().cloned().collect();
        what.tags = self.tags.iter().cloned().collect();
        what.patterns = self.patterns.iter().cloned().collect();
        what.everything = self.everything;
        what
    }
}
