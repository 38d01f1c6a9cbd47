//! What the history says of each key: its versions, the loads that saw them, and what covers it.

use std::collections::HashMap;

use super::glob;
use crate::history::{Action, Operation, Outcome, Target};

/// The targets of all invalidations, numbered.
#[derive(Debug, Default)]
pub(super) struct Targets<'a> {
    keys: HashMap<&'a str, usize>,
    tags: HashMap<&'a str, usize>,
    patterns: HashMap<&'a str, usize>,
    all: Option<usize>,
    count: usize,
}

impl<'a> Targets<'a> {
    /// The number of a target; a new one if it is new.
    pub(super) fn number(&mut self, target: &'a Target) -> usize {
        let next = self.count;
        let number = match target {
            Target::Key(key) => *self.keys.entry(key).or_insert(next),
            Target::Tag(tag) => *self.tags.entry(tag).or_insert(next),
            Target::Pattern(pattern) => *self.patterns.entry(pattern).or_insert(next),
            Target::All => *self.all.get_or_insert(next),
        };
        self.count += usize::from(number == next);
        number
    }

    /// The number of a key as a target; a new one if it is new.
    pub(super) fn number_of_key(&mut self, key: &'a str) -> usize {
        let next = self.count;
        let number = *self.keys.entry(key).or_insert(next);
        self.count += usize::from(number == next);
        number
    }

    /// The tags that are the target of some invalidation.
    pub(super) fn of_tags<'t>(
        &self,
        tags: &'t [String],
    ) -> impl Iterator<Item = usize> + use<'_, 't, 'a> {
        tags.iter().filter_map(|tag| self.tags.get(tag.as_str()).copied())
    }

    /// What covers a key whatever its tags are.
    fn of_key(&self, key: &str) -> Vec<usize> {
        let patterns = self.patterns.iter().filter(|(pattern, _)| glob::matches(pattern, key));
        let one = self.keys.get(key).into_iter().chain(self.all.as_ref()).copied();
        one.chain(patterns.map(|(_, number)| *number)).collect()
    }
}

/// One key.
#[derive(Debug, Default)]
pub(super) struct Key {
    /// What covers it whatever its tags are.
    pub(super) targets: Vec<usize>,
    /// Its loads, in the order in which they began.
    pub(super) loads: Vec<usize>,
    versions: HashMap<u64, Version>,
    /// Versions from the oldest, each with the earliest end of a write of it or of a newer one.
    commits: Vec<Commit>,
}

/// One version of a key.
#[derive(Debug, Default)]
pub(super) struct Version {
    /// The tags that it was loaded with, as targets.
    pub(super) tags: Vec<usize>,
    /// The loads that saw it and what put it: when they began.
    sources: Vec<(u64, usize)>,
}

impl Version {
    /// The last load or put that can have brought it to a read that ended then.
    pub(super) fn last_source_before(&self, moment: u64) -> Option<usize> {
        let end = self.sources.partition_point(|(started, _)| *started <= moment);
        Some(self.sources.get(end.checked_sub(1)?)?.1)
    }
}

#[derive(Debug, Clone, Copy)]
struct Commit {
    version: u64,
    ended: u64,
    operation: usize,
}

impl Key {
    pub(super) fn version(&self, version: u64) -> Option<&Version> {
        self.versions.get(&version)
    }

    /// When the first version newer than this one was surely committed, and its write.
    pub(super) fn outdated(&self, version: u64) -> Option<(u64, usize)> {
        let newer = self.commits.partition_point(|commit| commit.version <= version);
        self.commits.get(newer).map(|commit| (commit.ended, commit.operation))
    }
}

/// All keys that are loaded, read or written.
#[derive(Debug, Default)]
pub(super) struct Keys<'a> {
    numbers: HashMap<&'a str, usize>,
    keys: Vec<Key>,
}

impl<'a> Keys<'a> {
    pub(super) fn build(operations: &'a [Operation], targets: &Targets<'a>) -> Self {
        let mut this = Self::default();
        for (position, operation) in operations.iter().enumerate() {
            match &operation.action {
                Action::Load { key, version, tags } => {
                    let key = this.get_or_add(key, targets);
                    key.loads.push(position);
                    if let Some(version) = version {
                        let version = key.versions.entry(*version).or_default();
                        version.sources.push((operation.started, position));
                        for tag in targets.of_tags(tags) {
                            if !version.tags.contains(&tag) {
                                version.tags.push(tag);
                            }
                        }
                    }
                }
                Action::Put { key, version } => {
                    let version =
                        this.get_or_add(key, targets).versions.entry(*version).or_default();
                    version.sources.push((operation.started, position));
                }
                Action::Write { key, version } => {
                    let key = this.get_or_add(key, targets);
                    if let (Outcome::Ok, Some(ended)) = (operation.outcome, operation.ended) {
                        key.commits.push(Commit { version: *version, ended, operation: position });
                    }
                }
                Action::Read { key, .. } => {
                    this.get_or_add(key, targets);
                }
                Action::Invalidate { .. } | Action::Incident(_) | Action::Quiesce => {}
            }
        }
        for key in &mut this.keys {
            key.sort(operations);
        }
        this
    }

    fn get_or_add(&mut self, name: &'a str, targets: &Targets<'a>) -> &mut Key {
        let number = *self.numbers.entry(name).or_insert_with(|| {
            self.keys.push(Key { targets: targets.of_key(name), ..Key::default() });
            self.keys.len() - 1
        });
        &mut self.keys[number]
    }

    pub(super) fn get(&self, name: &str) -> Option<&Key> {
        self.numbers.get(name).map(|number| &self.keys[*number])
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter()
    }
}

impl Key {
    fn sort(&mut self, operations: &[Operation]) {
        self.loads.sort_by_key(|load| operations[*load].started);
        for version in self.versions.values_mut() {
            version.sources.sort_unstable();
        }
        self.commits.sort_by_key(|commit| commit.version);
        let mut earliest: Option<Commit> = None;
        for commit in self.commits.iter_mut().rev() {
            match earliest {
                Some(Commit { ended, operation, .. }) if ended <= commit.ended => {
                    (commit.ended, commit.operation) = (ended, operation);
                }
                _ => earliest = Some(*commit),
            }
        }
    }
}
