//! Log lines on stderr, as `RUST_LOG` asks; the demo makes the cache's own lines loud and quiet.

use std::io::IsTerminal as _;

use opentelemetry::trace::TracerProvider as _;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::fmt::{self, format};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::Registry;
use tracing_subscriber::reload::{self, Handle};
use tracing_subscriber::util::SubscriberInitExt as _;

use super::spans::{self, Spans};

/// Fields that the cache's lines repeat from their text.
const REPEATED: [&str; 10] =
    ["op", "key", "tag", "pattern", "keys", "outcome", "tier", "us", "ttl_ms", "ok"];

// An import's statements are long ones by nature, and migrations tell what is there already.
const QUIET: &str = "info,sqlx::query=error,sqlx::postgres::notice=warn";
const LOUD: &str = "info,sqlx::query=error,sqlx::postgres::notice=warn,cached_core=debug";

/// Changes what is logged while the program runs.
pub(super) struct Logs {
    filter: Handle<EnvFilter, Registry>,
    /// `RUST_LOG` was given: then what it says stays.
    chosen: bool,
    /// Dropped last of all, so that the spans of the end are sent too.
    _spans: Option<Spans>,
}

/// Starts logging.
pub(super) fn start() -> Logs {
    let asked = std::env::var("RUST_LOG").ok().filter(|directives| !directives.is_empty());
    let directives = asked.as_deref().unwrap_or(QUIET);
    let (filter, handle) = reload::Layer::new(EnvFilter::new(directives));
    let fields = format::debug_fn(|writer, field, value| match field.name() {
        "message" => write!(writer, "{value:?}"),
        name if REPEATED.contains(&name) => Ok(()),
        name => write!(writer, " {name}={value:?}"),
    });
    let lines = fmt::layer()
        .compact()
        .without_time()
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal())
        .fmt_fields(fields)
        .with_writer(std::io::stderr)
        // A line says what it says; in which request, the traces tell. What only asks whether lines are wanted is no span either.
        .with_filter(filter_fn(|metadata| !metadata.is_span()));
    let spans = spans::start();
    let tracer = spans.as_ref().map(|spans| spans.provider().tracer("lms"));
    let layer = || tracing_opentelemetry::layer().with_location(false).with_threads(false);
    let traces = tracer.map(|tracer| layer().with_tracer(tracer));
    // Fails only if somebody else has started logging in this process; then theirs serves.
    let _ = tracing_subscriber::registry().with(filter).with(lines).with(traces).try_init();
    Logs { filter: handle, chosen: asked.is_some(), _spans: spans }
}

impl Logs {
    /// Every look-up of the cache becomes a line.
    pub(super) fn loud(&self) {
        self.set(LOUD);
    }

    /// Only what an operator needs.
    pub(super) fn quiet(&self) {
        self.set(QUIET);
    }

    /// Nothing: what fails while the demo's own servers are taken down is no news.
    pub(super) fn off(&self) {
        self.reload("off");
    }

    fn set(&self, directives: &str) {
        if !self.chosen {
            self.reload(directives);
        }
    }

    fn reload(&self, directives: &str) {
        // Fails only when the subscriber is gone, and then nobody reads.
        let _ = self.filter.reload(EnvFilter::new(directives));
    }
}
