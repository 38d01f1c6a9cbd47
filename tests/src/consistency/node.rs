//! One process: takes orders from its standard input until that ends, and does what they say.

use super::commands::{Answer, Order};
use super::functions::{self, Mood, OnPurpose, Slot};
use super::observe;
use super::operations;
use super::steps::{self, Step};
use super::subject::Subject;
use super::world::{NodeConfig, World};
use cached_core::request_scope;
use cached_testkit::history::Recorder;
use futures_util::FutureExt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Runs a process to its end.
pub async fn run(config: NodeConfig) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !panic.payload().is::<OnPurpose>() {
            before(panic);
        }
    }));
    let world = Arc::new(World::enter(config));
    observe::listen(world.recorder.clone());
    cached_testkit::eventually("the backplane is heard", || {
        let resets = world.cache.stats().local_resets;
        async move { resets > 0 }
    })
    .await;
    answer(&Answer::Ready);
    let mut orders = BufReader::new(tokio::io::stdin()).lines();
    let mut tasks = JoinSet::new();
    let stop = Arc::new(AtomicBool::new(false));
    // The end of the input is the end of the conductor.
    while let Ok(Some(line)) = orders.next_line().await {
        match serde_json::from_str(&line).expect("an order of the conductor") {
            Order::Round(round) => {
                stop.store(false, Ordering::SeqCst);
                // One more than those who read and write at random: it writes the process' own row.
                for task in 0..=world.config.plan.tasks as u64 {
                    tasks.spawn(operate(world.clone(), round, task, stop.clone()));
                }
            }
            Order::Stop => {
                stop.store(true, Ordering::SeqCst);
                while let Some(ended) = tasks.join_next().await {
                    ended.expect("a task of the harness does not panic");
                }
                drain(&world).await;
                answer(&Answer::Done);
            }
            Order::Verify => {
                for subject in Subject::all() {
                    operations::read(&world, &world.recorder, subject, Mood::Plain).await;
                }
                answer(&Answer::Done);
            }
            Order::Stampede { key, callers, load_ms } => {
                let (go, start) = watch::channel(false);
                let all = stampede(&world, key, callers, Duration::from_millis(load_ms), &start);
                answer(&Answer::AtStart);
                let _ = orders.next_line().await;
                go.send_replace(true);
                answer(&all.await);
            }
            Order::Go => {}
        }
    }
}

pub(super) fn answer(answer: &Answer) {
    println!("{}", serde_json::to_string(answer).expect("an answer can be written"));
}

/// Runs one task's operations, in the order drawn, until told to stop.
async fn operate(world: Arc<World>, round: u64, task: u64, stop: Arc<AtomicBool>) {
    let NodeConfig { plan, slot, life, .. } = &world.config;
    let mut random = plan.random([round, *slot, *life, task]);
    let recorder = world.recorder.for_task(task);
    while !stop.load(Ordering::SeqCst) {
        let (mut step, polls) = Step::draw(plan, &mut random);
        if task == plan.tasks as u64 {
            step = steps::own(*slot as u32, &mut random);
        }
        let slot = Slot::default();
        let performed = perform(&world, &recorder, step, &slot);
        match polls {
            Some(polls) => give_up_after(polls, performed).await,
            None => performed.await,
        }
        // An annotated write that was dropped has invalidated by now: here at once, elsewhere from the queue.
        if let Some(invalidation) = functions::take(&slot) {
            invalidation.queued();
        }
    }
}

async fn perform(world: &Arc<World>, recorder: &Recorder, step: Step, slot: &Slot) {
    match step {
        Step::Read(reads) => read_all(world, recorder, reads).await,
        Step::Request(reads) => request_scope(read_all(world, recorder, reads)).await,
        Step::Look(subject) => operations::look(world, recorder, subject).await,
        Step::Write(step) => operations::write(world, recorder, step, slot).await,
        Step::Pause(time) => tokio::time::sleep(time).await,
    }
}

async fn read_all(world: &Arc<World>, recorder: &Recorder, reads: Vec<(Subject, Mood)>) {
    for (subject, mood) in reads {
        let read = AssertUnwindSafe(operations::read(world, recorder, subject, mood));
        // A panic of a load reaches its own caller, and is recorded by then.
        if let Err(panic) = read.catch_unwind().await
            && !panic.is::<OnPurpose>()
        {
            std::panic::resume_unwind(panic);
        }
    }
}

/// Drops a future that has not ended after so many polls: each of its waits is hit sooner or later.
async fn give_up_after(polls: u32, future: impl Future<Output = ()>) {
    let mut future = pin!(future);
    let mut left = polls;
    std::future::poll_fn(|context| {
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Pending if left > 0 => Poll::Pending,
            _ => Poll::Ready(()),
        }
    })
    .await;
}

/// Waits until no invalidation waits for the shared tier.
async fn drain(world: &World) {
    cached_testkit::eventually("all invalidations are delivered", || {
        let waiting = world.cache.queued();
        async move { waiting == 0 }
    })
    .await;
}

/// Callers of one key who wait for the start, then all ask at once; each load is counted in the source.
fn stampede(
    world: &Arc<World>,
    key: String,
    callers: usize,
    load: Duration,
    start: &watch::Receiver<bool>,
) -> impl Future<Output = Answer> + use<> {
    let mut all = JoinSet::new();
    for _ in 0..callers {
        let (world, key, mut go) = (world.clone(), key.clone(), start.clone());
        all.spawn(async move {
            go.wait_for(|go| *go).await.expect("the start is given");
            let loaded = world.cache.read(key.as_str()).or_load(|| async {
                let count = world.source.count_load(&key).await?;
                answer(&Answer::Loading);
                tokio::time::sleep(load).await;
                Ok::<_, sqlx::Error>(count)
            });
            loaded.await.expect("Postgres answers");
        });
    }
    async move {
        while let Some(served) = all.join_next().await {
            served.expect("a caller does not panic");
        }
        Answer::Served { callers }
    }
}
