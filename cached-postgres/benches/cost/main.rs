//! What the forms of invalidation cost, against a bare transaction and a table without watch, and how soon psql is
//! heard. Each pair is measured in turns (A B A B), so that a machine that slows down slows both. No figure is judged
//! here.
//!
//! `cargo bench -p cached-postgres`

mod freshness;

use cached_core::{Cache, Invalidation};
use cached_postgres::{CachedPool, Outbox, Watch};
use cached_testkit::{PostgresServer, RedisServer};
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Executor, PgPool};
use std::time::{Duration, Instant};

const ROUNDS: usize = 40;
const BULK_ROUNDS: usize = 20;
/// Operations of one kind between those of another.
const BLOCK: i64 = 50;
const ROWS: usize = 30_000;

#[tokio::main]
async fn main() {
    if freshness::is_reader() {
        return freshness::reader().await;
    }
    // `cargo test --all-targets` runs this too, and has no use for it.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let redis = RedisServer::start().expect("Redis");
    for fsync in ["on", "off"] {
        let postgres = PostgresServer::builder()
            .setting("fsync", fsync)
            .setting("full_page_writes", fsync)
            .setting("shared_buffers", "128MB")
            .start()
            .expect("Postgres");
        println!("\nPostgres with fsync = {fsync}");
        let pool = PgPoolOptions::new().connect(&postgres.url("postgres")).await.expect("connects");
        setup(&pool).await;
        transactions(&pool, &redis).await;
        bulk(&pool, &redis).await;
        if fsync == "on" {
            freshness::measure(&postgres, &pool, &redis).await;
        }
    }
}

async fn setup(pool: &PgPool) {
    let sql = format!(
        "CREATE TABLE plain (id bigint PRIMARY KEY, title text NOT NULL, teacher bigint, changed timestamptz); \
         INSERT INTO plain SELECT n, 'course ' || n, n % 100, now() FROM generate_series(1, {ROWS}) n; \
         CREATE INDEX ON plain (teacher); \
         CREATE TABLE watched (LIKE plain INCLUDING ALL); INSERT INTO watched SELECT * FROM plain;"
    );
    pool.execute(AssertSqlSafe(sql)).await.expect("tables");
    cached_postgres::migrate(pool).await.expect("migration");
}

fn cache(redis: &RedisServer, namespace: &str) -> Cache {
    Cache::builder().namespace(namespace).redis(redis.url()).build().expect("a cache")
}

/// One UPDATE by key in a transaction: bare, commit-bound, with the outbox.
async fn transactions(pool: &PgPool, redis: &RedisServer) {
    let memory = CachedPool::new(pool.clone(), Cache::builder().build().expect("a cache"));
    let bound = CachedPool::new(pool.clone(), cache(redis, "bound"));
    let outbox =
        CachedPool::with_outbox(pool.clone(), cache(redis, "outbox"), Outbox::new("bench"));
    let mut times = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
    for round in 0..=ROUNDS {
        let measured = [
            block(|id| bare(pool, id)).await,
            block(|id| invalidating(&memory, id)).await,
            block(|id| invalidating(&bound, id)).await,
            block(|id| invalidating(&outbox, id)).await,
        ];
        // The first round warms up.
        if round > 0 {
            times.iter_mut().zip(measured).for_each(|(times, time)| times.push(time));
        }
    }
    let [base, memory, bound, outbox] = times;
    print("transaction, bare sqlx", &base, &base);
    print("+ invalidation, no Redis", &memory, &base);
    print("+ invalidation, Redis", &bound, &base);
    print("+ outbox, Redis", &outbox, &base);
}

/// The median time of a block of equal operations, on ids of their own.
async fn block<F: Future>(one: impl Fn(i64) -> F) -> Duration {
    let mut times = Vec::new();
    for id in 1..=BLOCK {
        let start = Instant::now();
        one(id).await;
        times.push(start.elapsed());
    }
    median(times)
}

const UPDATE: &str = "UPDATE plain SET title = title || '' WHERE id = $1";

async fn bare(pool: &PgPool, id: i64) {
    let mut tx = pool.begin().await.expect("begin");
    sqlx::query(UPDATE).bind(id).execute(&mut *tx).await.expect("update");
    tx.commit().await.expect("commit");
}

async fn invalidating(db: &CachedPool, id: i64) {
    let mut tx = db.begin().await.expect("begin");
    sqlx::query(UPDATE).bind(id).execute(&mut *tx).await.expect("update");
    tx.invalidate(Invalidation::new().key(format!("course:{id}")));
    tx.commit().await.expect("commit");
}

/// One UPDATE of every row, and one of a single row, with and without a watch.
async fn bulk(pool: &PgPool, redis: &RedisServer) {
    let db = CachedPool::with_outbox(pool.clone(), cache(redis, "bulk"), Outbox::new("bench"));
    let watch = Watch::table("watched").key("course:<id>").tag("teacher:<teacher>").tag("courses");
    watch.install(&db).await.expect("the watch fits");
    let (mut plain, mut watched) = (Vec::new(), Vec::new());
    for round in 0..=BULK_ROUNDS {
        for (table, times) in [("plain", &mut plain), ("watched", &mut watched)] {
            pool.execute(AssertSqlSafe(format!("VACUUM {table}"))).await.expect("vacuum");
            let start = Instant::now();
            let update = format!("UPDATE {table} SET changed = now(), title = 'round {round}'");
            pool.execute(AssertSqlSafe(update)).await.expect("update");
            if round > 0 {
                times.push(start.elapsed());
            }
        }
    }
    print("UPDATE of 30,000 rows", &plain, &plain);
    print("+ watch", &watched, &plain);
    let (mut plain, mut watched) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        for (table, times) in [("plain", &mut plain), ("watched", &mut watched)] {
            let update = format!("UPDATE {table} SET changed = now() WHERE id = $1");
            let one = |id: i64| sqlx::query(AssertSqlSafe(update.clone())).bind(id).execute(pool);
            times.push(block(one).await);
        }
    }
    print("UPDATE of one row", &plain, &plain);
    print("+ watch", &watched, &plain);
    pool.execute("DELETE FROM cached.outbox").await.expect("delete");
}

/// The median time; the median of the ratios of neighbours, which were measured under the same conditions; and
/// between what most of these lie.
fn print(what: &str, times: &[Duration], base: &[Duration]) {
    let mut ratios: Vec<f64> = times
        .iter()
        .zip(base)
        .map(|(time, base)| time.as_secs_f64() / base.as_secs_f64())
        .collect();
    ratios.sort_by(f64::total_cmp);
    let time = median(times.to_vec());
    let at = |share: f64| ratios[((ratios.len() - 1) as f64 * share).round() as usize];
    println!("  {what:36} {time:>9.1?}  x {:.2}  ({:.2} to {:.2})", at(0.5), at(0.1), at(0.9));
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
