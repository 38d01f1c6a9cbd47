//! The metrics by name, label and unit. docs/OPERATIONS.md and docs/grafana/cached.json use the same names; a test
//! compares them.

use crate::breaker::BreakerState;
use crate::cache::Health;
use crate::events::{Latency, Stats, TemplateStats};
use crate::remote::ServerInfo;
use metrics::{
    Counter, Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};

/// The label of reads that name no template.
const DIRECT: &str = "(direct)";

pub(super) fn describe() {
    describe_counter!("cached_reads_total", Unit::Count, "Reads, by what answered them");
    describe_counter!("cached_loads_total", Unit::Count, "Annotated bodies run, by how they ended");
    describe_counter!(
        "cached_load_timeouts_total",
        Unit::Count,
        "Reads that waited for a load as long as their `timeout` says"
    );
    describe_counter!("cached_fills_total", Unit::Count, "Loaded values, by what became of them");
    describe_counter!(
        "cached_undecodable_total",
        Unit::Count,
        "Remote entries that could not be used"
    );
    describe_gauge!(
        "cached_template_keys",
        Unit::Count,
        "About how many different keys were looked up or loaded"
    );
    describe_histogram!("cached_duration_seconds", Unit::Seconds, "Hits by tier, and loads");
    describe_counter!("cached_invalidations_total", Unit::Count, "Invalidations, by kind");
    describe_counter!(
        "cached_remote_faults_total",
        Unit::Count,
        "Operations of the remote tier that failed"
    );
    describe_counter!("cached_local_resets_total", Unit::Count, "Times the local tier was dropped");
    describe_gauge!("cached_local_entries", Unit::Count, "Entries in the local tier");
    describe_gauge!("cached_flights", Unit::Count, "Loads and look-ups under way");
    describe_gauge!("cached_leases", Unit::Count, "Rights to fill a key held by this process");
    describe_gauge!("cached_breaker_open", Unit::Count, "1 while the remote tier is not asked");
    describe_gauge!(
        "cached_breaker_half_open",
        Unit::Count,
        "1 while it is not asked, and may be tried"
    );
    describe_gauge!(
        "cached_queue_length",
        Unit::Count,
        "Invalidations that have not reached the remote tier"
    );
    describe_gauge!(
        "cached_backplane_lag_seconds",
        Unit::Seconds,
        "Since when others may not have been heard"
    );
    describe_gauge!("cached_cut_off", Unit::Count, "1 while the local tier is not trusted");
    describe_gauge!("cached_server_memory_bytes", Unit::Bytes, "used_memory of the servers");
    describe_gauge!(
        "cached_server_memory_limit_bytes",
        Unit::Bytes,
        "maxmemory of the servers, 0 without"
    );
    describe_counter!(
        "cached_server_evicted_keys_total",
        Unit::Count,
        "Keys that the servers evicted"
    );
    describe_counter!(
        "cached_server_expired_keys_total",
        Unit::Count,
        "Keys that the servers expired"
    );
}

/// One template: counts as they are, durations since the last time.
pub(super) fn template(cache: &str, stats: &TemplateStats, before: &TemplateStats) {
    let template = if stats.template.is_empty() { DIRECT } else { stats.template };
    let cache = cache.to_owned();
    for (result, count) in [
        ("local", stats.local_hits),
        ("request", stats.request_hits),
        ("remote", stats.remote_hits),
        ("stale", stats.stale_hits),
        ("shared", stats.shared),
        ("miss", stats.misses),
    ] {
        counter!("cached_reads_total", "cache" => cache.clone(), "template" => template, "result" => result)
            .absolute(count);
    }
    for (result, count) in
        [("ok", stats.loads.saturating_sub(stats.load_errors)), ("error", stats.load_errors)]
    {
        counter!("cached_loads_total", "cache" => cache.clone(), "template" => template, "result" => result)
            .absolute(count);
    }
    for (result, count) in [
        ("stored", stats.fills),
        ("refused", stats.fills_refused),
        ("unstorable", stats.unstorable),
    ] {
        counter!("cached_fills_total", "cache" => cache.clone(), "template" => template, "result" => result)
            .absolute(count);
    }
    counter!("cached_load_timeouts_total", "cache" => cache.clone(), "template" => template)
        .absolute(stats.load_timeouts);
    counter!("cached_undecodable_total", "cache" => cache.clone(), "template" => template)
        .absolute(stats.undecodable);
    gauge!("cached_template_keys", "cache" => cache.clone(), "template" => template)
        .set(stats.keys as f64);
    for (source, now, then) in [
        ("local", &stats.local, &before.local),
        ("remote", &stats.remote, &before.remote),
        ("load", &stats.load, &before.load),
    ] {
        durations(&cache, template, source, &now.since(then));
    }
}

fn durations(cache: &str, template: &'static str, source: &'static str, new: &Latency) {
    for (took, count) in new.buckets() {
        let histogram = histogram!(
            "cached_duration_seconds", "cache" => cache.to_owned(), "template" => template, "source" => source
        );
        histogram.record_many(took.as_secs_f64(), usize::try_from(count).unwrap_or(usize::MAX));
    }
}

pub(super) fn cache(cache: &str, stats: &Stats) {
    for (kind, count) in [
        ("key", stats.keys_invalidated),
        ("tag", stats.tags_invalidated),
        ("pattern", stats.patterns_invalidated),
        ("everything", stats.clears),
        ("received", stats.invalidations_received),
    ] {
        counter!("cached_invalidations_total", "cache" => cache.to_owned(), "kind" => kind)
            .absolute(count);
    }
    counter!("cached_remote_faults_total", "cache" => cache.to_owned())
        .absolute(stats.remote_faults);
    counter!("cached_local_resets_total", "cache" => cache.to_owned()).absolute(stats.local_resets);
}

pub(super) fn health(cache: &str, health: &Health) {
    gauge!("cached_local_entries", "cache" => cache.to_owned()).set(health.local_entries as f64);
    gauge!("cached_flights", "cache" => cache.to_owned()).set(health.flights as f64);
    let Some(remote) = &health.remote else { return };
    let is_open = f64::from(u8::from(remote.breaker != BreakerState::Closed));
    gauge!("cached_breaker_open", "cache" => cache.to_owned()).set(is_open);
    let is_half_open = f64::from(u8::from(remote.breaker == BreakerState::HalfOpen));
    gauge!("cached_breaker_half_open", "cache" => cache.to_owned()).set(is_half_open);
    gauge!("cached_leases", "cache" => cache.to_owned()).set(remote.leases as f64);
    gauge!("cached_queue_length", "cache" => cache.to_owned()).set(remote.queued as f64);
    gauge!("cached_backplane_lag_seconds", "cache" => cache.to_owned())
        .set(remote.backplane_lag().as_secs_f64());
    gauge!("cached_cut_off", "cache" => cache.to_owned())
        .set(f64::from(u8::from(remote.is_cut_off)));
}

/// What the servers count themselves begins anew with them: what was counted before is told too.
pub(super) fn servers(cache: &str, info: &ServerInfo, before: Option<&ServerInfo>) {
    gauge!("cached_server_memory_bytes", "cache" => cache.to_owned()).set(info.used_memory as f64);
    gauge!("cached_server_memory_limit_bytes", "cache" => cache.to_owned())
        .set(info.max_memory as f64);
    let evicted = counter!("cached_server_evicted_keys_total", "cache" => cache.to_owned());
    count(&evicted, info.evicted_keys, before.map(|before| before.evicted_keys));
    let expired = counter!("cached_server_expired_keys_total", "cache" => cache.to_owned());
    count(&expired, info.expired_keys, before.map(|before| before.expired_keys));
}

fn count(counter: &Counter, now: u64, before: Option<u64>) {
    match before {
        // Another publisher may have told of it.
        None => counter.absolute(now),
        Some(before) => counter.increment(now.checked_sub(before).unwrap_or(now)),
    }
}
