//! Attributes that a `macro_rules` macro writes, with what it was given: text, expressions, types, calls.

use cached_core::{cached, invalidates};
use std::sync::atomic::{AtomicU32, Ordering};

static LOADS: AtomicU32 = AtomicU32::new(0);

fn load() -> u32 {
    LOADS.fetch_add(1, Ordering::Relaxed)
}

macro_rules! repository {
    ($name:ident($id:ident: $type:ty) -> $value:ty { $body:expr }, $key:literal, $tag:literal, $ttl:expr, $version:literal) => {
        #[cached(key = $key, tags = [$tag], ttl = $ttl, version = $version, local = $ttl, none = $ttl)]
        async fn $name($id: $type) -> Option<$value> {
            Some($body)
        }
    };
}

repository!(course(id: u32) -> u32 { id + load() }, "macros:course:<id>", "macros:courses", "10s", 2);

macro_rules! write {
    ($name:ident($id:ident), $call:expr, $tag:literal) => {
        #[invalidates($call, tags = [$tag])]
        async fn $name($id: u32) {}
    };
}

write!(rename(id), course(id), "macros:titles");

pub(crate) async fn run() {
    let first = course(1).await;
    assert_eq!(course(1).await, first);
    rename(1).await;
    assert_ne!(course(1).await, first);
}
