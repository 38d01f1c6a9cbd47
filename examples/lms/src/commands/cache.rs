//! Makes the cache that the annotated functions use.

use cached_core::{Cache, Error};

use crate::service::Variant;

/// Installs the process's cache. A write answers when every process shows it: the variant `shared` has no local tier, so that
/// every read asks Redis; the other one waits until all processes have heard of it. Without a Redis there
/// is the local tier only, and then no other process may write to the same database. Where the annotations do not serve there
/// is no Redis either: writes would wait for invalidations that nobody needs, and the comparison would charge them for it.
///
/// # Errors
///
/// The address of the Redis cannot be read, or the namespace is none. That the Redis does not answer is no error.
pub(super) fn install(
    redis_url: Option<&str>,
    namespace: &str,
    variant: Variant,
) -> Result<Cache, Error> {
    let mut builder = Cache::builder().namespace(namespace);
    builder = if variant == Variant::Shared {
        builder.local_off()
    } else {
        builder.synchronous_invalidation()
    };
    let cache = match redis_url.filter(|_| variant.uses_annotations()) {
        Some(url) => builder.redis(url).build()?,
        None => builder.build()?,
    };
    cached_core::install(cache.clone())?;
    Ok(cache)
}

/// A namespace that nobody else has: `lms-<kind>-` and a number.
pub(super) fn own_namespace(kind: &str) -> String {
    format!("lms-{kind}-{:08x}", fastrand::u32(..))
}
