//! How soon an UPDATE typed into psql is seen by a cached reader: three processes (psql, the relay's, the reader's),
//! which share Postgres and Redis alone.

use cached_core::Cache;
use cached_postgres::{CachedPool, Outbox, Watch};
use cached_testkit::{PostgresServer, RedisServer, eventually};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const EDITS: usize = 100;
const NAMESPACE: &str = "fresh";
const ORDERS: &str = "CACHED_BENCH_READER";

pub(crate) fn is_reader() -> bool {
    std::env::var_os(ORDERS).is_some()
}

fn cache(redis: &str) -> Cache {
    Cache::builder().namespace(NAMESPACE).redis(redis).build().expect("a cache")
}

/// Now, on the clock that all processes of a machine share.
fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970")
}

/// Reads without end; a line for each new title: what, when, and how many reads and loads it took so far.
pub(crate) async fn reader() {
    let orders = std::env::var(ORDERS).expect("orders");
    let (postgres, redis) = orders.split_once(' ').expect("two addresses");
    let pool = PgPoolOptions::new().connect(postgres).await.expect("connects");
    let cache = cache(redis);
    eventually("the backplane is heard", || async { cache.stats().local_resets > 0 }).await;
    let loads = AtomicU64::new(0);
    let (mut reads, mut last) = (0_u64, String::new());
    loop {
        let load = || async {
            loads.fetch_add(1, Ordering::Relaxed);
            sqlx::query_scalar("SELECT title FROM watched WHERE id = 1").fetch_one(&pool).await
        };
        let read: sqlx::Result<String> = cache.read("course:1").or_load(load).await;
        let title = read.expect("a title");
        reads += 1;
        if title != last {
            let loads = loads.load(Ordering::Relaxed);
            println!("{}\t{title}\t{reads}\t{loads}", now().as_nanos());
            last = title;
        }
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
}

/// Types `EDITS` updates into psql, and prints how long each took to be read elsewhere.
pub(crate) async fn measure(postgres: &PostgresServer, pool: &PgPool, redis: &RedisServer) {
    let relaying = CachedPool::with_outbox(pool.clone(), cache(&redis.url()), Outbox::new("bench"));
    let relay = relaying.start_relay().expect("an outbox");
    eventually("the relay listens", || async { relay.stats().listening }).await;
    let watch = Watch::table("watched").key("course:<id>").tag("teacher:<teacher>").tag("courses");
    watch.install(&relaying).await.expect("the watch fits");
    let orders = format!("{} {}", postgres.url("postgres"), redis.url());
    let (mut times, reads, loads) = tokio::task::block_in_place(|| {
        typed(postgres.psql_program(), &postgres.url("postgres"), &orders)
    });
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    println!(
        "  {:36} {:>9.1?} median, {:.1?} at 90 %, {:.1?} at worst, of {}; {reads} reads, {loads} loads",
        "psql to a cached reader elsewhere",
        at(0.5),
        at(0.9),
        at(1.0),
        times.len()
    );
}

/// The times, and the reader's counts.
fn typed(program: &std::path::Path, url: &str, orders: &str) -> (Vec<Duration>, u64, u64) {
    let mut reader = Ended(
        Command::new(std::env::current_exe().expect("this program"))
            .env(ORDERS, orders)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the reader starts"),
    );
    let mut psql = Ended(
        Command::new(program)
            .args(["--no-psqlrc", "--quiet", "--dbname", url])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("psql starts"),
    );
    let mut keyboard = psql.0.stdin.take().expect("psql reads");
    let mut seen = BufReader::new(reader.0.stdout.take().expect("the reader prints")).lines();
    let (mut times, mut counts) = (Vec::new(), (0, 0));
    let mut next = |title: Option<&str>| loop {
        let line = seen.next().expect("the reader lives").expect("text");
        let mut fields = line.split('\t');
        let mut field = || fields.next().expect("four fields");
        let at = Duration::from_nanos(field().parse().expect("a time"));
        let found = field().to_owned();
        counts = (field().parse().expect("reads"), field().parse().expect("loads"));
        if title.is_none_or(|title| title == found) {
            return at;
        }
    };
    next(None);
    // The first one warms up.
    for edit in 0..=EDITS {
        // It has read, and holds, the title before this one.
        let title = format!("edit {edit}");
        let start = now();
        enter(&mut keyboard, &format!("UPDATE watched SET title = '{title}' WHERE id = 1;"));
        let time = next(Some(&title)).saturating_sub(start);
        if edit > 0 {
            times.push(time);
        }
    }
    (times, counts.0, counts.1)
}

fn enter(keyboard: &mut ChildStdin, line: &str) {
    writeln!(keyboard, "{line}").expect("psql lives");
    keyboard.flush().expect("psql lives");
}

/// A program that ends with its owner.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
