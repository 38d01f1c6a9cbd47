//! What transports to servers have in common: how long to wait, whom to trust.

use std::time::Duration;

/// What transports have in common.
#[derive(Clone)]
#[cfg_attr(
    not(any(feature = "redis", feature = "upstash")),
    expect(dead_code, reason = "without these features nothing connects to a server")
)]
pub(crate) struct Settings {
    /// How long connecting may take.
    pub(crate) timeout: Duration,
    #[cfg(feature = "tls")]
    pub(crate) tls: super::Tls,
}

impl Settings {
    #[cfg(all(feature = "redis", feature = "tls"))]
    pub(super) fn certificates(&self) -> Option<redis::TlsCertificates> {
        self.tls.certificates()
    }
}
