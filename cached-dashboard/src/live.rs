//! What is new, over and over: server-sent events, each a JSON object. Rates and quantiles are those since the event
//! before, on this connection.

use crate::{Dashboard, Shared};
use axum::Json;
use axum::extract::State;
use axum::response::sse::{Event as Sent, KeepAlive, Sse};
use cached_core::remote::ServerInfo;
use cached_core::{Event, Health, HotKey, Latency, TemplateStats};
use futures_util::Stream;
use futures_util::stream;
use serde::Serialize;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::time::{Interval, MissedTickBehavior};

/// The keys that are shown.
const HOTTEST: usize = 10;
/// The servers are asked once in so many events.
const SERVERS_EVERY: u64 = 5;

/// One look at the cache.
#[derive(Serialize)]
pub(crate) struct Snapshot {
    reads: u64,
    hits: u64,
    misses: u64,
    loads: u64,
    load_errors: u64,
    invalidations: u64,
    received: u64,
    faults: u64,
    resets: u64,
    templates: Vec<Template>,
    health: Health,
    servers: Option<ServerInfo>,
    events: Vec<Event>,
    hottest: Vec<HotKey>,
}

#[derive(Serialize)]
struct Template {
    template: &'static str,
    function: String,
    /// Since the cache was built.
    reads: u64,
    hits: u64,
    loads: u64,
    errors: u64,
    /// Loaded values that were invalidated or overtaken before they were stored.
    refused: u64,
    /// Since the last look.
    new_reads: u64,
    new_hits: u64,
    local: Spread,
    remote: Spread,
    load: Spread,
}

/// Durations since the last look, in microseconds; `None` where nothing was measured.
#[derive(Serialize)]
struct Spread {
    p50_us: Option<f64>,
    p99_us: Option<f64>,
}

impl Spread {
    fn of(now: &Latency, then: Option<&Latency>) -> Self {
        let new = then.map_or_else(|| now.clone(), |then| now.since(then));
        let at = |share| (new.count() > 0).then(|| new.quantile(share).as_secs_f64() * 1e6);
        Self { p50_us: at(0.5), p99_us: at(0.99) }
    }
}

/// What a connection has been told.
struct Told {
    shared: Arc<Shared>,
    ticks: Interval,
    looks: u64,
    before: Vec<TemplateStats>,
    last_event: u64,
    servers: Option<ServerInfo>,
}

pub(crate) async fn events(
    State(shared): State<Arc<Shared>>,
) -> Sse<impl Stream<Item = Result<Sent, Infallible>>> {
    let mut ticks = tokio::time::interval(shared.settings.every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let told = Told { shared, ticks, looks: 0, before: Vec::new(), last_event: 0, servers: None };
    let events = stream::unfold(told, |mut told| async move {
        told.ticks.tick().await;
        let snapshot = told.look().await;
        // Numbers and text: JSON cannot refuse them.
        let event = Sent::default().json_data(&snapshot).unwrap_or_default();
        Some((Ok(event), told))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}

/// The same once, for people and scripts: everything since the cache was built.
pub(crate) async fn snapshot(State(shared): State<Arc<Shared>>) -> Json<Snapshot> {
    let servers = shared.settings.cache.server_info().await.ok().flatten();
    let now = shared.settings.cache.template_stats();
    Json(Snapshot::of(&shared.settings, &now, &[], 0, servers))
}

impl Told {
    async fn look(&mut self) -> Snapshot {
        let settings = &self.shared.settings;
        if self.looks.is_multiple_of(SERVERS_EVERY) {
            self.servers = settings.cache.server_info().await.ok().flatten();
        }
        self.looks += 1;
        let now = settings.cache.template_stats();
        let snapshot = Snapshot::of(settings, &now, &self.before, self.last_event, self.servers);
        self.before = now;
        if let Some(last) = snapshot.events.last() {
            self.last_event = last.number;
        }
        snapshot
    }
}

impl Snapshot {
    fn of(
        settings: &Dashboard,
        templates: &[TemplateStats],
        before: &[TemplateStats],
        after_event: u64,
        servers: Option<ServerInfo>,
    ) -> Self {
        let cache = &settings.cache;
        let stats = cache.stats();
        let hits = templates.iter().map(TemplateStats::hits).sum::<u64>();
        Self {
            reads: hits + stats.misses,
            hits,
            misses: stats.misses,
            loads: stats.loads,
            load_errors: stats.load_errors,
            invalidations: stats.invalidations,
            received: stats.invalidations_received,
            faults: stats.remote_faults,
            resets: stats.local_resets,
            templates: templates
                .iter()
                .enumerate()
                .filter(|(_, stats)| stats.reads() + stats.loads > 0)
                .map(|(at, stats)| Template::of(stats, before.get(at)))
                .collect(),
            health: cache.health(),
            servers,
            events: remembered(settings, after_event),
            hottest: if settings.keys { cache.hottest_keys(HOTTEST) } else { Vec::new() },
        }
    }
}

/// Somebody else may watch the cache with keys.
fn remembered(settings: &Dashboard, after: u64) -> Vec<Event> {
    let mut events = settings.cache.events_after(after);
    if !settings.keys {
        events.iter_mut().for_each(|event| event.key = None);
    }
    events
}

impl Template {
    fn of(now: &TemplateStats, then: Option<&TemplateStats>) -> Self {
        Self {
            template: if now.template.is_empty() { "(direct)" } else { now.template },
            function: now.function.clone(),
            reads: now.reads(),
            hits: now.hits(),
            loads: now.loads,
            errors: now.load_errors,
            refused: now.fills_refused,
            new_reads: now.reads().saturating_sub(then.map_or(0, TemplateStats::reads)),
            new_hits: now.hits().saturating_sub(then.map_or(0, TemplateStats::hits)),
            local: Spread::of(&now.local, then.map(|then| &then.local)),
            remote: Spread::of(&now.remote, then.map(|then| &then.remote)),
            load: Spread::of(&now.load, then.map(|then| &then.load)),
        }
    }
}
