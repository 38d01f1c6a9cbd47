//! One run: rounds of operations and faults, each followed by quiet and a look at every row, until enough has been
//! recorded; then the verdict.

use super::faults;
use super::plan::{BACKPLANE_TIMEOUT, LEASE, Plan, SLACK};
use super::process::{Answer, Order, Process};
use super::schedule::{self, Planned};
use super::source::Source;
use super::tally::Tally;
use super::world::NodeConfig;
use cached_testkit::history::{
    Action, Checker, History, Incident, Operation, Outcome, PendingIncident, Recorder,
};
use cached_testkit::{Fault, FaultProxy, PostgresServer, RedisServer, unique_name};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A round lasts at least so long.
const ROUND: Duration = Duration::from_secs(4);

/// Where a run takes place: servers, proxies, processes.
pub struct Stage {
    pub(super) redis: RedisServer,
    pub(super) proxies: Vec<FaultProxy>,
    postgres_url: String,
    program: PathBuf,
    folder: PathBuf,
    namespace: String,
    plan: Plan,
    recorder: Recorder,
    processes: Vec<tokio::sync::Mutex<Option<(Process, u64)>>>,
    notes: Mutex<Notes>,
}

#[derive(Default)]
struct Notes {
    tally: Tally,
    histories: Vec<PathBuf>,
    killed: HashSet<u32>,
}

/// Runs a plan, with processes of this program, and says what came of it.
///
/// # Panics
/// If a server cannot be started, or a process hangs or fails.
pub async fn run(program: &Path, postgres: &PostgresServer, plan: Plan) -> Tally {
    let folder = std::env::temp_dir().join(unique_name("consistency"));
    std::fs::create_dir(&folder).expect("the temporary folder can be written");
    let stage = Arc::new(Stage::build(program, postgres, &folder, plan).await);
    let mut round = 0;
    while stage.recorded() < stage.plan.operations {
        stage.clone().round(round).await;
        round += 1;
    }
    stage.finish().await;
    let tally = stage.judge();
    if tally.violations == 0 {
        std::fs::remove_dir_all(&folder).expect("the run's folder can be removed");
    } else {
        println!("the histories are in {}", folder.display());
    }
    tally
}

impl Stage {
    async fn build(program: &Path, postgres: &PostgresServer, folder: &Path, plan: Plan) -> Self {
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

    /// One round: everybody operates while things break, then all is mended, drained, quiet, and looked at.
    async fn round(self: Arc<Self>, round: u64) {
        self.order_all(&Order::Round(round), None).await;
        let [servers, network] = schedule::draw(&self.plan, round);
        let lane = |lane: Vec<Planned>| tokio::spawn(faults::strike(self.clone(), lane, round));
        let (servers, network) = (lane(servers), lane(network));
        tokio::time::sleep(ROUND).await;
        servers.await.expect("faults can be made");
        network.await.expect("faults can be made");
        for proxy in &self.proxies {
            proxy.set(Fault::Pass).await;
        }
        self.order_all(&Order::Stop, Some(Answer::Done)).await;
        // What every process has sent is known everywhere once this bound has passed: it is part of the promise.
        tokio::time::sleep(BACKPLANE_TIMEOUT + SLACK).await;
        self.recorder.quiesce();
        self.order_all(&Order::Verify, Some(Answer::Done)).await;
    }

    async fn order_all(&self, order: &Order, answer: Option<Answer>) {
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
        let (process, life) = held.take().expect("the process runs");
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

    /// About how many operations the histories hold by now: a line each, those of writes two.
    fn recorded(&self) -> usize {
        const LINE: u64 = 140;
        let size = |file: &PathBuf| std::fs::metadata(file).map_or(0, |file| file.len());
        (self.notes().histories.iter().map(size).sum::<u64>() / LINE) as usize
    }

    async fn finish(&self) {
        for slot in &self.processes {
            let (process, _) = slot.lock().await.take().expect("the process runs");
            process.finish().await;
        }
    }

    fn judge(&self) -> Tally {
        let mut notes = self.notes();
        let mut history = History::read(&notes.histories).expect("the histories can be read");
        history.merge(self.recorder.finish().expect("the conductor's record is in memory"));
        let mut tally = std::mem::take(&mut notes.tally);
        tally.add_history(&history);
        let checker = Checker::new()
            .propagation(BACKPLANE_TIMEOUT + SLACK)
            .cut_off(BACKPLANE_TIMEOUT + SLACK)
            .lease(LEASE - SLACK);
        let (working, settled) = split(history.operations(), &notes.killed);
        tally.add_report(&checker.check(&working));
        tally.add_report(&checker.check(&settled));
        tally
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An invalidation that waits in the memory of a process dies with it (docs/GUARANTEES.md): it binds its own process
/// while that lives, and nobody after quiescence. So the history is judged twice: as it is but without the quiet
/// moments, and with them but without such invalidations.
fn split(operations: &[Operation], killed: &HashSet<u32>) -> (History, History) {
    let is_lost = |operation: &Operation| {
        killed.contains(&operation.process)
            && matches!(operation.action, Action::Invalidate { .. })
            && operation.outcome != Outcome::Ok
    };
    let working = operations.iter().filter(|o| !matches!(o.action, Action::Quiesce)).cloned();
    let settled = operations.iter().map(|operation| {
        let mut operation = operation.clone();
        if is_lost(&operation) {
            (operation.ended, operation.outcome) = (None, Outcome::Running);
        }
        operation
    });
    (working.collect(), settled.collect())
}
