//! The outbox is bounded by widening: nothing is forgotten by it, and nobody else's work is held up or fails.

mod common;

use cached_core::Invalidation;
use cached_postgres::CachedPool;
use common::*;
use sqlx::{AssertSqlSafe, Executor, PgPool, Postgres};

/// A fresh database where more than 10 rows become one.
async fn bounded() -> PgPool {
    let (pool, url) = database().await;
    let name = url.rsplit('/').next().unwrap();
    let set = format!("ALTER DATABASE \"{name}\" SET cached.outbox_rows = 10");
    pool.execute(AssertSqlSafe(set)).await.unwrap();
    connect(&url).await
}

/// Rows that are due, and that nobody takes.
async fn waiting_rows(pool: &PgPool, rows: i32) {
    let insert = "INSERT INTO cached.outbox (cache, invalidation, due_at) \
                  SELECT 'test', '{}', clock_timestamp() FROM generate_series(1, $1)";
    sqlx::query(insert).bind(rows).execute(pool).await.unwrap();
}

/// Two minutes go by.
async fn later(pool: &PgPool) {
    pool.execute("UPDATE cached.outbox SET due_at = due_at - interval '2 minutes'").await.unwrap();
}

/// Writes so many rows that one of them gathers what it may.
async fn write_many(to: impl Executor<'_, Database = Postgres>) {
    to.execute("SELECT cached.enqueue('test', '{}', interval '0') FROM generate_series(1, 1200)")
        .await
        .unwrap();
}

async fn rows(to: impl Executor<'_, Database = Postgres>) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM cached.outbox").fetch_one(to).await.unwrap()
}

#[tokio::test]
async fn the_table_is_bounded_by_widening_not_by_forgetting() {
    let pool = bounded().await;
    let db = CachedPool::with_outbox(pool.clone(), cache().await, eager());
    title(db.cache(), &pool, 1).await;
    crashed_commit(&pool, 1, r#"{"keys":["course:1"]}"#).await;
    later(&pool).await;
    write_many(&pool).await;
    assert!(rows(&pool).await <= 300);
    let first: i64 =
        sqlx::query_scalar("SELECT min(id) FROM cached.outbox").fetch_one(&pool).await.unwrap();
    assert!(first > 1, "the row went");
    let _relay = db.start_relay().unwrap();
    emptied(&pool).await;
    assert_eq!(title(db.cache(), &pool, 1).await, "new", "the row that went is included");
}

/// The numbers are those of all outboxes together: one may never have the row at which they are counted.
#[tokio::test]
async fn an_outbox_is_bounded_whosever_row_is_the_one_that_counts() {
    let pool = bounded().await;
    waiting_rows(&pool, 20).await;
    later(&pool).await;
    pool.execute("SELECT setval('cached.outbox_id_seq', 1000, false)").await.unwrap();
    pool.execute("SELECT cached.enqueue('other', '{}', interval '0')").await.unwrap();
    let left: Vec<(String, String)> =
        sqlx::query_as("SELECT cache, invalidation FROM cached.outbox ORDER BY cache")
            .fetch_all(&pool)
            .await
            .unwrap();
    let pair = |cache: &str, what: &str| (cache.to_owned(), what.to_owned());
    assert_eq!(left, [pair("other", "{}"), pair("test", r#"{"everything":true}"#)]);
}

#[tokio::test]
async fn a_commit_that_gathers_rows_removes_its_own_and_not_what_became_of_them() {
    let pool = bounded().await;
    let db = CachedPool::with_outbox(pool.clone(), cache().await, patient());
    title(db.cache(), &pool, 2).await;
    crashed_commit(&pool, 2, r#"{"keys":["course:2"]}"#).await;
    waiting_rows(&pool, 20).await;
    later(&pool).await;
    pool.execute("SELECT setval('cached.outbox_id_seq', 1000, false)").await.unwrap();
    for title in ["new", "newer"] {
        let mut tx = db.begin().await.unwrap();
        rename(&mut tx, 1, title).await;
        tx.invalidate(Invalidation::new().key("course:1"));
        tx.commit().await.unwrap();
    }
    // They are removed in this order.
    cached_testkit::eventually("the rows of both commits are removed", || async {
        let own = "SELECT count(*) FROM cached.outbox WHERE invalidation LIKE '%course:1%'";
        sqlx::query_scalar::<_, i64>(own).fetch_one(&pool).await.unwrap() == 0
    })
    .await;
    assert_eq!(rows(&pool).await, 1, "what was gathered waits for a relay");
    let _relay = db.start_relay().unwrap();
    emptied(&pool).await;
    assert_eq!(title(db.cache(), &pool, 2).await, "new");
}

#[tokio::test]
async fn a_transaction_that_gathers_rows_hides_none_that_a_relay_is_about_to_take() {
    let pool = bounded().await;
    let db = CachedPool::with_outbox(pool.clone(), cache().await, eager());
    title(db.cache(), &pool, 1).await;
    crashed_commit(&pool, 1, r#"{"keys":["course:1"]}"#).await;
    waiting_rows(&pool, 20).await;
    let mut long = pool.begin().await.unwrap();
    write_many(&mut *long).await;
    assert!(rows(&mut *long).await <= 300, "it has gathered its own");
    let relay = db.start_relay().unwrap();
    until("the rows of others are applied", || relay.stats().applied == 21).await;
    assert_eq!(title(db.cache(), &pool, 1).await, "new");
    long.commit().await.unwrap();
    emptied(&pool).await;
}

#[tokio::test]
async fn rows_that_went_since_a_snapshot_are_no_error_of_who_gathers() {
    for level in ["REPEATABLE READ", "SERIALIZABLE"] {
        let pool = bounded().await;
        waiting_rows(&pool, 20).await;
        later(&pool).await;
        let begin = AssertSqlSafe(format!("BEGIN ISOLATION LEVEL {level}"));
        let mut long = pool.begin_with(begin).await.unwrap();
        assert_eq!(rows(&mut *long).await, 20, "the snapshot is taken");
        pool.execute("DELETE FROM cached.outbox").await.unwrap();
        write_many(&mut *long).await;
        long.commit().await.unwrap();
        assert!(rows(&pool).await <= 300, "it has gathered its own");
    }
}

#[tokio::test]
async fn nothing_is_widened_where_another_transaction_has_gathered_the_rows() {
    let pool = bounded().await;
    waiting_rows(&pool, 20).await;
    later(&pool).await;
    let mut gathers = pool.begin().await.unwrap();
    gathers.execute("DELETE FROM cached.outbox").await.unwrap();
    pool.execute("SELECT setval('cached.outbox_id_seq', 1000, false)").await.unwrap();
    pool.execute("SELECT cached.enqueue('test', '{}', interval '0')").await.unwrap();
    let widened = "SELECT count(*) FROM cached.outbox WHERE invalidation = '{\"everything\":true}'";
    let widened: i64 = sqlx::query_scalar(widened).fetch_one(&pool).await.unwrap();
    assert_eq!(widened, 0);
    drop(gathers);
}
