//! `lms load`: servers, data, and one run of the load for each variant.

use std::error::Error;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use indicatif::ProgressBar;

use super::arguments::Load;
use super::servers::DemoServers;
use super::{cache, demo, warm};
use crate::pressure::{self, Outage, Outcome, Servers, Settings, Target, World};
use crate::service::Variant;
use crate::{client, repository};

type Failure = Box<dyn Error + Send + Sync>;

/// Runs every variant and prints the tables. What the annotations promise and do not keep is an error.
pub(super) async fn run(load: Load) -> Result<(), Failure> {
    let own_data = load.database_url.is_some();
    let servers = DemoServers::start(load.database_url.clone(), load.redis_url.clone()).await?;
    if load.stop_redis && servers.redis.is_none() {
        return Err("--stop-redis stops a private Redis only; leave --redis-url away".into());
    }
    let pool = repository::connect(&servers.database_url).await?;
    repository::migrate(&pool).await?;
    if !own_data {
        demo::load_data(&pool, load.data.clone()).await?;
    }
    let mut outcomes = Vec::new();
    for variant in &load.variants {
        // None finds what another one has stored, for each has a namespace of its own. What it leaves would take memory.
        if let Some(redis) = &servers.redis {
            redis.flush();
        }
        let (people, offers) = repository::population(&pool).await?;
        let world = World::new(people, offers, load.skew);
        let outcome = one(&load, &servers, *variant, world).await?;
        for (what, example) in [("failed", &outcome.failure), ("older", &outcome.older_page)] {
            if let Some(example) = example {
                println!("{}, first {what}: {example}", variant.name());
            }
        }
        outcomes.push((variant.name(), outcome));
    }
    pool.close().await;
    let table = pressure::table(&outcomes, load.seconds);
    println!("\n{table}");
    if let Some(folder) = &load.out {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("load.md"), &table)?;
        std::fs::write(folder.join("load.svg"), pressure::plot(&outcomes))?;
        println!("written to {}", folder.display());
    }
    for (variant, (name, outcome)) in load.variants.iter().zip(&outcomes) {
        if load.stop_redis {
            println!("{name}: {} pages checked after Redis was back", outcome.checked_after_outage);
        }
        if load.stop_redis && outcome.checked_after_outage == 0 {
            return Err(
                format!("{name}: it ended before Redis was back; give more --seconds").into()
            );
        }
        let (failed, older) = (outcome.failed, outcome.older);
        if failed > 0 || (variant.uses_annotations() && older > 0) {
            return Err(format!(
                "{name}: {failed} requests failed, {older} pages showed an older state"
            )
            .into());
        }
    }
    Ok(())
}

async fn one(
    load: &Load,
    servers: &DemoServers,
    variant: Variant,
    world: World,
) -> Result<Outcome, Failure> {
    let mut processes = Vec::new();
    let mut targets = Vec::new();
    let namespace = cache::own_namespace("load");
    for _ in 0..load.servers.max(1) {
        let process = Process::start(servers, &namespace, variant, load.warm)?;
        targets.push(process.target().await?);
        processes.push(process);
    }
    let mut truth = None;
    if load.verify {
        let process = Process::start(servers, &namespace, Variant::None, 0)?;
        truth = Some(process.target().await?);
        processes.push(process);
    }
    let bar = ProgressBar::new(load.seconds).with_message(variant.name());
    bar.set_style(warm::style());
    let outage = Arc::new(Outage::default());
    let second = |passed: u64| {
        bar.set_position(passed);
        let Some(server) = servers.redis.as_ref().filter(|_| load.stop_redis) else { return };
        if passed == load.seconds / 2 {
            outage.begin();
            server.kill();
        }
        if passed == load.seconds * 3 / 4 {
            match server.restart() {
                Ok(()) => drop(tokio::spawn(end(outage.clone(), targets.clone()))),
                Err(error) => bar.println(format!("Redis did not start again: {error}")),
            }
        }
    };
    let settings = Settings {
        clients: load.clients.max(1),
        ramp: Duration::from_secs(load.ramp),
        seconds: load.seconds,
        writes: load.writes,
    };
    let asked = Servers { targets: targets.clone(), truth, outage: outage.clone() };
    let outcome = pressure::run(world, asked, settings, second).await?;
    bar.finish_and_clear();
    Ok(outcome)
}

/// Ends an outage as soon as every server has caught up: it asks Redis again, and owes it no invalidation.
async fn end(outage: Arc<Outage>, targets: Vec<Target>) {
    while !join_all(targets.iter().map(Target::has_caught_up)).await.into_iter().all(|has| has) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    outage.end();
}

/// A server of ours; ended when dropped.
struct Process {
    child: Child,
    base: String,
}

impl Process {
    async fn target(&self) -> Result<Target, Failure> {
        let client = client::logged_in(&self.base, client::ADMIN).await?;
        Ok(Target { base: self.base.clone(), client })
    }

    fn start(
        servers: &DemoServers,
        namespace: &str,
        variant: Variant,
        warm: u32,
    ) -> Result<Self, Failure> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["serve", "--addr", "127.0.0.1:0", "--variant", variant.name()])
            .args(["--warm", &warm.to_string(), "--namespace", namespace])
            .env("DATABASE_URL", &servers.database_url)
            .env("REDIS_URL", &servers.redis_url)
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let output = child.stdout.take().ok_or("the server has no output")?;
        // Made first, so that a server that says something else is ended too.
        let mut process = Self { child, base: String::new() };
        let mut first = String::new();
        BufReader::new(output).read_line(&mut first)?;
        let base = first.trim().strip_prefix("listening on ").ok_or("a server did not start")?;
        process.base = base.to_owned();
        Ok(process)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
