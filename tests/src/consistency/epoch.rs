//! One run: rounds of operations and faults, each followed by quiet and a look at every row, until enough has been
//! recorded; then the verdict.

use super::faults;
use super::plan::{BACKPLANE_TIMEOUT, LEASE, Plan, SLACK};
use super::process::{Answer, Order};
use super::schedule::{self, Planned};
use super::stage::Stage;
use super::tally::Tally;
use cached_testkit::history::{Action, Checker, History, Operation, Outcome};
use cached_testkit::{Fault, PostgresServer};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// A round lasts at least so long.
const ROUND: Duration = Duration::from_secs(4);

/// Runs a plan, with processes of this program, and says what came of it.
///
/// # Panics
/// If a server cannot be started, or a process hangs or fails.
pub async fn run(program: &Path, postgres: &PostgresServer, plan: Plan) -> Tally {
    let folder = tempfile::Builder::new().prefix("consistency-").tempdir();
    // A run that fails leaves its histories to be read.
    let folder = folder.expect("the temporary folder can be written").keep();
    let stage = Arc::new(Stage::build(program, postgres, &folder, plan).await);
    let mut round = 0;
    while round < stage.plan.rounds || stage.recorded() < stage.plan.operations {
        play(&stage, round).await;
        round += 1;
    }
    stage.finish().await;
    let tally = judge(&stage);
    if tally.violations == 0 || stage.plan.mutation.is_some() {
        std::fs::remove_dir_all(&folder).expect("the run's folder can be removed");
    } else {
        println!("seed {}: the histories are kept in {}", stage.plan.seed, folder.display());
    }
    tally
}

/// One round: everybody operates while things break, then all is mended, drained, quiet, and looked at.
async fn play(stage: &Arc<Stage>, round: u64) {
    stage.order_all(&Order::Round(round), None).await;
    let [servers, network] = schedule::draw(&stage.plan, round);
    let lane = |lane: Vec<Planned>| tokio::spawn(faults::strike(stage.clone(), lane, round));
    let (servers, network) = (lane(servers), lane(network));
    tokio::time::sleep(ROUND).await;
    servers.await.expect("faults can be made");
    network.await.expect("faults can be made");
    for proxy in &stage.proxies {
        proxy.set(Fault::Pass).await;
    }
    stage.order_all(&Order::Stop, Some(Answer::Done)).await;
    // What every process has sent is known everywhere once this bound has passed: it is part of the promise.
    tokio::time::sleep(BACKPLANE_TIMEOUT + SLACK).await;
    stage.recorder.quiesce();
    stage.order_all(&Order::Verify, Some(Answer::Done)).await;
}

fn judge(stage: &Stage) -> Tally {
    let mut notes = stage.notes();
    let mut history = History::read(&notes.histories).expect("the histories can be read");
    history.merge(stage.recorder.finish().expect("the conductor's record is in memory"));
    let mut tally = std::mem::take(&mut notes.tally);
    tally.add_history(&history);
    let checker = Checker::new()
        .propagation(stage.plan.propagation())
        .cut_off(stage.plan.cut_off())
        .revocation(BACKPLANE_TIMEOUT + SLACK)
        .lease(LEASE - SLACK);
    let (working, settled) = split(history.operations(), &notes.killed);
    tally.add_report(&checker.check(&working));
    tally.add_report(&checker.check(&settled));
    tally
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
