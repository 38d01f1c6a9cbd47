//! What `install` finds out about the database: triggers that are on another table, or off, and what it refuses.

mod common;

use cached_core::Invalidation;
use cached_postgres::{CachedPool, Outbox, Watch};
use common::*;
use sqlx::{AssertSqlSafe, PgPool};
use std::collections::BTreeSet;

/// A pool whose outbox nobody relays, so that its rows can be looked at.
async fn db() -> CachedPool {
    let (pool, _) = database().await;
    CachedPool::with_outbox(pool, cache().await, Outbox::new("test"))
}

async fn run(pool: &PgPool, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
}

/// All that the outbox holds, and nothing of it afterwards.
async fn written(pool: &PgPool) -> Invalidation {
    let rows: Vec<String> = sqlx::query_scalar("DELETE FROM cached.outbox RETURNING invalidation")
        .fetch_all(pool)
        .await
        .unwrap();
    let all = rows.iter().map(|json| Invalidation::from_json(json));
    all.fold(Invalidation::new(), Invalidation::and)
}

/// Runs SQL; the keys and tags that it made untrue.
async fn after(pool: &PgPool, sql: &str) -> String {
    drop(written(pool).await);
    run(pool, sql).await;
    let what = written(pool).await;
    assert!(!what.is_everything(), "{sql}");
    what.keys()
        .chain(what.tags())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect::<Vec<_>>()
        .join(" ")
}

async fn patterns(pool: &PgPool) -> String {
    written(pool).await.patterns().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_table_that_was_swapped_for_another_of_its_name_is_watched() {
    let db = db().await;
    let pool = db.pool();
    let watch = Watch::table("courses").key("course:<id>");
    watch.install(&db).await.unwrap();
    run(
        pool,
        "ALTER TABLE courses RENAME TO courses_old; CREATE TABLE courses (LIKE courses_old INCLUDING ALL)",
    )
    .await;
    drop(written(pool).await);
    watch.install(&db).await.unwrap();
    assert_eq!(patterns(pool).await, "course:*", "nobody watched it before");
    assert_eq!(after(pool, "INSERT INTO courses VALUES (1, 'x', 's')").await, "course:1");
    assert_eq!(
        after(pool, "UPDATE courses_old SET title = 'x'").await,
        "",
        "it is watched no more"
    );
    watch.install(&db).await.unwrap();
    assert!(written(pool).await.is_empty(), "it was there as it should be");
}

#[tokio::test]
async fn a_partition_that_was_swapped_for_another_of_its_name_is_watched() {
    let db = db().await;
    let pool = db.pool();
    run(
        pool,
        "CREATE TABLE logs (day int) PARTITION BY RANGE (day); \
         CREATE TABLE low PARTITION OF logs FOR VALUES FROM (0) TO (10)",
    )
    .await;
    let watch = Watch::table("logs").key("log:<day>");
    watch.install(&db).await.unwrap();
    run(
        pool,
        "ALTER TABLE logs DETACH PARTITION low; ALTER TABLE low RENAME TO low_old; \
         CREATE TABLE low PARTITION OF logs FOR VALUES FROM (0) TO (10)",
    )
    .await;
    watch.install(&db).await.unwrap();
    assert_eq!(after(pool, "INSERT INTO low VALUES (1)").await, "log:1");
    assert_eq!(after(pool, "INSERT INTO low_old VALUES (1)").await, "");
}

#[tokio::test]
async fn triggers_that_somebody_switched_are_switched_back() {
    let db = db().await;
    let pool = db.pool();
    let watch = Watch::table("courses").key("course:<id>");
    watch.install(&db).await.unwrap();
    let update = "UPDATE courses SET title = title WHERE id = 1";
    for again in ["install", "turn_on"] {
        run(pool, "ALTER TABLE courses DISABLE TRIGGER USER").await;
        assert_eq!(after(pool, update).await, "");
        match again {
            "install" => watch.install(&db).await.unwrap(),
            _ => watch.turn_on(&db).await.unwrap(),
        }
        assert_eq!(patterns(pool).await, "course:*", "{again}: what it missed");
        assert_eq!(after(pool, update).await, "course:1");
    }
    watch.turn_off(&db).await.unwrap();
    run(pool, "ALTER TABLE courses ENABLE TRIGGER USER").await;
    watch.install(&db).await.unwrap();
    assert_eq!(after(pool, update).await, "", "it is off");
    // Those that fire in replicas too are on.
    watch.turn_on(&db).await.unwrap();
    run(
        pool,
        "DO $$ DECLARE t name; BEGIN FOR t IN SELECT tgname FROM pg_trigger WHERE NOT tgisinternal LOOP \
         EXECUTE format('ALTER TABLE courses ENABLE ALWAYS TRIGGER %I', t); END LOOP; END $$",
    )
    .await;
    drop(written(pool).await);
    watch.install(&db).await.unwrap();
    assert!(written(pool).await.is_empty());
}
