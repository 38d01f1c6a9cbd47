//! An option that is set twice.

use cached_core::cached;

#[cached(ttl = "short", key = "course:<id>", ttl = "long", tags = ["a"], tags = ["b"])]
async fn course(id: u32) -> u32 {
    id
}

fn main() {}
