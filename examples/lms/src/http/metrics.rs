//! `/metrics`: what the cache counts, for Prometheus. It tells templates and never keys, and asks for no login, as
//! scrapers have none: whoever runs this for others keeps the path to the inside.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use cached_core::Cache;
use cached_core::metrics::Publisher;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use crate::service::Services;

/// In seconds. Without buckets there would be summaries, which cannot be added over processes.
const BUCKETS: [f64; 15] =
    [1e-6, 1e-5, 1e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];

/// Of the process, as recorders are.
static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

#[derive(Clone)]
struct Metrics {
    cache: Cache,
    publisher: Arc<Mutex<Publisher>>,
}

/// The path that Prometheus asks for.
pub(super) fn routes<S: Clone + Send + Sync + 'static>(app: &Services) -> Router<S> {
    // Before the publisher, which describes its metrics to the recorder that is there.
    recorder();
    let publisher = Arc::new(Mutex::new(Publisher::new(app.cache(), "lms")));
    let metrics = Metrics { cache: app.cache().clone(), publisher };
    Router::new().route("/metrics", get(scrape)).with_state(metrics)
}

fn recorder() -> Option<&'static PrometheusHandle> {
    let install = || -> Result<PrometheusHandle, BuildError> {
        let durations = Matcher::Full("cached_duration_seconds".into());
        PrometheusBuilder::new().set_buckets_for_metric(durations, &BUCKETS)?.install_recorder()
    };
    let installed = || install().inspect_err(|error| tracing::warn!(%error, "no metrics")).ok();
    RECORDER.get_or_init(installed).as_ref()
}

/// Publishes what is new and shows all of it, so that a scrape is never behind.
async fn scrape(State(Metrics { cache, publisher }): State<Metrics>) -> Response {
    let Some(recorder) = recorder() else {
        let message = "another recorder of metrics was installed in this process";
        return (StatusCode::SERVICE_UNAVAILABLE, message).into_response();
    };
    // Servers that do not answer are passed over: the breaker tells.
    let servers = cache.server_info().await.ok().flatten();
    {
        let mut publisher = publisher.lock().unwrap_or_else(PoisonError::into_inner);
        publisher.publish();
        servers.iter().for_each(|info| publisher.publish_servers(info));
    }
    let headers = [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (headers, recorder.render()).into_response()
}
