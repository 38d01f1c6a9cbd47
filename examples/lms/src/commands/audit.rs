//! `lms audit`: which write invalidates which read, and what is wrong with that. Asks no server.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;

use cached_core::registry::{Audit, Registry};

use crate::repository::cache_map;

/// Prints the cache map and its warnings.
///
/// # Errors
///
/// There are warnings.
pub(super) fn run() -> Result<(), Box<dyn Error + Send + Sync>> {
    let audit = cache_map(Registry::linked()).audit();
    write!(std::io::stdout().lock(), "{}\n{audit}\n", map(&audit))?;
    if audit.is_clean() { Ok(()) } else { Err("the cache map has warnings".into()) }
}

/// Each write with the reads that it invalidates, a line each.
fn map(audit: &Audit) -> String {
    let mut text = String::new();
    for (at, write) in audit.registry.invalidating.iter().enumerate() {
        // Writing into a String does not fail.
        let _ = writeln!(text, "{}", write.path);
        for edge in audit.edges.iter().filter(|edge| edge.write == at) {
            let _ = writeln!(text, "    {}", audit.registry.cached[edge.read].template);
        }
    }
    text
}
