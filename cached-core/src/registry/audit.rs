//! What is wrong with the cache map: reads that nothing invalidates, templates that collide, targets that miss. How it is
//! said is in `warning`.

use super::functions::{InvalidatingFunction, Registry};
use super::map::{self, Edge, Via};
use super::warning::Warning;
use crate::key::Outline;
use std::fmt;

/// The cache map and its warnings.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Audit {
    /// What was looked at.
    pub registry: Registry,
    /// Which write invalidates which read.
    pub edges: Vec<Edge>,
    /// What is wrong, or looks so.
    pub warnings: Vec<Warning>,
}

impl Audit {
    /// Whether there is no warning.
    pub fn is_clean(&self) -> bool {
        self.warnings.is_empty()
    }
}

/// Looks over everything that is annotated in this program. For a test:
///
/// ```standalone_crate
/// let audit = cached_core::audit();
/// assert!(audit.is_clean(), "{audit}");
/// ```
///
/// [`Registry`] narrows what is looked at, tells what events invalidate, and excuses reads that are left to their
/// lifetime.
pub fn audit() -> Audit {
    Registry::linked().audit()
}

impl Registry {
    /// The cache map, and what is wrong with it.
    pub fn audit(self) -> Audit {
        look_over(self)
    }
}

fn look_over(registry: Registry) -> Audit {
    let edges = registry.edges();
    let mut warnings = shared_templates(&registry);
    warnings.extend(missing_targets(&registry));
    warnings.extend(other_caches(&registry, &edges));
    let unknown = unknown_events(&registry);
    if unknown.is_empty() {
        warnings.extend(never_invalidated(&registry, &edges));
        warnings.extend(idle_tags(&registry));
    }
    warnings.extend(unknown);
    Audit { registry, edges, warnings }
}

fn place(file: &str, line: u32) -> String {
    format!("{file}:{line}")
}

/// The names of placeholders do not count: `course:<id>` and `course:<slug>` give the same keys. Default keys tell types
/// and functions apart, which their templates do not show.
fn shared_templates(registry: &Registry) -> Vec<Warning> {
    let outlines: Vec<Outline> =
        registry.cached.iter().map(|read| Outline::of_template(read.template)).collect();
    let mut warnings = Vec::new();
    let named = registry.cached.iter().enumerate();
    for (at, second) in named.filter(|(_, read)| !read.template.starts_with(&read.path)) {
        // A batch shares its entries with the function that reads one id.
        let apart = |first: &usize| registry.cached[*first].batch == second.batch;
        let Some(first) = (0..at).find(|first| outlines[*first] == outlines[at] && apart(first))
        else {
            continue;
        };
        warnings.push(Warning::SharedTemplate {
            template: second.template.to_owned(),
            functions: [registry.cached[first].path.clone(), second.path.clone()],
            place: place(second.file, second.line),
        });
    }
    warnings
}

fn missing_targets(registry: &Registry) -> Vec<Warning> {
    let keys: Vec<Outline> =
        registry.cached.iter().map(|read| Outline::of_template(read.template)).collect();
    let tags: Vec<Outline> = registry
        .cached
        .iter()
        .flat_map(|read| &read.tags)
        .map(|tag| Outline::of_template(tag))
        .collect();
    let misses = |target: &str, among: &[Outline]| {
        let target = Outline::of_template(target);
        !among.iter().any(|outline| outline.meets(&target))
    };
    let mut warnings = Vec::new();
    for write in &registry.invalidating {
        let (function, place) = (|| write.path.clone(), || place(write.file, write.line));
        for pattern in write.patterns.iter().filter(|pattern| misses(pattern, &keys)) {
            let pattern = (*pattern).to_owned();
            warnings.push(Warning::PatternMatchesNothing {
                pattern,
                function: function(),
                place: place(),
            });
        }
        for key in write.keys.iter().filter(|key| misses(key, &keys)) {
            let key = (*key).to_owned();
            warnings.push(Warning::KeyMatchesNothing { key, function: function(), place: place() });
        }
        for tag in write.tags.iter().filter(|tag| misses(tag, &tags)) {
            let tag = (*tag).to_owned();
            warnings.push(Warning::TagMatchesNothing { tag, function: function(), place: place() });
        }
    }
    warnings
}

/// Targets that go to the current cache, while all that they meet is in one that is named; or the other way round. Of two that
/// are named the texts do not tell whether they are one.
fn other_caches(registry: &Registry, edges: &[Edge]) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for (at, write) in registry.invalidating.iter().enumerate() {
        // The transaction's pool has a cache.
        if write.in_transaction {
            continue;
        }
        let targets = write.keys.iter().chain(&write.tags).chain(&write.patterns);
        for target in targets {
            // A call goes to its function's cache.
            let by_target = |edge: &&Edge| {
                edge.write == at
                    && edge.text == *target
                    && !matches!(edge.via, Via::Call | Via::Event)
            };
            let mut met = edges.iter().filter(by_target).map(|edge| &registry.cached[edge.read]);
            let Some(read) = met.clone().next() else { continue };
            if met.all(|read| read.cache.is_some() != write.cache.is_some()) {
                warnings.push(Warning::OtherCache {
                    target: (*target).to_owned(),
                    function: write.path.clone(),
                    read: read.path.clone(),
                    cache: read.cache.map(str::to_owned),
                    place: place(write.file, write.line),
                });
            }
        }
    }
    warnings
}

fn unknown_events(registry: &Registry) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for (at, write) in registry.invalidating.iter().enumerate() {
        let Some(event) = write.event else { continue };
        let is_told = registry.events.iter().any(|(name, _)| map::names(event, name));
        if is_told || registry.learnt.get(at).is_some_and(|learnt| !learnt.is_empty()) {
            continue;
        }
        warnings.push(Warning::UnknownEvent {
            event: event.to_owned(),
            function: write.path.clone(),
            place: place(write.file, write.line),
        });
    }
    warnings
}

fn never_invalidated(registry: &Registry, edges: &[Edge]) -> Vec<Warning> {
    let clears: Vec<bool> =
        registry.invalidating.iter().map(|write| clears_all(registry, write)).collect();
    let reached = |at: usize| edges.iter().any(|edge| edge.read == at && !clears[edge.write]);
    let excused = |template: &str| registry.by_lifetime.iter().any(|excused| excused == template);
    let lonely = registry.cached.iter().enumerate();
    lonely
        .filter(|(at, read)| !reached(*at) && !excused(read.template))
        .map(|(_, read)| Warning::NeverInvalidated {
            function: read.path.clone(),
            template: read.template.to_owned(),
            place: place(read.file, read.line),
        })
        .collect()
}

/// A write that clears the cache, such as an import, says nothing of the reads: counted, it would hide each that no other
/// write names.
fn clears_all(registry: &Registry, write: &InvalidatingFunction) -> bool {
    let Some(event) = write.event else { return false };
    let mut samples = registry.events.iter().filter(|(name, _)| map::names(event, name));
    samples.any(|(_, sample)| sample.is_everything())
}

fn idle_tags(registry: &Registry) -> Vec<Warning> {
    let written = registry.invalidating.iter().flat_map(|write| &write.tags);
    let mut invalidated: Vec<Outline> = written.map(|tag| Outline::of_template(tag)).collect();
    for (_, sample) in &registry.events {
        invalidated.extend(sample.tags().map(Outline::of_key));
    }
    let is_idle = |tag: &str| {
        let tag = Outline::of_template(tag);
        !invalidated.iter().any(|outline| outline.meets(&tag))
    };
    // An event that was only seen to run told which functions it met, not by which tag.
    if registry.learnt.iter().any(|learnt| !learnt.is_empty()) {
        return Vec::new();
    }
    let mut warnings = Vec::new();
    for read in &registry.cached {
        for tag in read.tags.iter().filter(|tag| is_idle(tag)) {
            warnings.push(Warning::TagNeverInvalidated {
                tag: (*tag).to_owned(),
                function: read.path.clone(),
                place: place(read.file, read.line),
            });
        }
    }
    warnings
}

/// The warnings, one a line; or that there are none.
impl fmt::Display for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (reads, writes) = (self.registry.cached.len(), self.registry.invalidating.len());
        write!(
            f,
            "{reads} cached and {writes} invalidating functions, {} warnings",
            self.warnings.len()
        )?;
        for warning in &self.warnings {
            write!(f, "\n{}: {warning}", warning.place())?;
        }
        Ok(())
    }
}
