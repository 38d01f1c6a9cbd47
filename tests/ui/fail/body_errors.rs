//! Errors in a body are where they would be without the attribute.

use cached_core::{cached, invalidates};

#[cached]
async fn wrong_type(id: u32) -> Result<String, std::io::Error> {
    Ok(id)
}

#[cached]
async fn no_value(id: u32) -> Result<u32, std::io::Error> {
    let _ = id;
}

// Its own, so that no list of conversions from other crates is shown.
struct Failed;

#[invalidates(key = "a")]
async fn question_mark() -> Result<u32, Failed> {
    Ok("1".parse::<u32>()?)
}

fn main() {}
