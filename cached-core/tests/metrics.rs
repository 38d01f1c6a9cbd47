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

/// The documents name what is published, and only that.
#[test]
fn the_documents_know_every_metric() {
    let source = include_str!("../src/metrics/families.rs");
    let names = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let mut names: Vec<String> = words
            .filter(|word| word.starts_with("cached_") && !word.starts_with("cached_core"))
            .map(|word| word.trim_end_matches("_bucket").to_owned())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    let published = names(source);
    assert!(published.len() > 15, "{published:?}");
    let operations = include_str!("../../docs/OPERATIONS.md");
    for name in &published {
        assert!(operations.contains(&format!("`{name}`")), "docs/OPERATIONS.md lacks {name}");
    }
    let grafana = include_str!("../../docs/grafana/cached.json");
    for name in names(grafana) {
        let is_known = published.contains(&name);
        assert!(is_known, "docs/grafana/cached.json shows {name}, which nobody publishes");
    }
    let parsed: serde_json::Value = serde_json::from_str(grafana).expect("a dashboard is JSON");
    assert!(parsed["panels"].as_array().is_some_and(|panels| panels.len() > 8));
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

/// A server that begins anew counts from zero.
#[tokio::test]
async fn what_servers_count_goes_on_after_they_begin_anew() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let cache = Cache::builder().build().unwrap();
    let mut total = 0.0;
    metrics::with_local_recorder(&recorder, || {
        let publisher = Publisher::new(&cache, "here");
        for (evicted, sum) in [(100, 100.0), (110, 110.0), (3, 113.0), (4, 114.0), (4, 114.0)] {
            let mut info = cached_core::remote::ServerInfo::default();
            info.evicted_keys = evicted;
            publisher.publish_servers(&info);
            // Each snapshot tells what is new.
            total += seen(&snapshotter)["cached_server_evicted_keys_total{cache=here}"];
            assert!((total - sum).abs() < 0.5, "{total} in place of {sum}");
        }
    });
}
