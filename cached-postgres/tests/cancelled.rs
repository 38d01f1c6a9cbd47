//! Transactions and savepoints that are given up while they begin, or that cannot begin: nothing is left open, nothing
//! commits by itself, and what was invalidated is never lost.

mod common;

use cached_core::Invalidation;
use cached_postgres::CachedPool;
use cached_testkit::{Fault, FaultProxy, shared_postgres};
use common::*;
use sqlx::postgres::PgPoolOptions;
use sqlx::{Acquire, Connection, Executor, PgPool};
use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

fn course(id: i64) -> Invalidation {
    Invalidation::new().key(format!("course:{id}"))
}

async fn db() -> CachedPool {
    let (pool, _) = database().await;
    CachedPool::new(pool, cache().await)
}

/// Polls a future so many times at most, then drops it; whether it was ready before.
async fn given_up(future: impl Future, after: usize) -> bool {
    let mut future = pin!(future);
    let mut polls = 0;
    std::future::poll_fn(|context| {
        polls += 1;
        match future.as_mut().poll(context) {
            Poll::Ready(_) => Poll::Ready(true),
            Poll::Pending if polls == after => Poll::Ready(false),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// A statement that the server refuses: until it is rolled back, the transaction takes no other.
async fn fail(to: impl Executor<'_, Database = sqlx::Postgres>) {
    to.execute("SELECT 1 / 0").await.unwrap_err();
}

#[tokio::test]
async fn a_begin_that_is_given_up_leaves_no_transaction_open_in_the_pool() {
    let (pool, url) = database().await;
    // No answer is there at once: each takes a poll of its own.
    let slow = FaultProxy::start(shared_postgres().address()).await.unwrap();
    slow.set(Fault::Slow(Duration::from_millis(5))).await;
    let port = |port: u16| format!(":{port}/");
    let url = url.replace(&port(shared_postgres().port()), &port(slow.address().port()));
    let one = PgPoolOptions::new().max_connections(1).connect(&url).await.unwrap();
    let db = CachedPool::new(one, cache().await);
    for polls in 1..5 {
        for explicit in [false, true] {
            if explicit {
                given_up(db.begin_with("BEGIN ISOLATION LEVEL SERIALIZABLE"), polls).await;
            } else {
                given_up(db.begin(), polls).await;
            }
            let title = format!("{polls} {explicit}");
            rename(&mut db.pool().acquire().await.unwrap(), 1, &title).await;
            assert_eq!(title_in_database(&pool, 1).await.unwrap(), title, "it was not committed");
        }
    }
}

#[tokio::test]
async fn a_savepoint_that_is_given_up_leaves_the_transaction_as_it_was() {
    let db = db().await;
    for id in 1..=3 {
        title(db.cache(), db.pool(), id).await;
    }
    for commits in [false, true] {
        let mut tx = db.begin().await.unwrap();
        rename(&mut tx, 1, "new").await;
        tx.invalidate(course(1));
        while given_up(tx.savepoint(), 1).await {}
        let mut savepoint = tx.savepoint().await.unwrap();
        rename(&mut savepoint, 2, "new").await;
        savepoint.invalidate(course(2));
        while given_up(savepoint.savepoint(), 1).await {}
        while given_up(Acquire::begin(&mut savepoint), 1).await {}
        rename(&mut savepoint, 3, "new").await;
        savepoint.invalidate(course(3));
        savepoint.commit().await.unwrap();
        assert_eq!(title_in_database(db.pool(), 3).await.unwrap(), "old");
        if commits {
            tx.commit().await.unwrap();
        } else {
            tx.rollback().await.unwrap();
        }
        for id in 1..=3 {
            let expected = if commits { "new" } else { "old" };
            assert_eq!(title_in_database(db.pool(), id).await.unwrap(), expected);
            assert_eq!(title(db.cache(), db.pool(), id).await, expected);
        }
    }
}

/// How a transaction ends that sqlx has ended already.
#[derive(Debug, Clone, Copy)]
enum End {
    Commit,
    Rollback,
    Drop,
}

#[tokio::test]
async fn what_is_written_after_a_savepoint_that_failed_is_invalidated_and_the_end_says_so() {
    let db = db().await;
    for end in [End::Commit, End::Rollback, End::Drop] {
        db.pool().execute("UPDATE courses SET title = 'old'").await.unwrap();
        db.cache().clear().await;
        for id in 1..=3 {
            title(db.cache(), db.pool(), id).await;
        }
        let mut tx = db.begin().await.unwrap();
        rename(&mut tx, 1, "new").await;
        fail(&mut *tx).await;
        tx.savepoint().await.unwrap_err();
        // It commits by itself: the transaction is no more.
        rename(&mut tx, 2, "new").await;
        tx.invalidate(course(2));
        let collector = cached_core::Collects::collector(&tx);
        match end {
            End::Commit => said(tx.commit().await),
            End::Rollback => said(tx.rollback().await),
            End::Drop => drop(tx),
        }
        assert_eq!(title(db.cache(), db.pool(), 2).await, "new", "{end:?}");
        rename(&mut db.pool().acquire().await.unwrap(), 3, "new").await;
        collector.add(course(3));
        assert_eq!(title(db.cache(), db.pool(), 3).await, "new", "{end:?}, named late");
        assert_eq!(title_in_database(db.pool(), 1).await.unwrap(), "old");
    }
}

#[tokio::test]
async fn a_savepoint_whose_transaction_was_lost_commits_nothing_and_hands_on_what_it_collected() {
    let db = db().await;
    for end in [End::Commit, End::Rollback, End::Drop] {
        db.pool().execute("UPDATE courses SET title = 'old'").await.unwrap();
        db.cache().clear().await;
        title(db.cache(), db.pool(), 2).await;
        let mut tx = db.begin().await.unwrap();
        rename(&mut tx, 1, "new").await;
        let mut savepoint = tx.savepoint().await.unwrap();
        fail(&mut *savepoint).await;
        // One of sqlx's own, of which nobody is told.
        Connection::begin(&mut *savepoint).await.unwrap_err();
        rename(&mut savepoint, 2, "new").await;
        savepoint.invalidate(course(2));
        match end {
            End::Commit => said(savepoint.commit().await),
            End::Rollback => said(savepoint.rollback().await),
            End::Drop => drop(savepoint),
        }
        said(tx.commit().await);
        assert_eq!(title_in_database(db.pool(), 1).await.unwrap(), "old", "{end:?}");
        let truth = title_in_database(db.pool(), 2).await.unwrap();
        assert_eq!(title(db.cache(), db.pool(), 2).await, truth, "{end:?}");
    }
    assert_eq!(idle_in_transaction(db.pool()).await, 0);
}

/// sqlx lowers its depth twice where a savepoint cannot be set: three deep, the outermost transaction is open still.
#[tokio::test]
async fn a_savepoint_in_a_savepoint_that_was_lost_commits_nothing_of_the_transaction() {
    let db = db().await;
    for end in [End::Commit, End::Rollback, End::Drop] {
        db.pool().execute("UPDATE courses SET title = 'old'").await.unwrap();
        db.cache().clear().await;
        let mut tx = db.begin().await.unwrap();
        rename(&mut tx, 1, "new").await;
        let mut savepoint = tx.savepoint().await.unwrap();
        let mut inner = savepoint.savepoint().await.unwrap();
        fail(&mut *inner).await;
        inner.savepoint().await.unwrap_err();
        rename(&mut inner, 2, "new").await;
        match end {
            End::Commit => said(inner.commit().await),
            End::Rollback => said(inner.rollback().await),
            End::Drop => drop(inner),
        }
        assert_eq!(title_in_database(db.pool(), 1).await.unwrap(), "old", "{end:?}");
        said(savepoint.commit().await);
        said(tx.rollback().await);
        for id in 1..=2 {
            assert_eq!(title_in_database(db.pool(), id).await.unwrap(), "old", "{end:?}");
        }
    }
    assert_eq!(idle_in_transaction(db.pool()).await, 0);
}

fn said(result: sqlx::Result<()>) {
    let error = result.unwrap_err().to_string();
    assert!(error.contains("a savepoint could not be set"), "{error}");
}

async fn idle_in_transaction(pool: &PgPool) -> i64 {
    sqlx::query_scalar(
        "SELECT count(*) FROM pg_stat_activity \
         WHERE datname = current_database() AND state LIKE 'idle in transaction%'",
    )
    .fetch_one(pool)
    .await
    .unwrap()
}
