//! Batches of what is no list of owned ids, with options of one value, and that return no map.

use cached_core::cached;
use std::collections::HashMap;

type Found = Result<HashMap<u32, u32>, std::io::Error>;

#[cached(batch = "ids")]
async fn text(ids: &[u32]) -> Found {
    Ok(ids.iter().map(|id| (*id, 1)).collect())
}

#[cached(batch = idss, key = "course:<ids>")]
async fn mistyped(ids: &[u32]) -> Found {
    Ok(ids.iter().map(|id| (*id, 1)).collect())
}

#[cached(batch = id, key = "course:<id>")]
async fn one(id: u32) -> Found {
    Ok([(id, 1)].into())
}

#[cached(batch = ids, key = "course:<ids>")]
async fn borrowed(ids: &[&str]) -> Found {
    Ok(ids.iter().map(|id| (id.len() as u32, 1)).collect())
}

#[cached(batch = ids, skip(ids))]
async fn skipped(ids: Vec<u32>) -> Found {
    Ok(ids.into_iter().map(|id| (id, 1)).collect())
}

#[cached(batch = ids, key = "courses")]
async fn not_in_key(ids: Vec<u32>) -> Found {
    Ok(ids.into_iter().map(|id| (id, 1)).collect())
}

#[cached(
    batch = ids,
    key = "course:<ids>",
    stale_while_revalidate = "10s",
    stale_if_error = "10m",
    early_refresh,
    timeout = "2s"
)]
async fn of_one_value(ids: Vec<u32>) -> Found {
    Ok(ids.into_iter().map(|id| (id, 1)).collect())
}

fn main() {}
