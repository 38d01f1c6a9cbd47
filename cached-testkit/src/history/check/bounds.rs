//! The bounds that the rules grant, in nanoseconds.

use std::time::Duration;

#[derive(Debug, Clone)]
pub(super) struct Bounds {
    pub(super) propagation: u64,
    pub(super) revocation: u64,
    pub(super) cut_off: u64,
    pub(super) recovery: u64,
    pub(super) lease: u64,
    pub(super) is_shared: bool,
    pub(super) is_durable: bool,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            propagation: nanoseconds(Duration::from_secs(1)),
            revocation: nanoseconds(Duration::from_secs(1)),
            cut_off: nanoseconds(Duration::from_secs(3)),
            recovery: nanoseconds(Duration::from_secs(3)),
            lease: u64::MAX,
            is_shared: true,
            is_durable: false,
        }
    }
}

pub(super) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
