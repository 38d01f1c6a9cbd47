//! The load, on applications that run in this process.

use std::sync::Arc;
use std::time::Duration;

use lms::pressure::{self, Outage, Outcome, Servers, Settings, Target, World};
use lms::repository;

use super::app::App;
use super::fixture::Database;

/// Two clients for a second; so many of 1,000 requests are writes. With a server that caches nothing, every kind of write is
/// made, and compared with what that one shows; that takes longer, and they do it for eight seconds.
pub(crate) async fn press(
    database: &Database,
    apps: &[App],
    uncached: Option<&App>,
    writes: u32,
) -> Outcome {
    let mut targets = Vec::new();
    for app in apps {
        targets.push(target(app).await);
    }
    let truth = match uncached {
        Some(app) => Some(target(app).await),
        None => None,
    };
    let (people, offers) = repository::population(&database.pool).await.expect("people");
    let seconds = if uncached.is_some() { 8 } else { 1 };
    let settings = Settings { clients: 2, ramp: Duration::ZERO, seconds, writes };
    let servers = Servers { targets, truth, outage: Arc::new(Outage::default()) };
    let world = World::new(people, offers, 1.0);
    pressure::run(world, servers, settings, |_| {}).await.expect("a measurement")
}

async fn target(app: &App) -> Target {
    let client = lms::client::logged_in(&app.url, lms::client::ADMIN).await.expect("a login");
    Target { base: app.url.clone(), client }
}
