//! Spans for OpenTelemetry, where an endpoint is given: `OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318`, as OTLP over
//! HTTP. The SDK reads its other variables itself.

use std::time::Duration;

use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;

const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];
const NAME: &str = "OTEL_SERVICE_NAME";

/// How long the end of the program waits for a collector.
const FLUSH: Duration = Duration::from_secs(2);

/// Spans on their way to a collector; the last of them leave when it is dropped.
pub(super) struct Spans(SdkTracerProvider);

/// The way to the collector, if one is named.
pub(super) fn start() -> Option<Spans> {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if !ENDPOINTS.into_iter().any(is_set) {
        return None;
    }
    let exporter = SpanExporter::builder().with_http().build();
    let exporter = exporter.inspect_err(|error| eprintln!("lms: no spans: {error}")).ok()?;
    let resource = Resource::builder();
    let resource = if is_set(NAME) { resource } else { resource.with_service_name("lms") };
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource.build())
        .build();
    Some(Spans(provider))
}

impl Spans {
    pub(super) fn provider(&self) -> &SdkTracerProvider {
        &self.0
    }
}

impl Drop for Spans {
    fn drop(&mut self) {
        // Spans of a collector that is not there are lost, as they must be.
        let _ = self.0.shutdown_with_timeout(FLUSH);
    }
}
