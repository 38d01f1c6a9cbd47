//! What the load finds: that its look at pages after writes sees an older state where there is one.

use cached_core::Cache;
use lms::pressure::Outcome;

use crate::support::app::{App, filled};
use crate::support::pressing::press;

/// Writes only, for a second, on two servers that know nothing of each other but the database, or are one.
async fn pressed(two_caches: bool) -> Outcome {
    let database = filled().await;
    let cache = || Cache::builder().build().expect("a cache of its own");
    let first = cache();
    let second = if two_caches { cache() } else { first.clone() };
    let apps = [App::start(&database, first).await, App::start(&database, second).await];
    press(&database, &apps, 1000).await
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
