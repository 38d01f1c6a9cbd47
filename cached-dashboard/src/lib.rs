//! A live page about a [`Cache`]: hit rate and durations per template, flights and leases, recent events, breaker and
//! backplane, and the cache map with its warnings. An axum router; no build step, nothing fetched from elsewhere.
//!
//! ```
//! use cached_core::Cache;
//! use cached_dashboard::Dashboard;
//!
//! # let cache = Cache::builder().build().unwrap();
//! let app: axum::Router = axum::Router::new().nest("/cache", Dashboard::new(&cache).router());
//! ```
//!
//! It is read-only, and tells no key, unless asked. It binds to nothing and asks nobody for a password: whoever reaches the
//! path sees it, so put your own authentication in front of it, as a layer around the router.

mod escape;
mod live;
mod map;
mod page;
mod routes;
mod write;

use cached_core::registry::Registry;
use cached_core::{Cache, Watching};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

type Narrow = dyn Fn(Registry) -> Registry + Send + Sync;

/// The settings of the page.
#[must_use = "a dashboard does nothing until its router is mounted"]
pub struct Dashboard {
    cache: Cache,
    title: String,
    keys: bool,
    writes: bool,
    every: Duration,
    registry: Box<Narrow>,
}

/// What the handlers share.
struct Shared {
    settings: Dashboard,
    /// Proves that a write comes from a page of ours.
    token: String,
}

impl Dashboard {
    /// The page of a cache: read-only, without keys.
    pub fn new(cache: &Cache) -> Self {
        Self {
            cache: cache.clone(),
            title: "cache".to_owned(),
            keys: false,
            writes: false,
            every: Duration::from_secs(1),
            registry: Box::new(|registry| registry),
        }
    }

    /// The name at the top of the page.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Whether the keys that are read most, and those in events, are shown. They may hold personal data.
    ///
    /// Off, the page tells none, though the cache be watched with keys by somebody else. On, it tells what is gathered: the
    /// first watch of a cache decides that ([`Cache::watch`]), so where one without keys came first, none are shown.
    pub fn show_keys(mut self, show: bool) -> Self {
        self.keys = show;
        self
    }

    /// Whether the page may invalidate a key or a tag. Such a request needs the page's token, so no other site can make it.
    pub fn allow_writes(mut self, allow: bool) -> Self {
        self.writes = allow;
        self
    }

    /// How often the page is told what is new. Default: each second.
    pub fn every(mut self, interval: Duration) -> Self {
        self.every = interval.max(Duration::from_millis(100));
        self
    }

    /// Changes what the cache map is drawn from: narrows it to one crate, tells what events invalidate.
    ///
    /// ```
    /// # let cache = cached_core::Cache::builder().build().unwrap();
    /// # let dashboard = cached_dashboard::Dashboard::new(&cache);
    /// dashboard.registry(|registry| registry.within("lms::").by_lifetime("analytics:platform"));
    /// ```
    pub fn registry(
        mut self,
        change: impl Fn(Registry) -> Registry + Send + Sync + 'static,
    ) -> Self {
        self.registry = Box::new(change);
        self
    }

    /// The router, to be nested under any path. From here on the cache is watched, which costs a hit two readings of the clock.
    pub fn router(self) -> axum::Router {
        self.cache.watch(Watching::new().keys(self.keys));
        // Two random ids of 122 bits: nobody guesses them.
        let token = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
        routes::router(Arc::new(Shared { settings: self, token }))
    }
}

impl fmt::Debug for Dashboard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dashboard").field("title", &self.title).finish_non_exhaustive()
    }
}
