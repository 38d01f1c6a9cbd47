//! What the tests share: a database of their own with a table of courses, and caches on a private Redis.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]

use cached_core::{Cache, CacheBuilder};
use cached_postgres::Outbox;
use cached_testkit::{shared_postgres, shared_redis, unique_name};
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Executor, PgPool, Postgres};
use std::time::Duration;

pub async fn connect(url: &str) -> PgPool {
    PgPoolOptions::new().max_connections(8).connect(url).await.expect("Postgres is there")
}

/// A fresh database with courses 1 to 5, all titled `old`, and the schema `cached`.
pub async fn database() -> (PgPool, String) {
    let url = shared_postgres().fresh_database();
    let pool = connect(&url).await;
    prepare(&pool).await;
    (pool, url)
}

pub async fn run(to: impl Executor<'_, Database = Postgres>, sql: &str) {
    to.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.unwrap();
}

pub async fn prepare(pool: &PgPool) {
    run(
        pool,
        "CREATE TABLE courses (id bigint PRIMARY KEY, title text NOT NULL, school text); \
         INSERT INTO courses SELECT n, 'old', 's' || n % 2 FROM generate_series(1, 5) n;",
    )
    .await;
    cached_postgres::migrate(pool).await.unwrap();
}

/// A builder on the shared Redis.
pub fn on_redis(namespace: &str) -> CacheBuilder {
    Cache::builder()
        .namespace(namespace)
        .redis(shared_redis().url())
        .operation_timeout(Duration::from_secs(5))
}

/// A cache in a namespace of its own, whose local tier is in use.
pub async fn cache() -> Cache {
    in_namespace(&unique_name("pg")).await
}

pub async fn in_namespace(namespace: &str) -> Cache {
    let cache = on_redis(namespace).build().expect("the settings are valid");
    listening(&cache).await;
    cache
}

/// Waits until a cache hears the backplane: only then does its local tier serve without limit.
pub async fn listening(cache: &Cache) {
    until("the backplane is heard", || cache.stats().local_resets > 0).await;
}

pub async fn until(what: &str, condition: impl Fn() -> bool) {
    cached_testkit::eventually(what, || std::future::ready(condition())).await;
}

/// The title of a course, read through a cache.
pub async fn title(cache: &Cache, pool: &PgPool, id: i64) -> String {
    let load = || async { title_in_database(pool, id).await };
    cache.read(format!("course:{id}")).tag("courses").or_load(load).await.unwrap()
}

pub async fn title_in_database(pool: &PgPool, id: i64) -> sqlx::Result<String> {
    sqlx::query_scalar("SELECT title FROM courses WHERE id = $1").bind(id).fetch_one(pool).await
}

/// What the cache holds, without loading.
pub async fn held(cache: &Cache, id: i64) -> Option<String> {
    cache.get(format!("course:{id}")).await
}

pub async fn rename(connection: &mut sqlx::PgConnection, id: i64, title: &str) {
    sqlx::query("UPDATE courses SET title = $2 WHERE id = $1")
        .bind(id)
        .bind(title)
        .execute(connection)
        .await
        .unwrap();
}

pub async fn outbox_rows(pool: &PgPool) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM cached.outbox").fetch_one(pool).await.unwrap()
}

/// Relays leave rows to their writers: what a test sees is then the writers' work alone.
pub fn patient() -> Outbox {
    Outbox::new("test").grace(Duration::from_secs(3_600)).interval(Duration::from_millis(20))
}

/// Relays take rows at once.
pub fn eager() -> Outbox {
    Outbox::new("test").grace(Duration::ZERO).interval(Duration::from_millis(20))
}

/// What a process that was killed after COMMIT leaves: the change, and the row.
pub async fn crashed_commit(pool: &PgPool, id: i64, json: &str) {
    let mut tx = pool.begin().await.unwrap();
    rename(&mut tx, id, "new").await;
    sqlx::query("SELECT cached.enqueue('test', $1, interval '0')")
        .bind(json)
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

pub async fn emptied(pool: &PgPool) {
    cached_testkit::eventually("the outbox is empty", || async { outbox_rows(pool).await == 0 })
        .await;
}

/// A COMMIT that waits until the test lets it go: a deferred trigger takes a lock that the test holds.
pub const SLOW_COMMIT: &str = "
    CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER slow AFTER UPDATE ON courses
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait();";

pub async fn somebody_waits(pool: &PgPool) {
    cached_testkit::eventually("COMMIT waits", || async {
        let waiting: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pg_stat_activity \
             WHERE datname = current_database() AND wait_event = 'advisory' AND query = 'COMMIT'",
        )
        .fetch_one(pool)
        .await
        .unwrap();
        waiting == 1
    })
    .await;
}

/// Commits wait until this is rolled back.
pub async fn slow_commits(pool: &PgPool) -> sqlx::Transaction<'static, sqlx::Postgres> {
    let mut lock = pool.begin().await.unwrap();
    sqlx::query("SELECT pg_advisory_xact_lock(1)").execute(&mut *lock).await.unwrap();
    lock
}
