//! What the connections of a proxy share.

use std::net::SocketAddr;

use super::counts::Counts;
use super::fault::Trigger;

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) upstream: SocketAddr,
    pub(super) counts: Counts,
    pub(super) trigger: Trigger,
}

impl Shared {
    pub(super) fn new(upstream: SocketAddr) -> Self {
        Self { upstream, counts: Counts::default(), trigger: Trigger::default() }
    }
}
