//! Tags that are no text, empty, or hold a wildcard.

use cached_core::{cached, invalidates};

#[cached(tags = [])]
async fn empty() -> u32 {
    1
}

#[cached(tags = ["course:*", "", "a b"])]
async fn wildcard() -> u32 {
    1
}

#[cached(tags = [TAG])]
async fn no_text() -> u32 {
    1
}

#[invalidates(tags = "teacher:?")]
async fn wildcard_of_write() {}

const TAG: &str = "courses";

fn main() {}
