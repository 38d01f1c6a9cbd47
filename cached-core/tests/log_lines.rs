//! The log lines that people read, word for word, but for the times in them.

mod common;

use cached_core::remote::transport::Memory;
use cached_core::{Cache, Clock, Invalidation, Pattern};
use cached_testkit::shared_redis;
use common::{eventually, listening, on_redis};
use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Lines {
    /// The lines about keys so far, each time replaced by `(t)`.
    fn taken(&self) -> Vec<String> {
        let text = String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap();
        let about_keys = text.lines().filter(|line| {
            ["GET", "SET", "DEL", "LOAD", "CLEAR"].iter().any(|op| line.starts_with(op))
        });
        about_keys.map(without_time).collect()
    }
}

/// `HIT local (0.4 µs)` becomes `HIT local (t)`; the unit must be one that people know.
fn without_time(line: &str) -> String {
    match line.rsplit_once(" (") {
        Some((before, time)) if [" µs)", " ms)", " s)"].iter().any(|unit| time.ends_with(unit)) => {
            format!("{before} (t)")
        }
        _ => line.to_owned(),
    }
}

/// Messages alone; the fields are checked by their own test.
fn listen() -> (Lines, tracing::subscriber::DefaultGuard) {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_writer(lines.clone())
        .with_ansi(false)
        .event_format(MessageOnly)
        .finish();
    (lines, tracing::subscriber::set_default(subscriber))
}

struct MessageOnly;

impl<S, N> tracing_subscriber::fmt::FormatEvent<S, N> for MessageOnly
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
    N: for<'a> tracing_subscriber::fmt::FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &tracing_subscriber::fmt::FmtContext<'_, S, N>,
        mut writer: tracing_subscriber::fmt::format::Writer<'_>,
        event: &tracing::Event<'_>,
    ) -> std::fmt::Result {
        struct Message<'a, 'w>(&'a mut tracing_subscriber::fmt::format::Writer<'w>);
        impl tracing::field::Visit for Message<'_, '_> {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                if field.name() == "message" {
                    let _ = write!(self.0, "{value:?}");
                }
            }
        }
        event.record(&mut Message(&mut writer));
        writeln!(writer)
    }
}

async fn active(cache: &Cache) {
    cache.read("courses:active").or_load(async || Ok::<_, Infallible>(1)).await.unwrap();
}

#[tokio::test]
async fn reads_and_writes_of_a_cache_in_the_process() {
    let (lines, _guard) = listen();
    let cache = Cache::builder().ttl_jitter(0.0).build().unwrap();
    active(&cache).await;
    assert_eq!(
        lines.taken(),
        [
            "GET courses:active: MISS",
            "LOAD courses:active: LOADED (t)",
            "SET courses:active: 300s TTL (t)"
        ]
    );
    active(&cache).await;
    assert_eq!(lines.taken(), ["GET courses:active: HIT local (t)"]);
    let what = Invalidation::new()
        .key("course:7")
        .tag("teacher:1")
        .pattern(Pattern::parse("courses:*").unwrap());
    cache.invalidate(what).await;
    assert_eq!(
        lines.taken(),
        ["DEL course:7 (t)", "DEL tag teacher:1 (t)", "DEL pattern courses:*: 1 keys (t)"]
    );
    cache.clear().await;
    assert_eq!(lines.taken(), ["CLEAR (t)"]);
}

#[tokio::test]
async fn reads_and_writes_through_redis() {
    let namespace = cached_testkit::unique_name("t");
    let other = on_redis(&namespace).build().unwrap();
    for at in 0..15 {
        other
            .read(format!("dashboard:{at}"))
            .or_load(async || Ok::<_, Infallible>(1))
            .await
            .unwrap();
    }
    active(&other).await;
    let (lines, _guard) = listen();
    let cache = on_redis(&namespace).build().unwrap();
    listening(&cache).await;
    active(&cache).await;
    assert_eq!(lines.taken(), ["GET courses:active: HIT remote (t)"]);
    cache.remove_pattern(Pattern::parse("dashboard:*").unwrap()).await;
    eventually("it is reported", || cache.queued() == 0).await;
    assert_eq!(lines.taken(), ["DEL pattern dashboard:*: 15 keys (t)"]);
    assert_eq!(shared_redis().cli(&["EXISTS", &format!("{namespace}:k:dashboard:1")]), "0");
}

/// It is loaded again and again, and each time cannot be stored.
#[tokio::test]
async fn a_value_that_cannot_be_stored_is_warned_of_once_a_minute() {
    let (lines, _guard) = listen();
    let (clock, hand) = Clock::manual();
    let cache = Cache::builder().clock(clock).local_bytes(1_000).build().unwrap();
    let warnings = || {
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        text.lines().filter(|line| line.starts_with("a value was not stored: ")).count()
    };
    for (loads, expected) in [(1, 1), (2, 1), (3, 1), (4, 2), (5, 2)] {
        if loads == 4 {
            hand.advance(Duration::from_secs(60));
        }
        let load = async || Ok::<_, Infallible>("x".repeat(5_000));
        cache.read("large").or_load(load).await.unwrap();
        assert_eq!((cache.stats().unstorable, warnings()), (loads, expected));
    }
}

/// Nobody is left to deliver them, so somebody must be told.
#[tokio::test]
async fn a_cache_that_ends_with_invalidations_in_its_queue_says_so() {
    let (lines, _guard) = listen();
    let server = Memory::new();
    server.set_away(true);
    let cache = Cache::builder().transport(server).build().unwrap();
    cache.invalidate_soon(Invalidation::new().key("a").tag("b"));
    drop(cache);
    let told = || {
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        text.contains("a cache was dropped with 2 invalidations that the remote tier has not got")
    };
    eventually("it has said so", told).await;
}
