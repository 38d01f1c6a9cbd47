//! Spans around what takes time, for traces (`tracing-opentelemetry` makes spans of OpenTelemetry of them). They name
//! templates, never keys; a hit of the local tier has none.

use super::TARGET;
use tracing::{Span, info_span};

/// A body that runs.
pub(crate) fn span_of_load(template: &'static str) -> Span {
    info_span!(target: TARGET, "cached.load", template)
}

/// Asking the remote tier, and waiting for another process' load of the key.
pub(crate) fn span_of_lookup(template: &'static str) -> Span {
    info_span!(target: TARGET, "cached.lookup", template)
}

/// Waiting until an invalidation has reached the remote tier.
pub(crate) fn span_of_invalidation() -> Span {
    info_span!(target: TARGET, "cached.invalidate")
}
