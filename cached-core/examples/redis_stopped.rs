//! What callers notice of a Redis that is stopped (`SIGSTOP`) and goes on (`SIGCONT`): how long 200 of them at a time wait.
//! Prints a table, and fails if a caller waited longer than is promised, or values were not stored again within a second.
//! `tests/fallback.rs` holds the same on a clock of its own, which no busy machine moves.
//!
//! `cargo run --release -p cached-core --example redis_stopped`

use cached_core::Cache;
use cached_testkit::RedisServer;
use std::convert::Infallible;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const CALLERS: usize = 200;
const LOAD: Duration = Duration::from_millis(20);
const TIMEOUT: Duration = Duration::from_millis(500);
/// What the machine may add: callers, loads and Redis share it.
const MACHINE: Duration = Duration::from_millis(250);
const RECOVERY: Duration = Duration::from_secs(1);

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

    /// Of so many calls of a hundred none waited longer.
    fn longest_of(&self, share: usize) -> Duration {
        self.calls[(self.calls.len() - 1) * share / 100]
    }

    fn print(&self, name: &str) {
        let of = |share: usize| ms(self.longest_of(share));
        println!(
            "| {name} | {} | {:.1} | {:.1} | {:.1} |",
            self.calls.len(),
            of(50),
            of(99),
            of(100)
        );
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Says what took longer than it may. Whether nothing did.
fn within(bounds: &[(&str, Duration, Duration)]) -> bool {
    let broken = bounds.iter().filter(|(_, took, at_most)| took > at_most);
    let broken = broken.map(|(what, took, at_most)| {
        eprintln!("{what}: {:.0} ms, more than {:.0} ms", ms(*took), ms(*at_most));
    });
    broken.count() == 0
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
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
    let first = Phase::run(&cache, "finds out", || true).await;
    first.print("Redis is stopped: the first calls");
    let open = Phase::run(&cache, "open", after(Duration::from_secs(10))).await;
    open.print("the breaker is open, for 10 s");
    redis.resume();
    let resumed = Instant::now();
    let fills = cache.stats().fills;
    let back = Phase::run(&cache, "recovers", || cache.stats().fills > fills).await;
    let recovered = resumed.elapsed();
    back.print("Redis goes on: until values are stored again");
    Phase::run(&cache, "again", after(Duration::from_secs(3))).await.print("all is well again");
    println!("\nstored again {:.0} ms after SIGCONT", ms(recovered));
    let once = TIMEOUT + LOAD + MACHINE;
    let is_well = within(&[
        ("a caller that found Redis stopped", first.longest_of(100), once),
        ("a caller while the breaker was open", open.longest_of(100), once),
        ("99 of 100 callers while it was open", open.longest_of(99), LOAD + MACHINE),
        ("a caller when Redis went on", back.longest_of(100), once),
        ("until values were stored again", recovered, RECOVERY),
    ]);
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
