//! The bare maps: get and clone, nothing of a cache around them.

use crate::value::Course;
use crate::variant::Variant;
use quick_cache::sync::Cache;
use std::sync::Arc;
use uuid::Uuid;

pub(super) fn variants() -> Vec<Variant> {
    let by_id = Arc::new(Cache::<Uuid, Course>::new(200_000));
    let by_text = Arc::new(Cache::<String, Course>::new(200_000));
    let moka = moka::sync::Cache::<Uuid, Course>::new(200_000);
    vec![
        Variant::new("quick_cache", "quick_cache: get by Uuid + clone", move |id| {
            let map = by_id.clone();
            async move {
                map.get(&id).unwrap_or_else(|| {
                    map.insert(id, Course::load(id));
                    Course::load(id)
                })
            }
        }),
        Variant::new(
            "quick_cache_text",
            "quick_cache: format a text key, get + clone",
            move |id| {
                let map = by_text.clone();
                async move {
                    let key = format!("course:{id}");
                    map.get(&key).unwrap_or_else(|| {
                        map.insert(key, Course::load(id));
                        Course::load(id)
                    })
                }
            },
        ),
        Variant::new("moka", "moka: get by Uuid + clone", move |id| {
            let map = moka.clone();
            async move { map.get_with(id, || Course::load(id)) }
        }),
    ]
}
