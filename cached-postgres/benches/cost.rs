//! What the forms of invalidation cost, against a bare transaction and a table without watch. Each pair is measured
//! in turns (A B A B), so that a machine that slows down slows both. No figure is judged here.
//!
//! `cargo bench -p cached-postgres`

use cached_core::{Cache, Invalidation};
use cached_postgres::{CachedPool, Outbox, Watch};
use cached_testkit::{PostgresServer, RedisServer, eventually};
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Executor, PgPool};
use std::time::{Duration, Instant};

const ROUNDS: usize = 12;
const TRANSACTIONS: usize = 300;
const ROWS: usize = 30_000;
const EDITS: usize = 100;

#[tokio::main]
async fn main() {
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
            freshness(&postgres, &pool, &redis).await;
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
            bare(pool).await,
            invalidating(&memory).await,
            invalidating(&bound).await,
            invalidating(&outbox).await,
        ];
        // The first round warms up.
        if round > 0 {
            times.iter_mut().zip(measured).for_each(|(times, time)| times.push(time));
        }
    }
    let [base, memory, bound, outbox] = times;
    let each = TRANSACTIONS as u32;
    print("transaction, bare sqlx", &base, &base, each);
    print("+ invalidation, no Redis", &memory, &base, each);
    print("+ invalidation, Redis", &bound, &base, each);
    print("+ outbox, Redis", &outbox, &base, each);
}

const UPDATE: &str = "UPDATE plain SET title = title || '' WHERE id = $1";

async fn bare(pool: &PgPool) -> Duration {
    let start = Instant::now();
    for id in 1..=TRANSACTIONS as i64 {
        let mut tx = pool.begin().await.expect("begin");
        sqlx::query(UPDATE).bind(id).execute(&mut *tx).await.expect("update");
        tx.commit().await.expect("commit");
    }
    start.elapsed()
}

async fn invalidating(db: &CachedPool) -> Duration {
    let start = Instant::now();
    for id in 1..=TRANSACTIONS as i64 {
        let mut tx = db.begin().await.expect("begin");
        sqlx::query(UPDATE).bind(id).execute(&mut *tx).await.expect("update");
        tx.invalidate(Invalidation::new().key(format!("course:{id}")));
        tx.commit().await.expect("commit");
    }
    start.elapsed()
}

/// One UPDATE of every row, and one of a single row, with and without a watch.
async fn bulk(pool: &PgPool, redis: &RedisServer) {
    let db = CachedPool::with_outbox(pool.clone(), cache(redis, "bulk"), Outbox::new("bench"));
    let watch = Watch::table("watched").key("course:<id>").tag("teacher:<teacher>").tag("courses");
    watch.install(&db).await.expect("the watch fits");
    let (mut plain, mut watched) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
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
    print("UPDATE of 30,000 rows", &plain, &plain, 1);
    print("+ watch", &watched, &plain, 1);
    let (mut plain, mut watched) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        for (table, times) in [("plain", &mut plain), ("watched", &mut watched)] {
            let update = format!("UPDATE {table} SET changed = now() WHERE id = $1");
            let start = Instant::now();
            for id in 1..=TRANSACTIONS as i64 {
                let update = sqlx::query(AssertSqlSafe(update.clone())).bind(id);
                update.execute(pool).await.expect("update");
            }
            times.push(start.elapsed() / TRANSACTIONS as u32);
        }
    }
    print("UPDATE of one row", &plain, &plain, 1);
    print("+ watch", &watched, &plain, 1);
    pool.execute("DELETE FROM cached.outbox").await.expect("delete");
}

/// From the end of psql to the new value in a cached reader with another cache (Redis is all that they share).
async fn freshness(postgres: &PostgresServer, pool: &PgPool, redis: &RedisServer) {
    let relaying =
        CachedPool::with_outbox(pool.clone(), cache(redis, "fresh"), Outbox::new("bench"));
    let reader = cache(redis, "fresh");
    let relay = relaying.start_relay().expect("an outbox");
    eventually("the relay and the reader listen", || async {
        relay.stats().listening && reader.stats().local_resets > 0
    })
    .await;
    let mut times = Vec::new();
    for edit in 0..EDITS {
        title(&reader, pool).await;
        let new = format!("edit {edit}");
        postgres.psql(&format!("UPDATE watched SET title = '{new}' WHERE id = 1"));
        let start = Instant::now();
        while title(&reader, pool).await != new {
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        times.push(start.elapsed());
    }
    let worst = times.iter().max().copied().unwrap_or_default();
    let what = "psql to a cached reader elsewhere";
    println!("  {what:36} {:>9.1?} median, {worst:.1?} at worst", median(times));
}

async fn title(cache: &Cache, pool: &PgPool) -> String {
    let load = || sqlx::query_scalar("SELECT title FROM watched WHERE id = 1").fetch_one(pool);
    cache.read("course:1").or_load(load).await.expect("a title")
}

/// The median time, and the median of the ratios of neighbours: both were measured under the same conditions.
fn print(what: &str, times: &[Duration], base: &[Duration], each: u32) {
    let mut ratios: Vec<f64> = times
        .iter()
        .zip(base)
        .map(|(time, base)| time.as_secs_f64() / base.as_secs_f64())
        .collect();
    ratios.sort_by(f64::total_cmp);
    let time = median(times.to_vec()) / each;
    println!("  {what:36} {time:>9.1?}  x {:.2}", ratios[ratios.len() / 2]);
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
