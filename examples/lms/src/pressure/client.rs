//! The clients: each asks for one page after the other, and now and then writes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fastrand::Rng;
use serde_json::Value;
use tokio::sync::RwLock;
use tokio::task::JoinSet;

use super::mix::World;
use super::tally::{Outcome, Second, Template, note};
use super::target::{Servers, Shared, Target, get};
use super::verify::Turns;
use super::{verify, write};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How hard to press.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// How many ask at a time.
    pub clients: usize,
    /// In which time they start.
    pub ramp: Duration,
    /// What is measured, in seconds.
    pub seconds: u64,
    /// How many of 1,000 requests are writes.
    pub writes: u32,
}

/// Puts load on the servers; `second` is called with each second that was measured. During the outage of their Redis, pages
/// that show an older state are counted apart.
///
/// # Errors
///
/// A server does not tell what its cache does.
pub async fn run(
    world: World,
    servers: Servers,
    settings: Settings,
    second: impl Fn(u64),
) -> Result<Outcome, Failure> {
    let shared = Arc::new(Shared { world, servers, still: RwLock::new(()) });
    let targets = &shared.servers.targets;
    let begins = Instant::now() + settings.ramp;
    let ends = begins + Duration::from_secs(settings.seconds);
    let mut clients = JoinSet::new();
    for number in 0..settings.clients {
        let wait = settings.ramp.mul_f64(number as f64 / settings.clients as f64);
        let shared = shared.clone();
        clients.spawn(async move {
            tokio::time::sleep(wait).await;
            client(number, &shared, settings, begins, ends).await
        });
    }
    tokio::time::sleep_until(begins.into()).await;
    let mut outcome = Outcome::new(settings.seconds);
    let templates = templates(targets).await?;
    let mut before = counts(targets).await?;
    for passed in 1..=settings.seconds {
        tokio::time::sleep_until((begins + Duration::from_secs(passed)).into()).await;
        let now = counts(targets).await?;
        let since = |now: u64, before: u64| now.saturating_sub(before);
        let Second { hits, misses } = before;
        outcome
            .hits
            .push(Second { hits: since(now.hits, hits), misses: since(now.misses, misses) });
        before = now;
        second(passed);
    }
    outcome.templates = since(self::templates(targets).await?, &templates);
    while let Some(measured) = clients.join_next().await {
        outcome.add(measured?);
    }
    Ok(outcome)
}

async fn client(
    number: usize,
    shared: &Shared,
    settings: Settings,
    begins: Instant,
    ends: Instant,
) -> Outcome {
    let mut rng = Rng::with_seed(number as u64);
    let mut outcome = Outcome::new(settings.seconds);
    let mut turns = Turns::of_client(number);
    loop {
        let started = Instant::now();
        if started >= ends {
            return outcome;
        }
        // Nothing of the ramp is measured, but all of it is checked.
        let measured = started >= begins;
        if rng.u32(..1000) < settings.writes {
            match &shared.servers.truth {
                None => write::write(shared, &mut rng, &mut outcome, measured).await,
                Some(truth) => {
                    verify::write(shared, truth, &mut turns, &mut rng, &mut outcome).await;
                }
            }
            continue;
        }
        let (kind, path) = shared.world.page(&mut rng);
        let targets = &shared.servers.targets;
        let target = &targets[rng.usize(..targets.len())];
        match get(target, &path).await {
            Err(reason) => outcome.fail(reason),
            Ok(_) if measured => {
                let took = started.elapsed();
                let second = (started - begins).as_secs() as usize;
                note(&mut outcome.pages[kind], took);
                note(&mut outcome.seconds[second], took);
            }
            Ok(_) => {}
        }
    }
}

async fn counts(targets: &[Target]) -> Result<Second, Failure> {
    let mut sum = Second::default();
    for target in targets {
        let stats: Value = serde_json::from_str(&get(target, "/api/cache").await?)?;
        let count = |name: &str| stats[name].as_u64().unwrap_or_default();
        sum.hits += count("local_hits") + count("remote_hits") + count("shared");
        sum.misses += count("misses");
    }
    Ok(sum)
}

type Templates = BTreeMap<String, Template>;

/// What the live page tells of each template, summed over the servers.
async fn templates(targets: &[Target]) -> Result<Templates, Failure> {
    let mut sums = Templates::new();
    for target in targets {
        let told: Value = serde_json::from_str(&get(target, "/admin/cache/snapshot").await?)?;
        for row in told["templates"].as_array().into_iter().flatten() {
            let count = |name: &str| row[name].as_u64().unwrap_or_default();
            let sum =
                sums.entry(row["template"].as_str().unwrap_or_default().to_owned()).or_default();
            sum.reads += count("reads");
            sum.hits += count("hits");
            sum.refused += count("refused");
        }
    }
    Ok(sums)
}

/// Without what was there before.
fn since(mut now: Templates, before: &Templates) -> Templates {
    for (name, sum) in &mut now {
        let before = before.get(name).copied().unwrap_or_default();
        sum.reads = sum.reads.saturating_sub(before.reads);
        sum.hits = sum.hits.saturating_sub(before.hits);
        sum.refused = sum.refused.saturating_sub(before.refused);
    }
    now.retain(|_, sum| sum.reads > 0);
    now
}
