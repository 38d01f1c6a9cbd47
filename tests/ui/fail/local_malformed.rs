//! `local` takes a lifetime or `off`.

use cached_core::cached;

#[cached(local = false)]
async fn boolean() -> u32 {
    1
}

#[cached(local = "off")]
async fn text() -> u32 {
    1
}

fn main() {}
