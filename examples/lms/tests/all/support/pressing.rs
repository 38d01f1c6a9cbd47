//! The load, on applications that run in this process.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use lms::pressure::{self, Outcome, Settings, Target, World};
use lms::repository;

use super::app::App;
use super::fixture::Database;

/// Two clients for a second; so many of 1,000 requests are writes.
pub(crate) async fn press(database: &Database, apps: &[App], writes: u32) -> Outcome {
    let mut targets = Vec::new();
    for app in apps {
        let client = lms::client::logged_in(&app.url, lms::client::ADMIN).await.expect("a login");
        targets.push(Target { base: app.url.clone(), client });
    }
    let (people, offers) = repository::population(&database.pool).await.expect("people");
    let settings = Settings { clients: 2, ramp: Duration::ZERO, seconds: 1, writes };
    let redis = Arc::new(AtomicBool::new(true));
    let world = World::new(people, offers, 1.0);
    pressure::run(world, targets, settings, redis, |_| {}).await.expect("a measurement")
}
