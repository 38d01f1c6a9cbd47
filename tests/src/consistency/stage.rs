//! Where a run takes place: a Redis behind a proxy for each process, a database, the processes and their histories.
//! What happens there is not decided here.

use super::plan::Plan;
use super::process::{Answer, Order, Process};
use super::source::Source;
use super::tally::Tally;
use super::world::NodeConfig;
use cached_testkit::history::{Incident, PendingIncident, Recorder};
use cached_testkit::{FaultProxy, PostgresServer, RedisServer, unique_name};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Where a run takes place: servers, proxies, processes.
pub(super) struct Stage {
    pub(super) redis: RedisServer,
    pub(super) proxies: Vec<FaultProxy>,
    postgres_url: String,
    program: PathBuf,
    folder: PathBuf,
    namespace: String,
    pub(super) plan: Plan,
    pub(super) recorder: Recorder,
    processes: Vec<tokio::sync::Mutex<Option<(Process, u64)>>>,
    notes: Mutex<Notes>,
}

/// What has come of it so far.
#[derive(Default)]
pub(super) struct Notes {
    pub(super) tally: Tally,
    pub(super) histories: Vec<PathBuf>,
    pub(super) killed: HashSet<u32>,
}

impl Stage {
    pub(super) async fn build(
        program: &Path,
        postgres: &PostgresServer,
        folder: &Path,
        plan: Plan,
    ) -> Self {
        // Every other seed a server that loses nothing when it is killed.
        let redis = match plan.seed % 2 {
            0 => RedisServer::start(),
            _ => RedisServer::builder().persistent().start(),
        };
        let redis = redis.unwrap_or_else(|error| panic!("{error}"));
        let postgres_url = postgres.fresh_database();
        Source::connect(&postgres_url, 1).create().await.expect("the table can be made");
        let mut proxies = Vec::new();
        for _ in 0..plan.nodes {
            proxies.push(FaultProxy::start(redis.address()).await.expect("a free port"));
        }
        let processes = (0..plan.nodes).map(|_| tokio::sync::Mutex::default()).collect();
        let stage = Self {
            redis,
            proxies,
            postgres_url,
            program: program.to_owned(),
            folder: folder.to_owned(),
            namespace: unique_name("c"),
            plan,
            recorder: Recorder::in_memory(),
            processes,
            notes: Mutex::default(),
        };
        for slot in 0..stage.plan.nodes {
            *stage.processes[slot].lock().await = Some((stage.start(slot, 0).await, 0));
        }
        stage
    }

    async fn start(&self, slot: usize, life: u64) -> Process {
        let history = self.folder.join(format!("{slot}-{life}.jsonl"));
        self.notes().histories.push(history.clone());
        let config = NodeConfig {
            plan: self.plan.clone(),
            slot: slot as u64,
            life,
            redis_url: self.proxies[slot].url(),
            postgres_url: self.postgres_url.clone(),
            namespace: self.namespace.clone(),
            history,
            lease: None,
        };
        Process::start(&self.program, &config).await
    }

    pub(super) async fn order_all(&self, order: &Order, answer: Option<Answer>) {
        let each = self.processes.iter().map(|slot| async {
            let mut held = slot.lock().await;
            let (process, _) = held.as_mut().expect("the process runs");
            process.order(order).await;
            if let Some(answer) = &answer {
                process.expect(answer).await;
            }
        });
        futures_util::future::join_all(each).await;
    }

    /// Kills a process in the middle of its work and starts another one in its place.
    pub(super) async fn replace(&self, slot: usize, after: Duration, round: u64) {
        let mut held = self.processes[slot].lock().await;
        let (mut process, life) = held.take().expect("the process runs");
        self.notes().killed.insert(process.id());
        process.kill().await;
        tokio::time::sleep(after).await;
        let mut process = self.start(slot, life + 1).await;
        process.order(&Order::Round(round)).await;
        *held = Some((process, life + 1));
    }

    pub(super) fn incident(&self, incident: Incident) -> PendingIncident {
        self.recorder.incident(incident)
    }

    pub(super) fn count(&self, fault: &str) {
        self.notes().tally.count(fault);
    }

    /// How many operations have been recorded as ended.
    pub(super) fn recorded(&self) -> usize {
        let ended = |file: &PathBuf| {
            let lines = std::fs::read_to_string(file).unwrap_or_default();
            lines.lines().filter(|line| line.contains("\"ended\"")).count()
        };
        self.notes().histories.iter().map(ended).sum()
    }

    pub(super) async fn finish(&self) {
        for slot in &self.processes {
            let (process, _) = slot.lock().await.take().expect("the process runs");
            process.finish().await;
        }
    }

    pub(super) fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
