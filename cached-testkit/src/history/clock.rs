//! The one clock of all processes of a machine.

use rustix::time::{ClockId, clock_gettime};

/// Nanoseconds of the machine's monotonic clock (`CLOCK_MONOTONIC`).
///
/// It counts from some moment in the past, the same one for every process of the machine, and is
/// never set back, other than the wall clock.
pub fn now() -> u64 {
    let time = clock_gettime(ClockId::Monotonic);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}
