//! What the load finds: that its look at pages after writes sees an older state where there is one.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use cached_core::Cache;
use lms::pressure::{self, Outcome, Settings, Target, World};
use lms::repository;

use crate::support::app::{App, filled};

/// Writes only, for a second, on two servers that know nothing of each other but the database, or are one.
async fn pressed(two_caches: bool) -> Outcome {
    let database = filled().await;
    let cache = || Cache::builder().build().expect("a cache of its own");
    let first = cache();
    let second = if two_caches { cache() } else { first.clone() };
    let mut targets = Vec::new();
    for cache in [first, second] {
        let app = App::start(&database, cache).await;
        let client = lms::client::logged_in(&app.url, lms::client::ADMIN).await.expect("a login");
        targets.push(Target { base: app.url, client });
    }
    let (people, offers) = repository::population(&database.pool).await.expect("people");
    let settings = Settings { clients: 2, ramp: Duration::ZERO, seconds: 1, writes: 1000 };
    let redis = Arc::new(AtomicBool::new(true));
    let world = World::new(people, offers, 1.0);
    pressure::run(world, targets, settings, redis, |_| {}).await.expect("a measurement")
}

#[tokio::test]
async fn the_load_finds_the_older_state_that_a_server_shows() {
    let outcome = pressed(true).await;
    assert!(outcome.older > 0 && outcome.failed == 0, "{:?}", outcome.failure);
    assert!(outcome.older_page.is_some_and(|page| page.contains("does not show")));
}

#[tokio::test]
async fn the_load_finds_none_where_both_servers_have_one_cache() {
    let outcome = pressed(false).await;
    assert!(outcome.checked > 0);
    assert_eq!((outcome.older, outcome.failed), (0, 0), "{:?}", outcome.older_page);
}
