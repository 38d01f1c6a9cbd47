//! What reaches a recorder of the `metrics` facade.
#![cfg(feature = "metrics")]

mod common;

use cached_core::metrics::Publisher;
use cached_core::{Cache, cached};
use common::{listening, on_redis};
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use std::collections::BTreeMap;

#[cached(key = "published:<id>")]
async fn published(id: u32) -> Result<u32, String> {
    if id == 0 { Err("none".to_owned()) } else { Ok(id) }
}

/// Every series as `name{label=value,..}`, with its value; for histograms the number of what was new.
fn seen(snapshotter: &Snapshotter) -> BTreeMap<String, f64> {
    let mut seen = BTreeMap::new();
    for (key, _, _, value) in snapshotter.snapshot().into_vec() {
        let (_, key) = key.into_parts();
        let labels: Vec<String> =
            key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        let value = match value {
            DebugValue::Counter(count) => count as f64,
            DebugValue::Gauge(value) => value.into_inner(),
            DebugValue::Histogram(values) => values.len() as f64,
        };
        seen.insert(format!("{}{{{}}}", key.name(), labels.join(",")), value);
    }
    seen
}

#[tokio::test]
async fn counts_durations_and_state_reach_the_recorder() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let cache = on_redis(&cached_testkit::unique_name("metrics")).build().unwrap();
    listening(&cache).await;
    let mut publisher = metrics::with_local_recorder(&recorder, || Publisher::new(&cache, "here"));
    cache
        .scope(async {
            published(7).await.unwrap();
            published(7).await.unwrap();
            published(0).await.unwrap_err();
        })
        .await;
    cache.remove("published:7").await;
    let info = cache.server_info().await.unwrap().unwrap();
    metrics::with_local_recorder(&recorder, || {
        publisher.publish();
        publisher.publish_servers(&info);
    });
    let first = seen(&snapshotter);
    let of = |name: &str| *first.get(name).unwrap_or_else(|| panic!("no {name} in {first:#?}"));
    assert_eq!(of("cached_reads_total{cache=here,template=published:<id>,result=local}"), 1.0);
    assert_eq!(of("cached_reads_total{cache=here,template=published:<id>,result=miss}"), 2.0);
    assert_eq!(of("cached_loads_total{cache=here,template=published:<id>,result=error}"), 1.0);
    assert_eq!(of("cached_fills_total{cache=here,template=published:<id>,result=stored}"), 1.0);
    assert_eq!(of("cached_duration_seconds{cache=here,template=published:<id>,source=load}"), 2.0);
    assert_eq!(of("cached_invalidations_total{cache=here,kind=key}"), 1.0);
    assert_eq!(of("cached_breaker_open{cache=here}"), 0.0);
    assert_eq!(of("cached_queue_length{cache=here}"), 0.0);
    assert!(of("cached_server_memory_bytes{cache=here}") > 0.0);
    assert!(of("cached_backplane_lag_seconds{cache=here}") < 60.0);

    metrics::with_local_recorder(&recorder, || publisher.publish());
    let again = seen(&snapshotter);
    let durations = "cached_duration_seconds{cache=here,template=published:<id>,source=load}";
    assert!(again.get(durations).is_none_or(|new| *new == 0.0), "durations are handed on once");
}

/// A cache without a remote tier has no state of one.
#[tokio::test]
async fn nothing_is_said_of_a_tier_that_is_not_there() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let cache = Cache::builder().build().unwrap();
    metrics::with_local_recorder(&recorder, || Publisher::new(&cache, "alone").publish());
    let seen = seen(&snapshotter);
    assert!(seen.contains_key("cached_flights{cache=alone}"), "{seen:?}");
    assert!(!seen.keys().any(|name| name.contains("breaker")), "{seen:?}");
}
