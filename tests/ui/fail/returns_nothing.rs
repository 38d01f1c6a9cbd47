//! Nothing to cache.

use cached_core::cached;

#[cached]
async fn nothing() {}

#[cached]
async fn unit() -> () {}

#[cached]
async fn never() -> ! {
    loop {}
}

fn main() {}
