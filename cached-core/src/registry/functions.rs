//! The list of annotated functions as data. What they make together is told by `map` and `audit`.

use crate::invalidation::Invalidation;
use crate::site::{self, Keep, Site, WriteSite};
use serde::Serialize;

/// A function with `#[cached]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CachedFunction {
    /// Module and name: `lms::repo::courses::course`. The type of a method is not known.
    pub path: String,
    /// The key's template: `course:<id>`.
    pub template: &'static str,
    /// The tags' templates.
    pub tags: Vec<&'static str>,
    /// The lifetime as it is written: `medium`, `90s`, or the expression that computes it.
    pub ttl: String,
    /// The life of the local copy: `ttl`, a lifetime, or `off`.
    pub local: String,
    /// Whether values are stored in the remote tier.
    pub remote: bool,
    /// The schema version.
    pub version: u32,
    /// Whether it reads many keys at once.
    pub batch: bool,
    /// The cache as it is written (`&self.cache`); `None` is the current one.
    pub cache: Option<&'static str>,
    /// The source file, as the compiler names it.
    pub file: &'static str,
    /// The line of the attribute.
    pub line: u32,
}

/// A function with `#[invalidates]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct InvalidatingFunction {
    /// Module and name.
    pub path: String,
    /// The cached functions that it names: `Self::course`.
    pub calls: Vec<&'static str>,
    /// The templates of keys.
    pub keys: Vec<&'static str>,
    /// The templates of tags.
    pub tags: Vec<&'static str>,
    /// The templates of patterns.
    pub patterns: Vec<&'static str>,
    /// The event of `with = ..`, as it is written.
    pub event: Option<&'static str>,
    /// The cache of its keys, tags and patterns as it is written; `None` is the current one, or that of the transaction's pool.
    pub cache: Option<&'static str>,
    /// Whether it gathers in a transaction.
    pub in_transaction: bool,
    /// How often the function ran in this process.
    pub runs: u64,
    /// The source file, as the compiler names it.
    pub file: &'static str,
    /// The line of the attribute.
    pub line: u32,
}

/// The annotated functions of this program, and what else is known of them.
///
/// ```standalone_crate
/// use cached_core::{Invalidation, cached, invalidates, key, registry::Registry};
///
/// #[cached(key = "course:<id>")]
/// async fn course(id: u64) -> u64 { id }
///
/// fn course_changed(id: u64) -> Invalidation { Invalidation::new().key(key!("course:<id>")) }
///
/// #[invalidates(with = course_changed(id))]
/// async fn rename(id: u64) { let _ = id; }
///
/// // What an event names is known when it runs; a sample tells it before.
/// let audit = Registry::linked().event("course_changed", course_changed(1)).audit();
/// assert!(audit.is_clean(), "{audit}");
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "a registry is data"]
pub struct Registry {
    /// The cached functions, by their place in the source.
    pub cached: Vec<CachedFunction>,
    /// The invalidating functions, by their place in the source.
    pub invalidating: Vec<InvalidatingFunction>,
    pub(super) events: Vec<(String, Invalidation)>,
    pub(super) by_lifetime: Vec<String>,
    /// For each invalidating function, the cached ones that its event was seen to invalidate.
    pub(super) learnt: Vec<Vec<&'static str>>,
}

impl Registry {
    /// What was linked into this program.
    pub fn linked() -> Self {
        let writes = site::writes();
        let learnt = |write: &&WriteSite| {
            let reads = site::reads();
            write.learnt().into_iter().map(|at| reads[at].template).collect()
        };
        Self {
            cached: site::reads().iter().copied().map(CachedFunction::of).collect(),
            invalidating: writes.iter().copied().map(InvalidatingFunction::of).collect(),
            learnt: writes.iter().map(learnt).collect(),
            ..Self::default()
        }
    }

    /// Only the functions whose path begins so, such as `lms::`: without those of other crates and of tests.
    pub fn within(mut self, prefix: &str) -> Self {
        let kept: Vec<bool> =
            self.invalidating.iter().map(|write| write.path.starts_with(prefix)).collect();
        let mut keep = kept.iter();
        self.learnt.retain(|_| keep.next().is_some_and(|keep| *keep));
        self.invalidating.retain(|write| write.path.starts_with(prefix));
        self.cached.retain(|read| read.path.starts_with(prefix));
        self
    }

    /// Tells what an event (`with = course_changed(id)`) invalidates, by an invalidation that it gave for any arguments.
    /// Events that have run in this process are known without. A sample of everything draws an edge to each read, and is no
    /// answer to the question what invalidates it.
    pub fn event(mut self, name: &str, sample: Invalidation) -> Self {
        self.events.push((name.to_owned(), sample));
        self
    }

    /// Says that a cached function is left to its lifetime on purpose: nothing need invalidate it.
    pub fn by_lifetime(mut self, template: &str) -> Self {
        self.by_lifetime.push(template.to_owned());
        self
    }
}

impl CachedFunction {
    fn of(site: &Site) -> Self {
        Self {
            path: format!("{}::{}", site.module, site.function),
            template: site.template,
            tags: site.tags.to_vec(),
            ttl: site.computed_ttl.map_or_else(|| site.ttl.to_string(), str::to_owned),
            local: match site.local {
                Keep::Entry => "ttl".to_owned(),
                Keep::AtMost(ttl) => ttl.to_string(),
                Keep::No => "off".to_owned(),
            },
            remote: site.remote,
            version: site.version,
            batch: site.batch,
            cache: site.cache,
            file: site.place.file,
            line: site.place.line,
        }
    }

    pub(super) fn module(&self) -> &str {
        self.path.rsplit_once("::").map_or("", |(module, _)| module)
    }

    pub(super) fn name(&self) -> &str {
        self.path.rsplit_once("::").map_or(self.path.as_str(), |(_, name)| name)
    }
}

impl InvalidatingFunction {
    fn of(site: &WriteSite) -> Self {
        Self {
            path: format!("{}::{}", site.module, site.function),
            calls: site.calls.to_vec(),
            keys: site.keys.to_vec(),
            tags: site.tags.to_vec(),
            patterns: site.patterns.to_vec(),
            event: site.event,
            cache: site.cache,
            in_transaction: site.in_transaction,
            runs: site.runs(),
            file: site.place.file,
            line: site.place.line,
        }
    }

    pub(super) fn module(&self) -> &str {
        self.path.rsplit_once("::").map_or("", |(module, _)| module)
    }
}
