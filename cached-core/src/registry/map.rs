//! The cache map: an edge from each write to each read that it can invalidate. What is missing in it is `audit`'s to
//! say.

use super::functions::{CachedFunction, InvalidatingFunction, Registry};
use crate::key::Outline;
use serde::Serialize;

/// A write can invalidate a read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Edge {
    /// The place of the write in [`Registry::invalidating`].
    pub write: usize,
    /// The place of the read in [`Registry::cached`].
    pub read: usize,
    /// What the write names.
    pub via: Via,
    /// As it is written.
    pub text: String,
}

/// How a write names what it invalidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Via {
    /// A bare call of the read.
    Call,
    /// A key.
    Key,
    /// A tag.
    Tag,
    /// A pattern.
    Pattern,
    /// An event, by a sample of it or as it was seen to run.
    Event,
}

/// Which reads each template names; outlines are made once.
struct Reads<'a> {
    reads: &'a [CachedFunction],
    templates: Vec<Outline>,
    tags: Vec<Vec<Outline>>,
}

impl<'a> Reads<'a> {
    fn new(reads: &'a [CachedFunction]) -> Self {
        let tags =
            |read: &CachedFunction| read.tags.iter().map(|tag| Outline::of_template(tag)).collect();
        Self {
            reads,
            templates: reads.iter().map(|read| Outline::of_template(read.template)).collect(),
            tags: reads.iter().map(tags).collect(),
        }
    }

    fn by_key<'s>(&'s self, outline: &'s Outline) -> impl Iterator<Item = usize> + 's {
        let met = self.templates.iter().enumerate().filter(|(_, template)| template.meets(outline));
        met.map(|(at, _)| at)
    }

    /// Batches of a read's keys; of a batch, the reads of one.
    fn with_same_keys(&self, read: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.reads.len()).filter(move |other| {
            *other != read
                && (self.reads[read].batch || self.reads[*other].batch)
                && self.templates[read] == self.templates[*other]
        })
    }

    fn by_tag<'s>(&'s self, outline: &'s Outline) -> impl Iterator<Item = usize> + 's {
        let met = self.tags.iter().enumerate();
        met.filter(|(_, tags)| tags.iter().any(|tag| tag.meets(outline))).map(|(at, _)| at)
    }

    /// The reads that a bare call may mean. The compiler has checked that there is one; which, a path tells by its end
    /// only, so the nearest are taken: those of the module that it names, or of the write's own.
    fn by_call(&self, path: &str, write: &InvalidatingFunction) -> Vec<usize> {
        let path = path.replace("self.", "Self::");
        let (qualifier, name) = path.rsplit_once("::").unwrap_or(("", &path));
        let named: Vec<usize> =
            (0..self.reads.len()).filter(|at| self.reads[*at].name() == name).collect();
        let nearest = |is_near: &dyn Fn(&CachedFunction) -> bool| {
            let near: Vec<usize> =
                named.iter().copied().filter(|at| is_near(&self.reads[*at])).collect();
            (!near.is_empty()).then_some(near)
        };
        let module = qualifier.trim_start_matches("crate::").trim_start_matches("super::");
        let ends_so = |read: &CachedFunction| {
            let end = read.module().strip_suffix(module);
            !module.is_empty() && end.is_some_and(|lead| lead.is_empty() || lead.ends_with("::"))
        };
        nearest(&ends_so)
            .or_else(|| nearest(&|read| read.module() == write.module()))
            .unwrap_or(named)
    }
}

impl Registry {
    /// The cache map: which write invalidates which read.
    pub fn edges(&self) -> Vec<Edge> {
        edges(self)
    }
}

/// The edges, by write, then by read; each pair once, by the plainest way.
fn edges(registry: &Registry) -> Vec<Edge> {
    let reads = Reads::new(&registry.cached);
    let mut edges: Vec<Edge> = Vec::new();
    for (write, function) in registry.invalidating.iter().enumerate() {
        let mut add = |read: usize, via: Via, text: &str| {
            if !edges.iter().any(|edge| edge.write == write && edge.read == read) {
                edges.push(Edge { write, read, via, text: text.to_owned() });
            }
        };
        for call in &function.calls {
            for read in reads.by_call(call, function) {
                add(read, Via::Call, call);
                // A batch and the function that reads one id have the same entries.
                reads.with_same_keys(read).for_each(|other| add(other, Via::Call, call));
            }
        }
        for key in &function.keys {
            reads.by_key(&Outline::of_template(key)).for_each(|read| add(read, Via::Key, key));
        }
        for tag in &function.tags {
            reads.by_tag(&Outline::of_template(tag)).for_each(|read| add(read, Via::Tag, tag));
        }
        for pattern in &function.patterns {
            let outline = Outline::of_template(pattern);
            reads.by_key(&outline).for_each(|read| add(read, Via::Pattern, pattern));
        }
        let Some(event) = function.event else { continue };
        for read in by_event(registry, &reads, write, event) {
            add(read, Via::Event, event);
        }
    }
    edges
}

/// The reads that an event invalidates, by its samples and by what was seen.
fn by_event(registry: &Registry, reads: &Reads<'_>, write: usize, event: &str) -> Vec<usize> {
    let mut met = Vec::new();
    for (_, sample) in registry.events.iter().filter(|(name, _)| names(event, name)) {
        if sample.is_everything() {
            met.extend(0..reads.reads.len());
        }
        for key in sample.keys() {
            met.extend(reads.by_key(&Outline::of_key(key)));
        }
        for pattern in sample.patterns() {
            met.extend(reads.by_key(&Outline::of_pattern(pattern)));
        }
        for tag in sample.tags() {
            met.extend(reads.by_tag(&Outline::of_key(tag)));
        }
    }
    let learnt = registry.learnt.get(write).into_iter().flatten();
    for template in learnt {
        met.extend((0..reads.reads.len()).filter(|at| reads.reads[*at].template == *template));
    }
    met
}

/// Whether the text of `with = ..` calls a function of this name.
pub(super) fn names(event: &str, name: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    event.match_indices(name).any(|(at, _)| {
        let before = event[..at].chars().next_back();
        let after = event[at + name.len()..].trim_start().chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}
