//! Connections that go silent: no answer comes any more, and nobody is told. Commits invalidate all the same, and the
//! relay goes on.

mod common;

use cached_core::{Cache, Invalidation, invalidates};
use cached_postgres::{CachedPool, CachedTransaction, Outbox};
use cached_testkit::{Fault, FaultProxy, shared_postgres};
use common::*;
use sqlx::PgPool;
use std::time::Duration;

/// A pool through a proxy.
async fn through(url: &str) -> (FaultProxy, PgPool) {
    let proxy = FaultProxy::start(shared_postgres().address()).await.unwrap();
    let port = format!(":{}/", shared_postgres().port());
    let url = url.replace(&port, &format!(":{}/", proxy.address().port()));
    (proxy, connect(&url).await)
}

/// A cache of this process alone: nothing in it waits for a clock.
fn alone() -> Cache {
    Cache::builder().build().unwrap()
}

/// So much time goes by, for timers.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_commit_whose_answer_never_comes_invalidates_at_once_and_twice_again() {
    let (pool, url) = database().await;
    sqlx::raw_sql(SLOW_COMMIT).execute(&pool).await.unwrap();
    let (proxy, silent) = through(&url).await;
    let db = CachedPool::new(silent, alone());
    title(db.cache(), &pool, 1).await;
    let lock = slow_commits(&pool).await;
    let mut tx = db.begin().await.unwrap();
    rename(&mut tx, 1, "new").await;
    tx.invalidate(Invalidation::new().key("course:1"));
    let commit = tokio::spawn(tx.commit());
    somebody_waits(&pool).await;
    proxy.set(Fault::Stall).await;

    let invalidations = || db.cache().stats().invalidations;
    for (times, after) in [(1, 6), (2, 2)] {
        assert_eq!(title(db.cache(), &pool, 1).await, "old");
        assert_eq!(invalidations(), times - 1);
        pass(Duration::from_secs(after)).await;
        until("it is invalidated", || invalidations() == times).await;
        assert_eq!(held(db.cache(), 1).await, None);
    }
    // The server is committing still, so a reader sees the old value once more.
    assert_eq!(title(db.cache(), &pool, 1).await, "old");
    lock.rollback().await.unwrap();
    cached_testkit::eventually("it is committed", || async {
        title_in_database(&pool, 1).await.unwrap() == "new"
    })
    .await;
    pass(Duration::from_secs(11)).await;
    until("it is invalidated for the last time", || invalidations() == 3).await;
    assert_eq!(title(db.cache(), &pool, 1).await, "new");
    assert!(!commit.is_finished(), "who commits waits on, as for a server that is busy");
}

#[tokio::test]
async fn a_commit_whose_answer_comes_late_invalidates_when_it_comes() {
    let (pool, _) = database().await;
    sqlx::raw_sql(SLOW_COMMIT).execute(&pool).await.unwrap();
    let db = CachedPool::new(pool.clone(), alone());
    let lock = slow_commits(&pool).await;
    let mut tx = db.begin().await.unwrap();
    rename(&mut tx, 1, "new").await;
    tx.invalidate(Invalidation::new().key("course:1"));
    let commit = tokio::spawn(tx.commit());
    somebody_waits(&pool).await;
    for (seconds, times) in [(6, 1), (2, 2), (11, 3)] {
        pass(Duration::from_secs(seconds)).await;
        until("it is invalidated", || db.cache().stats().invalidations == times).await;
    }
    assert_eq!(title(db.cache(), &pool, 1).await, "old");
    lock.rollback().await.unwrap();
    commit.await.unwrap().unwrap();
    assert_eq!(title(db.cache(), &pool, 1).await, "new");
}

#[invalidates(in = tx, key = ["course:<id>", "new:<return>"])]
async fn rename_and_give_up(
    mut tx: CachedTransaction<'_>,
    id: i64,
    names: bool,
) -> sqlx::Result<i64> {
    rename(&mut tx, id, "new").await;
    if !names {
        drop(cached_core::Collects::collector(&tx).take());
    }
    tokio::time::timeout(Duration::from_millis(1), tx.commit()).await.unwrap_err();
    Ok(id)
}

#[tokio::test]
async fn what_is_named_after_a_commit_was_given_up_follows_it() {
    let (pool, _) = database().await;
    sqlx::raw_sql(SLOW_COMMIT).execute(&pool).await.unwrap();
    let db = CachedPool::new(pool.clone(), alone());
    for (id, names) in [(1, true), (2, false)] {
        let new = format!("new:{id}");
        let new = new.as_str();
        db.cache().set(new, 1_i64, cached_core::Ttl::DAY).await;
        let lock = slow_commits(&pool).await;
        let tx = db.begin().await.unwrap();
        rename_and_give_up(tx, id, names).await.unwrap();
        somebody_waits(&pool).await;
        assert_eq!(db.cache().get::<i64>(new).await, Some(1), "now is too early");
        lock.rollback().await.unwrap();
        cached_testkit::eventually("it is invalidated", || async {
            db.cache().get::<i64>(new).await.is_none()
        })
        .await;
        assert_eq!(title_in_database(&pool, id).await.unwrap(), "new");
    }
}

/// The runtime in which a commit waits ends: nobody will know how COMMIT ends.
#[tokio::test]
async fn a_commit_whose_runtime_ends_invalidates_the_caches_of_others() {
    let (pool, url) = database().await;
    sqlx::raw_sql(SLOW_COMMIT).execute(&pool).await.unwrap();
    let cache = alone();
    title(&cache, &pool, 1).await;
    let lock = slow_commits(&pool).await;
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (end, ends) = std::sync::mpsc::channel::<()>();
    let committing = cache.clone();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let tx = runtime.block_on(async {
            let db = CachedPool::new(connect(&url).await, committing);
            let mut tx = db.begin().await.unwrap();
            rename(&mut tx, 1, "new").await;
            tx.invalidate(Invalidation::new().key("course:1"));
            tx
        });
        runtime.spawn(tx.commit());
        begun.send(()).unwrap();
        // Driven until it is told to end.
        runtime.block_on(async {
            while ends.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
                tokio::task::yield_now().await;
            }
        });
    });
    has_begun.await.unwrap();
    somebody_waits(&pool).await;
    assert_eq!(held(&cache, 1).await.as_deref(), Some("old"));
    end.send(()).unwrap();
    tokio::task::spawn_blocking(move || thread.join().unwrap()).await.unwrap();
    assert_eq!(held(&cache, 1).await, None);
    lock.rollback().await.unwrap();
}

#[tokio::test]
async fn a_relay_whose_connections_go_silent_says_so_and_goes_on_with_others() {
    let (pool, url) = database().await;
    let (proxy, silent) = through(&url).await;
    let outbox = Outbox::new("test").grace(Duration::ZERO).interval(Duration::from_millis(20));
    let db = CachedPool::with_outbox(silent, alone(), outbox);
    let relay = db.start_relay().unwrap();
    until("it listens", || relay.stats().listening).await;
    crashed_commit(&pool, 1, r#"{"keys":["course:1"]}"#).await;
    until("it works", || relay.stats().applied == 1).await;
    proxy.set(Fault::Stall).await;
    proxy.set(Fault::Pass).await;
    crashed_commit(&pool, 1, r#"{"keys":["course:1"]}"#).await;
    until("the row is applied", || relay.stats().applied == 2).await;
    assert!(relay.stats().faults > 0);
    until("it has noticed that it heard nothing any more", || relay.stats().listen_losses == 1)
        .await;
    until("it listens again", || relay.stats().listening).await;
    // Silent for good.
    proxy.set(Fault::Stall).await;
    relay.stop().await;
}

/// Each removal waits for a lock.
const SLOW_REMOVAL: &str = "
    CREATE FUNCTION wait_too() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_advisory_xact_lock(2); RETURN NULL; END $$;
    CREATE TRIGGER slow BEFORE DELETE ON cached.outbox FOR EACH STATEMENT EXECUTE FUNCTION wait_too();";

#[tokio::test]
async fn later_rows_are_removed_after_a_connection_went_silent() {
    let (pool, url) = database().await;
    sqlx::raw_sql(SLOW_REMOVAL).execute(&pool).await.unwrap();
    let (proxy, silent) = through(&url).await;
    let db = CachedPool::with_outbox(silent, alone(), patient());
    let mut lock = pool.begin().await.unwrap();
    sqlx::query("SELECT pg_advisory_xact_lock(2)").execute(&mut *lock).await.unwrap();
    commit_with_row(&db).await;
    cached_testkit::eventually("the removal waits", || async {
        let waiting = "SELECT count(*) FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event = 'advisory'";
        sqlx::query_scalar::<_, i64>(waiting).fetch_one(&pool).await.unwrap() == 1
    })
    .await;
    // Those that wait in the pool are not what this is about.
    let mut kept = Vec::new();
    while let Some(connection) = db.pool().try_acquire() {
        kept.push(connection);
    }
    proxy.set(Fault::Stall).await;
    proxy.set(Fault::Pass).await;
    lock.rollback().await.unwrap();
    commit_with_row(&db).await;
    cached_testkit::eventually(
        "the later row is removed; the first is left to the relays",
        || async { outbox_rows(&pool).await == 1 },
    )
    .await;
}

async fn commit_with_row(db: &CachedPool) {
    let mut tx = db.begin().await.unwrap();
    rename(&mut tx, 1, "new").await;
    tx.invalidate(Invalidation::new().key("course:1"));
    tx.commit().await.unwrap();
}
