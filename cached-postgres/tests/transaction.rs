//! Invalidations follow COMMIT: never without one, and never lost with one.

mod common;

use cached_core::{Cache, Invalidation, cached, invalidates};
use cached_postgres::{CachedPool, CachedTransaction, Outbox};
use cached_testkit::{Fault, FaultProxy, shared_postgres};
use common::*;
use std::future::Future;
use std::task::Poll;
use std::time::Duration;

fn course(id: i64) -> Invalidation {
    Invalidation::new().key(format!("course:{id}"))
}

async fn db() -> CachedPool {
    let (pool, _) = database().await;
    CachedPool::new(pool, cache().await)
}

#[tokio::test]
async fn a_commit_invalidates_before_it_returns() {
    let db = db().await;
    assert_eq!(title(db.cache(), db.pool(), 1).await, "old");
    let mut tx = db.begin().await.unwrap();
    rename(&mut tx, 1, "new").await;
    tx.invalidate(course(1));
    assert_eq!(held(db.cache(), 1).await.as_deref(), Some("old"), "not before COMMIT");
    tx.commit().await.unwrap();
    assert_eq!(title(db.cache(), db.pool(), 1).await, "new");
}

#[tokio::test]
async fn a_value_that_was_loaded_before_the_commit_is_not_stored_after_it() {
    let db = db().await;
    let mut tx = db.begin().await.unwrap();
    rename(&mut tx, 1, "new").await;
    tx.invalidate(course(1));
    let load = || async {
        let old = title_in_database(db.pool(), 1).await?;
        tx.commit().await?;
        Ok(old)
    };
    let slow: sqlx::Result<String> = db.cache().read("course:1").or_load(load).await;
    assert_eq!(slow.unwrap(), "old", "it began before");
    assert_eq!(title(db.cache(), db.pool(), 1).await, "new");
}

#[tokio::test]
async fn what_is_rolled_back_or_dropped_invalidates_nothing() {
    let db = db().await;
    title(db.cache(), db.pool(), 1).await;
    let before = db.cache().stats().invalidations;
    let mut tx = db.begin().await.unwrap();
    rename(&mut tx, 1, "new").await;
    tx.invalidate(course(1));
    tx.rollback().await.unwrap();
    let mut tx = db.begin().await.unwrap();
    rename(&mut tx, 1, "new").await;
    tx.invalidate(course(1));
    drop(tx);
    let mut tx = db.begin().await.unwrap();
    tx.invalidate(course(1));
    drop(tx.commit());
    tx = db.begin().await.unwrap();
    rename(&mut tx, 2, "new").await;
    tx.commit().await.unwrap();
    assert_eq!(db.cache().stats().invalidations, before);
    assert_eq!(held(db.cache(), 1).await.as_deref(), Some("old"));
}

#[tokio::test]
async fn a_commit_that_the_server_refuses_invalidates_nothing() {
    let db = db().await;
    sqlx::raw_sql(
        "UPDATE courses SET school = id::text; \
         ALTER TABLE courses ADD CONSTRAINT one UNIQUE (school) DEFERRABLE INITIALLY DEFERRED",
    )
    .execute(db.pool())
    .await
    .unwrap();
    title(db.cache(), db.pool(), 1).await;
    let mut tx = db.begin().await.unwrap();
    sqlx::query("UPDATE courses SET school = '2' WHERE id = 1").execute(&mut *tx).await.unwrap();
    tx.invalidate(course(1));
    let error = tx.commit().await.unwrap_err();
    assert!(error.as_database_error().unwrap().is_unique_violation(), "{error}");
    assert_eq!(held(db.cache(), 1).await.as_deref(), Some("old"));
}

#[tokio::test]
async fn a_savepoint_takes_back_what_it_rolls_back() {
    let db = db().await;
    for id in 1..=5 {
        title(db.cache(), db.pool(), id).await;
    }
    let mut tx = db.begin().await.unwrap();
    tx.invalidate(course(1));
    {
        let mut kept = tx.savepoint().await.unwrap();
        rename_and_invalidate(&mut kept, 2).await;
        let mut inner = kept.savepoint().await.unwrap();
        rename_and_invalidate(&mut inner, 3).await;
        inner.rollback().await.unwrap();
        kept.commit().await.unwrap();
    }
    {
        let mut dropped = tx.savepoint().await.unwrap();
        rename_and_invalidate(&mut dropped, 4).await;
        let mut inner = dropped.savepoint().await.unwrap();
        rename_and_invalidate(&mut inner, 5).await;
        inner.commit().await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut held_now = Vec::new();
    for id in 1..=5 {
        held_now.push(held(db.cache(), id).await.is_some());
    }
    assert_eq!(held_now, [false, false, true, true, true]);
    assert_eq!(title_in_database(db.pool(), 2).await.unwrap(), "new");
    assert_eq!(title_in_database(db.pool(), 5).await.unwrap(), "old");
}

/// Takes a transaction or a savepoint.
async fn rename_and_invalidate(tx: &mut CachedTransaction<'_>, id: i64) {
    rename(tx, id, "new").await;
    tx.invalidate(course(id));
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_invalidates() {
    lost_answer(None).await;
}

#[tokio::test]
async fn with_the_outbox_a_relay_makes_good_for_a_lost_answer() {
    lost_answer(Some(Outbox::new("test").grace(Duration::ZERO))).await;
}

async fn lost_answer(outbox: Option<Outbox>) {
    let (pool, url) = database().await;
    let other = cache().await;
    sqlx::raw_sql(SLOW_COMMIT).execute(&pool).await.unwrap();
    let proxy = FaultProxy::start(shared_postgres().address()).await.unwrap();
    let port = shared_postgres().port();
    let through =
        connect(&url.replace(&format!(":{port}/"), &format!(":{}/", proxy.address().port()))).await;
    let cache = cache().await;
    let (db, _relay) = match outbox {
        None => (CachedPool::new(through, cache), None),
        Some(outbox) => {
            let relaying = CachedPool::with_outbox(pool.clone(), cache.clone(), outbox.clone());
            let relay = relaying.start_relay().unwrap();
            (CachedPool::with_outbox(through, cache, outbox), Some(relay))
        }
    };
    title(db.cache(), &pool, 1).await;

    let mut lock = pool.begin().await.unwrap();
    sqlx::query("SELECT pg_advisory_xact_lock(1)").execute(&mut *lock).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    rename_in_two_caches(&mut tx, &other, 1).await;
    tx.invalidate(course(1));
    let commit = tokio::spawn(tx.commit());
    somebody_waits(&pool).await;
    proxy.set(Fault::Cut).await;
    assert!(commit.await.unwrap().is_err());
    assert_eq!(held(db.cache(), 1).await, None, "it may have been committed");

    // The server is committing still, so a reader sees the old value once more ..
    assert_eq!(title(db.cache(), &pool, 1).await, "old");
    assert_eq!(in_another_cache(&other, &pool, 1).await.unwrap(), "old");
    lock.rollback().await.unwrap();
    // .. which the second invalidation, or the relay, takes away. Rows say nothing of other caches than the pool's.
    for cache in [db.cache(), &other] {
        cached_testkit::eventually("the new title is read", || async {
            title(cache, &pool, 1).await == "new"
        })
        .await;
    }
}

/// The function of a cache that is not the pool's.
#[cached(cache = cache, skip(cache, pool), key = "course:<id>")]
async fn in_another_cache(cache: &Cache, pool: &sqlx::PgPool, id: i64) -> sqlx::Result<String> {
    title_in_database(pool, id).await
}

#[invalidates(in = tx, in_another_cache(other, id))]
async fn rename_in_two_caches(tx: &mut CachedTransaction<'_>, other: &Cache, id: i64) {
    rename(tx, id, "new").await;
}

#[tokio::test]
async fn a_commit_that_is_dropped_is_finished_and_invalidates_afterwards() {
    let db = db().await;
    sqlx::raw_sql(SLOW_COMMIT).execute(db.pool()).await.unwrap();
    title(db.cache(), db.pool(), 1).await;
    let mut lock = db.pool().begin().await.unwrap();
    sqlx::query("SELECT pg_advisory_xact_lock(1)").execute(&mut *lock).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    rename(&mut tx, 1, "new").await;
    tx.invalidate(course(1));
    let mut commit = Box::pin(tx.commit());
    let first = std::future::poll_fn(|context| Poll::Ready(commit.as_mut().poll(context))).await;
    assert!(first.is_pending());
    drop(commit);
    somebody_waits(db.pool()).await;
    assert_eq!(
        held(db.cache(), 1).await.as_deref(),
        Some("old"),
        "an invalidation now is too early"
    );
    lock.rollback().await.unwrap();
    until("the commit is finished", || db.cache().stats().invalidations > 0).await;
    assert_eq!(title_in_database(db.pool(), 1).await.unwrap(), "new");
    cached_testkit::eventually("the new title is read", || async {
        title(db.cache(), db.pool(), 1).await == "new"
    })
    .await;
}

#[tokio::test]
async fn a_transaction_stands_for_the_connection() {
    async fn generic<'c>(to: impl sqlx::Acquire<'c, Database = sqlx::Postgres>) -> i64 {
        let mut connection = to.acquire().await.unwrap();
        sqlx::query_scalar("SELECT count(*) FROM courses")
            .fetch_one(&mut *connection)
            .await
            .unwrap()
    }
    let db = db().await;
    let mut tx = db.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ").await.unwrap();
    let level: String =
        sqlx::query_scalar("SHOW transaction_isolation").fetch_one(&mut *tx).await.unwrap();
    assert_eq!(level, "repeatable read");
    assert_eq!(generic(&mut tx).await, 5);
    tx.rollback().await.unwrap();
}
