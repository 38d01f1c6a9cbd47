//! `/api/cache`: what the cache has done so far.

use axum::Json as Reply;
use axum::extract::State;
use serde::Serialize;

use crate::service::Services;

/// The cache of this process, in numbers.
#[derive(Debug, Serialize)]
pub(super) struct CacheStats {
    hit_rate: f64,
    local_hits: u64,
    remote_hits: u64,
    shared: u64,
    misses: u64,
    loads: u64,
    load_errors: u64,
    fills: u64,
    fills_refused: u64,
    invalidations: u64,
    invalidations_received: u64,
    invalidations_queued: usize,
    remote_faults: u64,
    remote_down: bool,
    local_entries: usize,
}

/// `GET /api/cache`.
pub(super) async fn stats(State(app): State<Services>) -> Reply<CacheStats> {
    let cache = cached_core::current();
    let mut stats = cache.stats();
    if let Some((hits, misses)) = app.hand_counts() {
        (stats.remote_hits, stats.misses) = (hits, misses);
    }
    Reply(CacheStats {
        hit_rate: stats.hit_rate(),
        local_hits: stats.local_hits,
        remote_hits: stats.remote_hits,
        shared: stats.shared,
        misses: stats.misses,
        loads: stats.loads,
        load_errors: stats.load_errors,
        fills: stats.fills,
        fills_refused: stats.fills_refused,
        invalidations: stats.invalidations,
        invalidations_received: stats.invalidations_received,
        invalidations_queued: cache.queued(),
        remote_faults: stats.remote_faults,
        remote_down: cache.is_remote_down(),
        local_entries: cache.local_len(),
    })
}
