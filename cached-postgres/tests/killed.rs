//! Writers that are killed (`SIGKILL`) between COMMIT and their invalidation, 200 times at random moments: with the
//! outbox no reader serves the old value once the relay has looked; without it the same test sees the old value.

mod common;

use cached_core::{Cache, Invalidation};
use cached_postgres::{CachedPool, Outbox};
use cached_testkit::{Fault, FaultProxy, shared_redis, unique_name};
use common::*;
use sqlx::PgPool;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::task::JoinSet;

const KILLS: u32 = 200;
/// So many go on at a time, each with a database and a namespace of its own: a writer mostly waits.
const SIDE_BY_SIDE: u32 = 4;
/// How late Redis answers the writers: so much time passes, at the least, between COMMIT and the invalidation.
const REDIS_IS_LATE: Duration = Duration::from_millis(4);

/// Runs in a process of its own, which the tests below start: one write. Alone it does nothing.
#[tokio::test]
async fn the_writer() {
    let Ok(orders) = std::env::var("CACHED_TEST_WRITER") else { return };
    let [postgres, redis, namespace, title, outbox] =
        orders.split(' ').collect::<Vec<_>>().try_into().unwrap();
    let pool = connect(postgres).await;
    let cache = Cache::builder().namespace(namespace).redis(redis).build().unwrap();
    let db = match outbox {
        "outbox" => CachedPool::with_outbox(pool, cache, Outbox::new("test")),
        _ => CachedPool::new(pool, cache),
    };
    let mut tx = db.begin().await.unwrap();
    rename(&mut tx, 1, title).await;
    tx.invalidate(Invalidation::new().key("course:1"));
    println!("\ncommitting");
    tx.commit().await.unwrap();
}

/// Starts a writer, and kills it at a random moment after it has begun to commit.
fn killed_writer(orders: &str) {
    let mut writer = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_writer", "--nocapture", "--test-threads=1"])
        .env("CACHED_TEST_WRITER", orders)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(writer.stdout.take().unwrap()).lines();
    for line in lines {
        if line.unwrap() == "committing" {
            break;
        }
    }
    std::thread::sleep(Duration::from_micros(fastrand::u64(0..12_000)));
    kill(&mut writer);
}

fn kill(writer: &mut Child) {
    writer.kill().unwrap(); // SIGKILL
    writer.wait().unwrap();
}

/// What the kills led to.
#[derive(Default, Debug)]
struct Outcome {
    kills: u32,
    committed: u32,
    /// Killed after COMMIT and before the row was removed: the relay had to see to it.
    left_behind: u32,
    /// Reads that gave the old value after everything had settled.
    stale: u32,
}

/// Waits until the server has noticed that the writers are gone, so that what they left cannot change any more.
async fn writers_are_gone(pool: &PgPool) {
    cached_testkit::eventually("the writers are gone", || async {
        let others: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
             AND application_name = 'writer'",
        )
        .fetch_one(pool)
        .await
        .unwrap();
        others == 0
    })
    .await;
}

/// Kills 200 writers, or fewer where one has left the old value.
async fn kills(outbox: bool) -> Outcome {
    let mut sides = JoinSet::new();
    for _ in 0..SIDE_BY_SIDE {
        sides.spawn(kills_of_one_database(outbox, KILLS / SIDE_BY_SIDE));
    }
    let mut all = Outcome::default();
    while let Some(side) = sides.join_next().await {
        let Outcome { kills, committed, left_behind, stale } = side.unwrap();
        all.kills += kills;
        all.committed += committed;
        all.left_behind += left_behind;
        all.stale += stale;
    }
    println!("outbox: {outbox}: {all:?}");
    all
}

async fn kills_of_one_database(outbox: bool, kills: u32) -> Outcome {
    let (pool, url) = database().await;
    let namespace = unique_name("killed");
    let cache = in_namespace(&namespace).await;
    let late = FaultProxy::start(shared_redis().address()).await.unwrap();
    late.set(Fault::Slow(REDIS_IS_LATE)).await;
    let rows = Outbox::new("test").interval(Duration::from_millis(10)).grace(Duration::ZERO);
    let db = CachedPool::with_outbox(pool.clone(), cache.clone(), rows);
    let mut outcome = Outcome::default();
    for n in 0..kills {
        let before = title(&cache, &pool, 1).await;
        let level = if outbox { "outbox" } else { "commit" };
        let orders =
            format!("{url}?application_name=writer {} {namespace} title{n} {level}", late.url());
        tokio::task::spawn_blocking(move || killed_writer(&orders)).await.unwrap();
        writers_are_gone(&pool).await;
        let truth = title_in_database(&pool, 1).await.unwrap();
        outcome.kills += 1;
        outcome.committed += u32::from(truth != before);
        if outbox_rows(&pool).await > 0 {
            outcome.left_behind += 1;
            let relay = db.start_relay().unwrap();
            cached_testkit::eventually("the relay has looked", || async {
                outbox_rows(&pool).await == 0
            })
            .await;
            relay.stop().await;
        }
        if title(&cache, &pool, 1).await != truth {
            outcome.stale += 1;
            break;
        }
    }
    outcome
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_outbox_no_reader_serves_the_old_value() {
    let outcome = kills(true).await;
    assert_eq!((outcome.stale, outcome.kills), (0, KILLS), "{outcome:?}");
    assert!(outcome.committed > 0 && outcome.left_behind > 0, "the kills missed: {outcome:?}");
}

/// The test above can fail.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_outbox_the_same_kills_leave_the_old_value() {
    let outcome = kills(false).await;
    assert!(outcome.stale > 0, "{outcome:?}");
}
