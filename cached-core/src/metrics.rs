//! Publishes what a cache counts through the `metrics` facade, from where Prometheus, StatsD and others take it.
//!
//! Nothing is published on the path of a read: a [`Publisher`] reads the cache's own counts now and then and hands on
//! what is new. So a hit costs the same with and without a recorder. docs/OPERATIONS.md tells what each metric means.

mod families;

use crate::cache::Cache;
use crate::events::TemplateStats;
use crate::remote::ServerInfo;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Hands a cache's counts to the installed recorder.
///
/// ```no_run
/// # use cached_core::{Cache, metrics::Publisher};
/// # use std::time::Duration;
/// # async fn serve(cache: Cache) {
/// tokio::spawn(Publisher::new(&cache, "lms").run(Duration::from_secs(5)));
/// # }
/// ```
pub struct Publisher {
    cache: Cache,
    name: String,
    /// As of the last time, by template: durations are handed on once.
    published: BTreeMap<&'static str, TemplateStats>,
    /// What the servers said the last time.
    servers: Mutex<Option<ServerInfo>>,
}

impl Publisher {
    /// For a cache, under a name that tells it from others of the process (the label `cache`). Names and units are described
    /// to the recorder that is installed now.
    pub fn new(cache: &Cache, name: impl Into<String>) -> Self {
        families::describe();
        let (published, servers) = Default::default();
        Self { cache: cache.clone(), name: name.into(), published, servers }
    }

    /// Publishes at once what can be known without asking a server.
    pub fn publish(&mut self) {
        let stats = by_template(self.cache.template_stats());
        for (template, stats) in &stats {
            let nothing = TemplateStats::default();
            let before = self.published.get(template).unwrap_or(&nothing);
            if stats.reads() + stats.loads > 0 {
                families::template(&self.name, stats, before);
            }
        }
        self.published = stats;
        families::cache(&self.name, &self.cache.stats());
        families::health(&self.name, &self.cache.health());
    }

    /// Publishes what the servers of the remote tier say of themselves.
    pub fn publish_servers(&self, info: &ServerInfo) {
        let mut last = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        families::servers(&self.name, info, last.replace(*info).as_ref());
    }

    /// Publishes over and over, asking the servers each time. Servers that do not answer are passed over: the breaker tells.
    ///
    /// # Cancel safety
    /// Safe: dropping it ends the publishing.
    pub async fn run(mut self, every: Duration) {
        let mut ticks = tokio::time::interval(every);
        loop {
            ticks.tick().await;
            self.publish();
            if let Ok(Some(info)) = self.cache.server_info().await {
                self.publish_servers(&info);
            }
        }
    }
}

impl std::fmt::Debug for Publisher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Publisher").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Functions of one template are one series.
fn by_template(all: Vec<TemplateStats>) -> BTreeMap<&'static str, TemplateStats> {
    let mut by_template: BTreeMap<&'static str, TemplateStats> = BTreeMap::new();
    for stats in all {
        match by_template.get_mut(stats.template) {
            Some(sum) => *sum = sum.and(&stats),
            None => drop(by_template.insert(stats.template, stats)),
        }
    }
    by_template
}
