//! The bare maps: get and clone, nothing of a cache around them.

use crate::value::Course;
use crate::variant::{Variant, forever};
use quick_cache::sync::Cache;
use uuid::Uuid;

pub(super) fn variants() -> Vec<Variant> {
    let by_id = forever(Cache::<Uuid, Course>::new(200_000));
    let by_text = forever(Cache::<String, Course>::new(200_000));
    let moka = forever(moka::sync::Cache::<Uuid, Course>::new(200_000));
    vec![
        Variant::new("quick_cache", "quick_cache: get by Uuid + clone", move |id| async move {
            by_id.get(&id).unwrap_or_else(|| {
                by_id.insert(id, Course::load(id));
                Course::load(id)
            })
        }),
        Variant::new(
            "quick_cache_text",
            "quick_cache: format a text key, get + clone",
            move |id| async move {
                let key = format!("course:{id}");
                by_text.get(&key).unwrap_or_else(|| {
                    by_text.insert(key, Course::load(id));
                    Course::load(id)
                })
            },
        ),
        Variant::new("moka", "moka: get by Uuid + clone", move |id| async move {
            moka.get_with(id, || Course::load(id))
        }),
    ]
}
