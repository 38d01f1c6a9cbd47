//! A type that cannot be named.

use cached_core::{cached, invalidates};

#[cached]
async fn value() -> impl Clone {
    1
}

#[cached]
async fn inside() -> Result<impl Iterator<Item = u32>, std::io::Error> {
    Ok([1].into_iter())
}

#[invalidates(key = "a")]
async fn write() -> impl Clone {
    1
}

fn main() {}
