//! Makes the cache that the annotated functions use.

use cached_core::{Cache, Error};

/// Installs the process's cache. Without a Redis it has the local tier only, and then no other
/// process may write to the same database.
///
/// # Errors
///
/// The address of the Redis cannot be read. That it does not answer is no error.
pub(super) fn install(redis_url: Option<&str>) -> Result<Cache, Error> {
    let builder = Cache::builder().namespace("lms");
    let cache = match redis_url {
        Some(url) => builder.redis(url).build()?,
        None => builder.build()?,
    };
    cached_core::install(cache.clone())?;
    Ok(cache)
}
