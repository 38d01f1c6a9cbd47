//! What the load finds: that its look at pages after writes sees an older state where there is one.

use cached_core::Cache;
use cached_testkit::shared_redis;
use lms::pressure::Outcome;

use crate::support::app::{App, caches_of_two_processes, filled};
use crate::support::pressing::press;

/// Writes only, for a second, on two servers that know nothing of each other but the database, or are one.
async fn pressed(two_caches: bool) -> Outcome {
    let database = filled().await;
    let cache = || Cache::builder().build().expect("a cache of its own");
    let first = cache();
    let second = if two_caches { cache() } else { first.clone() };
    let apps = [App::start(&database, first).await, App::start(&database, second).await];
    press(&database, &apps, None, 1000).await
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

/// Every kind of write, for a second, with a server beside that caches nothing.
async fn verified(caches: [Cache; 2]) -> Outcome {
    let database = filled().await;
    let uncached = App::start_uncached(&database).await;
    let [here, there] = caches;
    let apps = [App::start(&database, here).await, App::start(&database, there).await];
    press(&database, &apps, Some(&uncached), 1000).await
}

#[tokio::test]
async fn a_comparison_with_the_truth_finds_the_older_state_that_a_server_shows() {
    let caches = [(); 2].map(|()| Cache::builder().build().expect("a cache of its own"));
    let outcome = verified(caches).await;
    assert!(outcome.older > 0 && outcome.failed == 0, "{:?}", outcome.failure);
}

#[tokio::test]
async fn a_comparison_with_the_truth_finds_none_in_two_processes_of_one_namespace() {
    let outcome = verified(caches_of_two_processes(&shared_redis().url())).await;
    assert!(outcome.checked > 0 && !outcome.kinds.is_empty());
    assert_eq!(
        (outcome.older, outcome.failed),
        (0, 0),
        "{:?} {:?}",
        outcome.older_page,
        outcome.failure
    );
}
