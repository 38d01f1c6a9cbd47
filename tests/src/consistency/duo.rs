//! Two processes that share a cache, for tests of one key at a time. Nothing is broken unless the test does it.

use super::plan::Plan;
use super::process::{Answer, Order, Process};
use super::source::Source;
use super::world::NodeConfig;
use cached_testkit::{PostgresServer, RedisServer, unique_name};
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

/// Two processes, their Redis and their database.
pub struct Duo {
    /// One of them.
    pub first: Process,
    /// The other.
    pub second: Process,
    redis: RedisServer,
    namespace: String,
    source: Source,
    /// Removed with this.
    _folder: TempDir,
}

impl Duo {
    /// Starts both, with leases of this length.
    ///
    /// # Panics
    /// If anything cannot be started.
    pub async fn start(program: &Path, postgres: &PostgresServer, lease: Duration) -> Self {
        let redis = RedisServer::start().unwrap_or_else(|error| panic!("{error}"));
        let postgres_url = postgres.fresh_database();
        let source = Source::connect(&postgres_url, 2);
        source.create().await.expect("the table can be made");
        let folder = tempfile::Builder::new().prefix("duo-").tempdir();
        let folder = folder.expect("the temporary folder can be written");
        let namespace = unique_name("d");
        let config = |slot: u64| NodeConfig {
            plan: Plan::new(0, 1).calm(),
            slot,
            life: 0,
            redis_url: redis.url(),
            postgres_url: postgres_url.clone(),
            namespace: namespace.clone(),
            history: folder.path().join(format!("{slot}.jsonl")),
            lease: Some(lease),
        };
        let first = Process::start(program, &config(0)).await;
        let second = Process::start(program, &config(1)).await;
        Self { first, second, redis, namespace, source, _folder: folder }
    }

    /// How often a key was loaded, by all processes together.
    ///
    /// # Panics
    /// If Postgres does not answer.
    pub async fn loads(&self, key: &str) -> u64 {
        self.source.loads(key).await.expect("Postgres answers")
    }

    /// When the lease or the entry of a key ends, in milliseconds of the server's clock; negative if there is none.
    ///
    /// # Panics
    /// If Redis does not answer.
    pub fn ends_ms(&self, key: &str) -> i64 {
        let reply = self.redis.cli(&["PEXPIRETIME", &format!("{}:k:{key}", self.namespace)]);
        reply.parse().unwrap_or_else(|_| panic!("not a number: {reply}"))
    }
}

/// Brings callers of a key to the start.
///
/// # Panics
/// If the process does not answer.
pub async fn line_up(process: &mut Process, key: &str, callers: usize, load: Duration) {
    let load_ms = load.as_millis() as u64;
    process.order(&Order::Stampede { key: key.to_owned(), callers, load_ms }).await;
    process.expect(&Answer::AtStart).await;
}

/// Waits until all callers have their value; how many they are.
///
/// # Panics
/// If the process does not answer.
pub async fn served(process: &mut Process) -> usize {
    loop {
        match process.answer().await {
            Answer::Served { callers } => return callers,
            Answer::Loading => {}
            other => panic!("process {} answered {other:?}", process.id()),
        }
    }
}
