//! The peers with their Redis stores alone, each as its documentation shows it.

use crate::callers::Concurrent;
use crate::value::Course;
use crate::variant::forever;
use cached::AsyncRedisCache;
use cached::macros::concurrent_cached;
use hitbox_fn::Cache as Hitbox;
use hitbox_fn::prelude::PolicyConfig;
use hitbox_redis::{ConnectionMode, RedisBackend};
use multi_tier_cache::{CacheStrategy, CacheSystemBuilder, RedisCache, TierConfig};
use std::convert::Infallible;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::runtime::Runtime;
use uuid::Uuid;

const DAY: Duration = Duration::from_secs(86_400);

static URL: OnceLock<String> = OnceLock::new();

#[concurrent_cached(
    map_error = |error| format!("{error:?}"),
    ty = "AsyncRedisCache<Uuid, Course>",
    create = {
        AsyncRedisCache::builder("by_cached_redis")
            .ttl(DAY)
            .connection_string(URL.get().expect("set before"))
            .build()
            .await
            .expect("a cache")
    }
)]
async fn by_cached_redis(id: Uuid) -> Result<Course, String> {
    Ok(Course::load(id))
}

#[derive(Clone)]
struct RemoteId(Uuid);

impl hitbox_fn::KeyExtract for RemoteId {
    fn extract(&self) -> Vec<hitbox::KeyPart> {
        vec![hitbox::KeyPart::new("id", Some(self.0.to_string()))]
    }
}

#[hitbox_fn::cached]
async fn by_hitbox_redis(id: RemoteId) -> Result<Course, Infallible> {
    Ok(Course::load(id.0))
}

pub(super) fn variants(runtime: &Runtime, url: &str) -> Vec<Concurrent> {
    let url = URL.get_or_init(|| url.to_owned());
    vec![
        Concurrent::new("cached `#[concurrent_cached]`, async Redis store", |id| async move {
            by_cached_redis(id).await.unwrap()
        }),
        hitbox(url),
        multi_tier(runtime, url),
    ]
}

fn hitbox(url: &str) -> Concurrent {
    let backend = RedisBackend::builder()
        .connection(ConnectionMode::single(url))
        .build()
        .expect("a back end");
    let policy = PolicyConfig::builder().ttl(DAY).build();
    let cache = forever(Arc::new(Hitbox::builder().backend(backend).policy(policy).build()));
    Concurrent::new("hitbox `#[cached]`, Redis back end, bincode", move |id| async move {
        by_hitbox_redis(RemoteId(id)).cache(cache).await.unwrap()
    })
}

fn multi_tier(runtime: &Runtime, url: &str) -> Concurrent {
    let building = async {
        let tier = Arc::new(RedisCache::with_url(url).await.expect("a tier"));
        CacheSystemBuilder::new().with_tier(tier, TierConfig::as_l1()).build().await
    };
    let system = runtime.block_on(building).expect("multi-tier-cache");
    let manager = forever(system.cache_manager().clone());
    Concurrent::new("multi-tier-cache `get_or_compute_typed`, Redis", move |id| async move {
        let key = format!("multi:{id}");
        let load = || async { Ok(Course::load(id)) };
        let strategy = CacheStrategy::Custom(DAY);
        manager.get_or_compute_typed(&key, strategy, load).await.expect("a value")
    })
}
