//! What callers notice of a Redis that is stopped (`SIGSTOP`) and goes on (`SIGCONT`): how long 200 of them at a time wait.
//! Prints a table and judges nothing; `tests/fallback.rs` holds the promise, on a clock of its own.
//!
//! `cargo run --release -p cached-core --example redis_stopped`

use cached_core::Cache;
use cached_testkit::RedisServer;
use std::convert::Infallible;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const CALLERS: usize = 200;
const LOAD: Duration = Duration::from_millis(20);
const TIMEOUT: Duration = Duration::from_millis(500);

/// What calls of new keys, 200 at a time, cost in a while.
struct Phase {
    calls: Vec<Duration>,
}

impl Phase {
    /// Rounds of 200 callers, at least one, until a condition holds.
    async fn run(cache: &Cache, name: &str, until: impl Fn() -> bool) -> Self {
        let mut calls = Vec::new();
        loop {
            let round = calls.len();
            let mut callers = JoinSet::new();
            for at in 0..CALLERS {
                let (cache, key) = (cache.clone(), format!("{name}:{}", round + at));
                callers.spawn(async move {
                    let began = Instant::now();
                    let load = async || {
                        tokio::time::sleep(LOAD).await;
                        Ok::<usize, Infallible>(at)
                    };
                    let read = cache.read(key).or_load(load).await;
                    read.map(|_| began.elapsed())
                });
            }
            let waits = callers.join_all().await;
            calls.extend(waits.into_iter().map(|wait| match wait {
                Ok(wait) => wait,
                Err(never) => match never {},
            }));
            if until() {
                break;
            }
        }
        calls.sort_unstable();
        Self { calls }
    }

    fn print(&self, name: &str) {
        let ms = |wait: Duration| wait.as_secs_f64() * 1e3;
        let of = |share: usize| ms(self.calls[(self.calls.len() - 1) * share / 100]);
        println!(
            "| {name} | {} | {:.1} | {:.1} | {:.1} |",
            self.calls.len(),
            of(50),
            of(99),
            of(100)
        );
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let redis = RedisServer::start()?;
    let builder = Cache::builder().namespace("stopped").redis(redis.url());
    let cache = builder.operation_timeout(TIMEOUT).build()?;
    let after = |time: Duration| {
        let began = Instant::now();
        move || began.elapsed() >= time
    };
    println!(
        "{CALLERS} callers, a load of {} ms, an operation timeout of {} ms\n",
        LOAD.as_millis(),
        TIMEOUT.as_millis()
    );
    println!("| | calls | p50 ms | p99 ms | longest ms |\n|---|---|---|---|---|");
    Phase::run(&cache, "first", after(Duration::from_secs(1))).await;
    Phase::run(&cache, "well", after(Duration::from_secs(3))).await.print("all is well");
    redis.pause();
    Phase::run(&cache, "finds out", || true).await.print("Redis is stopped: the first calls");
    let name = "the breaker is open, for 10 s";
    Phase::run(&cache, "open", after(Duration::from_secs(10))).await.print(name);
    redis.resume();
    let resumed = Instant::now();
    let fills = cache.stats().fills;
    let name = "Redis goes on: until values are stored again";
    let phase = Phase::run(&cache, "recovers", || cache.stats().fills > fills).await;
    let recovered = resumed.elapsed();
    phase.print(name);
    Phase::run(&cache, "again", after(Duration::from_secs(3))).await.print("all is well again");
    println!("\nstored again {:.0} ms after SIGCONT", recovered.as_secs_f64() * 1e3);
    Ok(())
}
