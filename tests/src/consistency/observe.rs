//! What a cache says of a call while it runs, taken from its log lines: which tier answered, and whether an
//! invalidation waits. So the harness needs nothing of the cache that its users do not have.

use cached_testkit::history::{Incident, Recorder, Source};
use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::sync::OnceLock;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, span};

/// What was seen during one call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) source: Source,
    pub(super) is_queued: bool,
}

const NOTHING: Seen = Seen { source: Source::Unknown, is_queued: false };

tokio::task_local! {
    static SEEN: Cell<Seen>;
}

/// Runs a call, and tells what was seen.
pub(super) async fn observed<F: Future>(call: F) -> (F::Output, Seen) {
    SEEN.scope(Cell::new(NOTHING), async {
        let output = call.await;
        (output, SEEN.with(Cell::get))
    })
    .await
}

/// The body of the call that is running loads.
pub(super) fn loads() {
    see(|seen| seen.source = Source::Load);
}

fn see(change: impl FnOnce(&mut Seen)) {
    // Calls that nobody observes have no place for it.
    let _ = SEEN.try_with(|cell| {
        let mut seen = cell.get();
        change(&mut seen);
        cell.set(seen);
    });
}

/// Listens to the cache for the whole process. Faults that it meets go into the history: they are why it may load
/// without a lease.
pub(super) fn listen(recorder: Recorder) {
    FAULTS.get_or_init(|| recorder);
    tracing::subscriber::set_global_default(Listener).expect("nobody else listens in this process");
}

static FAULTS: OnceLock<Recorder> = OnceLock::new();

struct Listener;

impl tracing::Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "cached_core" && *metadata.level() <= Level::DEBUG
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Reader);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

struct Reader;

impl Visit for Reader {
    fn record_str(&mut self, field: &Field, value: &str) {
        match (field.name(), value) {
            // A value in place of an error comes from the process' own tier, though the shared one was asked before.
            ("tier", "local" | "request") | ("outcome", "stale") => {
                see(|seen| seen.source = Source::Local)
            }
            ("tier", "remote") => see(|seen| seen.source = Source::Remote),
            ("tier", "shared") => see(|seen| seen.source = Source::Flight),
            ("operation", _) => {
                if let Some(recorder) = FAULTS.get() {
                    recorder.incident(Incident::Unreachable).over();
                }
            }
            _ => {}
        }
    }

    fn record_u64(&mut self, field: &Field, _: u64) {
        if field.name() == "waiting" {
            see(|seen| seen.is_queued = true);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
