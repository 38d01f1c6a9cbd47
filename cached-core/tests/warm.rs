//! Warming: bounded, told, and without doing twice what is there.

mod common;

use cached_core::warm::{WarmReport, Warming};
use cached_core::{Cache, cached};
use cached_testkit::unique_name;
use common::{listening, on_redis};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

#[cached(key = "warmed:<id>")]
async fn warmed(id: u32) -> Result<u32, String> {
    tokio::task::yield_now().await;
    if id == 13 { Err("unlucky".to_owned()) } else { Ok(id) }
}

fn counts(report: &WarmReport) -> (usize, usize, usize) {
    (report.loaded, report.present, report.failed)
}

#[tokio::test]
async fn what_is_there_is_left_and_errors_end_nothing() {
    let cache = Cache::builder().build().unwrap();
    cache.scope(warmed(1)).await.unwrap();
    let mut told = Vec::new();
    let warming =
        Warming::new().concurrency(2).on_progress(|now| told.push((now.done(), now.total)));
    let report = cache.scope(warming.run([1, 2, 13, 3], warmed)).await;
    assert_eq!(counts(&report), (2, 1, 1));
    assert_eq!(told, [(1, 4), (2, 4), (3, 4), (4, 4)]);
    assert_eq!(report.errors, ["unlucky"]);
    assert!(report.to_string().ends_with("2 loaded, 1 present, 1 failed (unlucky)"), "{report}");
    let again = cache.scope(Warming::new().run([1, 2, 3], warmed)).await;
    assert_eq!(counts(&again), (0, 3, 0));
    let anew = cache.scope(Warming::new().refresh(true).run([1, 2, 3], warmed)).await;
    assert_eq!(counts(&anew), (3, 0, 0));
}

#[cached(key = "tolerant:<id>", stale_if_error = "1h")]
async fn tolerant(id: u32) -> Result<u32, String> {
    static LOADS: AtomicUsize = AtomicUsize::new(0);
    if LOADS.fetch_add(1, Ordering::SeqCst) == 0 { Ok(id) } else { Err("broken".to_owned()) }
}

#[tokio::test]
async fn a_value_in_place_of_a_failed_load_is_a_failure() {
    let cache = Cache::builder().build().unwrap();
    let warm = |refresh| cache.scope(Warming::new().refresh(refresh).run([1], tolerant));
    assert_eq!(counts(&warm(false).await), (1, 0, 0));
    assert_eq!(counts(&warm(true).await), (0, 0, 1));
    assert_eq!(counts(&warm(false).await), (0, 1, 0), "it is there yet");
}

#[cached(batch = ids, key = "each:<ids>")]
async fn each(ids: &[u32]) -> Result<HashMap<u32, u32>, String> {
    Ok(ids.iter().map(|id| (*id, *id)).collect())
}

/// A report lists the first 64 reads.
#[tokio::test]
async fn an_item_of_many_reads_is_loaded_though_the_last_of_them_alone_was() {
    let cache = Cache::builder().build().unwrap();
    let page = |ids: Range<u32>| async move { each(&ids.collect::<Vec<_>>()).await };
    let warm = |ids| cache.scope(Warming::new().run([ids], page));
    assert_eq!(counts(&warm(0..70).await), (1, 0, 0));
    assert_eq!(counts(&warm(0..70).await), (0, 1, 0));
    assert_eq!(counts(&warm(0..80).await), (1, 0, 0));
}

#[tokio::test]
async fn no_more_than_asked_for_run_at_a_time() {
    let cache = Cache::builder().build().unwrap();
    let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let read = async |id: u32| {
        most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let read = warmed(id).await;
        running.fetch_sub(1, Ordering::SeqCst);
        read
    };
    let report = cache.scope(Warming::new().concurrency(3).run(100..150, read)).await;
    assert_eq!(counts(&report), (50, 0, 0));
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn two_processes_that_warm_the_same_load_each_key_once() {
    let namespace = unique_name("warm");
    // No machine is so busy that a lease would end before its load.
    let build = || on_redis(&namespace).lease(Duration::from_secs(60)).build().unwrap();
    let (here, there) = (build(), build());
    listening(&here).await;
    listening(&there).await;
    let warm =
        |cache: Cache| async move { cache.scope(Warming::new().run(200..240, warmed)).await };
    let (one, other) = tokio::join!(warm(here), warm(there));
    assert_eq!((one.failed, other.failed), (0, 0));
    assert_eq!(one.loaded + other.loaded, 40, "{one} / {other}");
}
