//! cached: an annotated function whose values are in the remote tier only.

use crate::callers::Concurrent;
use crate::value::Course;
use cached_core::{Cache, Codec, cached};
use std::convert::Infallible;
use std::sync::OnceLock;
use std::time::Duration;
use tokio::runtime::Runtime;
use uuid::Uuid;

static CACHE: OnceLock<Cache> = OnceLock::new();

fn cache() -> &'static Cache {
    CACHE.get().expect("it is built before it is asked")
}

#[cached(ttl = "day", key = "remote:<id>", local = off, cache = cache())]
async fn by_remote(id: Uuid) -> Result<Course, Infallible> {
    Ok(Course::load(id))
}

#[cached(ttl = "day", key = "binary:<id>", local = off, codec = Codec::Postcard, cache = cache())]
async fn by_remote_binary(id: Uuid) -> Result<Course, Infallible> {
    Ok(Course::load(id))
}

pub(super) fn variants(runtime: &Runtime, url: &str) -> Vec<Concurrent> {
    let _within = runtime.enter();
    CACHE.get_or_init(|| {
        let builder = Cache::builder().namespace("benches").redis(url);
        // The first misses fill thousands of entries at once, on a machine that may have other work.
        builder.operation_timeout(Duration::from_secs(5)).build().expect("a cache")
    });
    vec![
        Concurrent::new(
            "**cached-core `#[cached]`**",
            |id| async move { by_remote(id).await.unwrap() },
        ),
        Concurrent::new("**cached-core `#[cached]`, postcard**", |id| async move {
            by_remote_binary(id).await.unwrap()
        }),
    ]
}
