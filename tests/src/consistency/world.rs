//! What every operation of a process needs: the source, the cache and the record.

use super::plan::{BACKPLANE_TIMEOUT, Bug, LEASE, Plan};
use super::source::Source;
use cached_core::{Cache, Mutation};
use cached_testkit::history::Recorder;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

/// What a process is told when it is started.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NodeConfig {
    /// The run's plan.
    pub plan: Plan,
    /// Which of the run's processes this is, and which life of it.
    pub slot: u64,
    /// The process was killed and started again so many times.
    pub life: u64,
    /// Its way to Redis.
    pub redis_url: String,
    /// The database of the run.
    pub postgres_url: String,
    /// The cache's namespace.
    pub namespace: String,
    /// Where it writes its history.
    pub history: PathBuf,
    /// The life of a lease, if not the usual one.
    pub lease: Option<Duration>,
}

pub(super) struct World {
    pub(super) config: NodeConfig,
    pub(super) cache: Cache,
    pub(super) source: Source,
    pub(super) recorder: Recorder,
}

impl World {
    /// Builds the cache, makes it the process' default, and begins the history.
    pub(super) fn enter(config: NodeConfig) -> Self {
        if let Some(bug) = config.plan.mutation {
            cached_core::mutate(match bug {
                Bug::UnconditionalFill => Mutation::UnconditionalFill,
                Bug::NoDropGuard => Mutation::NoDropGuard,
                Bug::NoTicks => Mutation::NoTicks,
            });
        }
        let builder = Cache::builder()
            .namespace(&config.namespace)
            .redis(&config.redis_url)
            .lease(config.lease.unwrap_or(LEASE))
            .backplane_timeout(BACKPLANE_TIMEOUT)
            .operation_timeout(config.plan.operation_timeout());
        let is_synchronous = config.plan.synchronous;
        let builder = if is_synchronous { builder.synchronous_invalidation() } else { builder };
        let cache = builder.build().expect("the settings are valid");
        cached_core::install(cache.clone()).expect("no annotated function ran before");
        let recorder = Recorder::to_file(&config.history).expect("the history can be created");
        let source = Source::connect(&config.postgres_url, 8);
        Self { config, cache, source, recorder }
    }
}
