//! cached: an annotated function, by value and by `Arc`.

use crate::value::Course;
use crate::variant::Variant;
use cached_core::cached;
use std::sync::Arc;
use uuid::Uuid;

#[cached(ttl = "day", key = "course:<id>")]
async fn by_value(id: Uuid) -> Course {
    Course::load(id)
}

#[cached(ttl = "day", key = "shared:<id>")]
async fn by_arc(id: Uuid) -> Arc<Course> {
    Arc::new(Course::load(id))
}

pub(super) fn variants() -> Vec<Variant> {
    // A second installation fails: the first one serves.
    // Room for every entry of both functions.
    let builder = cached_core::Cache::builder().local_entries(400_000).local_bytes(1 << 30);
    let cache = builder.build().expect("a cache");
    let _ = cached_core::install(cache);
    vec![
        Variant::new("cached_core", "**cached-core `#[cached]`**", by_value),
        Variant::new("cached_core_arc", "**cached-core `#[cached]`, an `Arc`**", by_arc),
    ]
}
