//! Makes the cache that the annotated functions use.

use cached_core::{Cache, Error};

use crate::service::Variant;

/// Installs the process's cache. The variant `shared` has no room in the process, so that every read asks Redis. Without a Redis it has the local tier only, and then no other
/// process may write to the same database.
///
/// # Errors
///
/// The address of the Redis cannot be read. That it does not answer is no error.
pub(super) fn install(redis_url: Option<&str>, variant: Variant) -> Result<Cache, Error> {
    let mut builder = Cache::builder().namespace("lms");
    if variant == Variant::Shared {
        // No value is that small.
        builder = builder.local_bytes(1);
    }
    let cache = match redis_url {
        Some(url) => builder.redis(url).build()?,
        None => builder.build()?,
    };
    cached_core::install(cache.clone())?;
    Ok(cache)
}
