//! The annotated peers, each as its documentation shows it.

use crate::value::Course;
use crate::variant::{Variant, forever};
use cached::macros::{cached, concurrent_cached};
use hitbox_backend::format::BincodeFormat;
use hitbox_fn::Cache as Hitbox;
use hitbox_fn::prelude::PolicyConfig;
use hitbox_moka::MokaBackend;
use multi_tier_cache::{CacheStrategy, CacheSystemBuilder, MokaCache, MokaCacheConfig, TierConfig};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

#[cached(max_size = 200_000, ttl_secs = 86_400)]
async fn by_cached(id: Uuid) -> Course {
    Course::load(id)
}

#[concurrent_cached(max_size = 200_000, ttl_secs = 86_400)]
async fn by_concurrent_cached(id: Uuid) -> Course {
    Course::load(id)
}

#[derive(Clone)]
struct CourseId(Uuid);

impl hitbox_fn::KeyExtract for CourseId {
    fn extract(&self) -> Vec<hitbox::KeyPart> {
        vec![hitbox::KeyPart::new("id", Some(self.0.to_string()))]
    }
}

#[hitbox_fn::cached]
async fn by_hitbox(id: CourseId) -> Result<Course, Infallible> {
    Ok(Course::load(id.0))
}

pub(super) fn variants() -> Vec<Variant> {
    vec![
        Variant::new("cached", "cached `#[cached]`", by_cached),
        Variant::new("concurrent_cached", "cached `#[concurrent_cached]`", by_concurrent_cached),
        hitbox(),
        multi_tier(),
    ]
}

fn hitbox() -> Variant {
    let backend = MokaBackend::builder().max_entries(200_000).value_format(BincodeFormat).build();
    let policy = PolicyConfig::builder().ttl(Duration::from_secs(86_400)).build();
    let cache = forever(Arc::new(Hitbox::builder().backend(backend).policy(policy).build()));
    Variant::new("hitbox", "hitbox `#[cached]`, moka back end, bincode", move |id| async move {
        by_hitbox(CourseId(id)).cache(cache).await.unwrap()
    })
}

fn multi_tier() -> Variant {
    let day = Duration::from_secs(86_400);
    let config = MokaCacheConfig { max_capacity: 200_000, time_to_live: day, time_to_idle: day };
    let tier = Arc::new(MokaCache::new(config).expect("a tier"));
    let building = CacheSystemBuilder::new().with_tier(tier, TierConfig::as_l1()).build();
    let system = crate::variant::runtime().block_on(building).expect("multi-tier-cache");
    let manager = forever(system.cache_manager().clone());
    Variant::new(
        "multi_tier",
        "multi-tier-cache `get_or_compute_typed`, moka",
        move |id| async move {
            let key = format!("course:{id}");
            let load = || async { Ok(Course::load(id)) };
            let strategy = CacheStrategy::Custom(day);
            manager.get_or_compute_typed(&key, strategy, load).await.expect("a value")
        },
    )
}
