//! `unsafe` and foreign ABIs have no meaning where the body runs.

use cached_core::{cached, invalidates};

#[cached]
async unsafe fn not_safe() -> u32 {
    1
}

#[cached]
async extern "C" fn foreign() -> u32 {
    1
}

#[invalidates(key = "a")]
async unsafe fn write() {}

fn main() {}
