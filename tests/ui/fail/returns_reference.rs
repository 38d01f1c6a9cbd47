//! A cached value outlives the call, and so does an error, which waiting callers are given a clone of.

use cached_core::cached;

#[cached]
async fn text(name: &str) -> &str {
    name
}

#[cached]
async fn inside(names: &[u32]) -> Result<Option<&[u32]>, &str> {
    Ok(Some(names))
}

#[cached]
async fn only_the_error(name: &str) -> Result<u32, &str> {
    name.len().try_into().map_err(|_| name)
}

fn main() {}
