//! What is wrong with the cache map: reads that nothing invalidates, templates that collide, targets that miss.

use super::functions::{InvalidatingFunction, Registry};
use super::map::{self, Edge};
use crate::key::Outline;
use serde::Serialize;
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

/// Something that is wrong with what is annotated, or looks so. `place` is `file:line`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Warning {
    /// Two cached functions with one template, and not a batch beside one that reads one id: each may be served the other's value, or throw it away as undecodable.
    SharedTemplate {
        /// The template of the first.
        template: String,
        /// Both functions.
        functions: [String; 2],
        /// Where the second stands.
        place: String,
    },
    /// A cached function that nothing invalidates, or only what clears everything. Not told as long as the targets of an event are unknown.
    NeverInvalidated {
        /// The function.
        function: String,
        /// Its template.
        template: String,
        /// Where it stands.
        place: String,
    },
    /// A pattern that matches no cached function's key.
    PatternMatchesNothing {
        /// The pattern.
        pattern: String,
        /// The function that invalidates it.
        function: String,
        /// Where that stands.
        place: String,
    },
    /// A key to invalidate that no cached function has.
    KeyMatchesNothing {
        /// The key's template.
        key: String,
        /// The function that invalidates it.
        function: String,
        /// Where that stands.
        place: String,
    },
    /// A tag to invalidate that no cached function carries.
    TagMatchesNothing {
        /// The tag's template.
        tag: String,
        /// The function that invalidates it.
        function: String,
        /// Where that stands.
        place: String,
    },
    /// A tag of a cached function that nobody invalidates. Not told as long as the targets of an event are unknown.
    TagNeverInvalidated {
        /// The tag's template.
        tag: String,
        /// The function that carries it.
        function: String,
        /// Where that stands.
        place: String,
    },
    /// An event of which it is not known what it invalidates: it has not run in this process, and no sample was given.
    UnknownEvent {
        /// The event as it is written.
        event: String,
        /// The function with `with = ..`.
        function: String,
        /// Where that stands.
        place: String,
    },
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

impl Warning {
    /// Where to look: `file:line`.
    pub fn place(&self) -> &str {
        match self {
            Self::SharedTemplate { place, .. }
            | Self::NeverInvalidated { place, .. }
            | Self::PatternMatchesNothing { place, .. }
            | Self::KeyMatchesNothing { place, .. }
            | Self::TagMatchesNothing { place, .. }
            | Self::TagNeverInvalidated { place, .. }
            | Self::UnknownEvent { place, .. } => place,
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SharedTemplate { template, functions: [first, second], .. } => {
                write!(
                    f,
                    "`{first}` and `{second}` share the keys of `{template}`: give one of them another `key`"
                )
            }
            Self::NeverInvalidated { function, template, .. } => write!(
                f,
                "nothing invalidates `{template}` of `{function}`: name it in the `#[invalidates]` of each write that \
                 changes it, or say `Registry::by_lifetime` if its lifetime is enough"
            ),
            Self::PatternMatchesNothing { pattern, function, .. } => write!(
                f,
                "the pattern `{pattern}` of `{function}` matches no cached function's key: correct or remove it"
            ),
            Self::KeyMatchesNothing { key, function, .. } => write!(
                f,
                "the key `{key}` of `{function}` is no cached function's: correct it, or name the function instead"
            ),
            Self::TagMatchesNothing { tag, function, .. } => {
                write!(
                    f,
                    "the tag `{tag}` of `{function}` is on no cached function: correct or remove it"
                )
            }
            Self::TagNeverInvalidated { tag, function, .. } => {
                write!(
                    f,
                    "nobody invalidates the tag `{tag}` of `{function}`: remove it, or name it in a write"
                )
            }
            Self::UnknownEvent { event, function, .. } => write!(
                f,
                "what `with = {event}` of `{function}` invalidates is not known yet: give a sample with \
                 `Registry::event`"
            ),
        }
    }
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
