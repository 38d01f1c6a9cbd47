//! Names that keep tests apart on one server.

use std::sync::atomic::{AtomicU64, Ordering};

/// A name that no other call returns, in no process of this machine: `prefix_PID_N`.
///
/// It fits a Redis namespace and a Postgres identifier.
pub fn unique_name(prefix: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{prefix}_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
