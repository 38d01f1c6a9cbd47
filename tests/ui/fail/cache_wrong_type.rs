//! `cache` is a `Cache`.

use cached_core::{cached, invalidates};

#[cached(cache = "redis://localhost")]
async fn course() -> u32 {
    1
}

#[invalidates(key = "course", cache = 1)]
async fn change() {}

fn main() {}
