//! `none` takes a lifetime or `off`, on a function that can return `None`.

use cached_core::cached;

#[cached(none = true)]
async fn boolean() -> Option<u32> {
    None
}

#[cached(none = "short")]
async fn never_none() -> u32 {
    1
}

fn main() {}
