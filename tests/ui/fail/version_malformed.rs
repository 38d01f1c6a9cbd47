//! `version` is a whole number.

use cached_core::cached;

#[cached(version = "2")]
async fn text() -> u32 {
    1
}

#[cached(version = -1)]
async fn negative() -> u32 {
    1
}

#[cached(version = 4294967296)]
async fn too_large() -> u32 {
    1
}

fn main() {}
