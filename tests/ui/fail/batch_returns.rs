//! What only types decide: that a batch returns a map, from its ids, to values that can be cached.

use cached_core::{cached, invalidates};
use std::collections::HashMap;

#[cached(batch = ids, key = "list:<ids>")]
async fn list(ids: &[u32]) -> Vec<u32> {
    ids.to_vec()
}

#[cached(batch = ids, key = "other:<ids>")]
async fn other_ids(ids: &[u32]) -> HashMap<String, u32> {
    ids.iter().map(|id| (id.to_string(), *id)).collect()
}

struct Course;

#[cached(batch = ids, key = "course:<ids>")]
async fn not_a_value(ids: &[u32]) -> Result<HashMap<u32, Course>, std::io::Error> {
    Ok(ids.iter().map(|id| (*id, Course)).collect())
}

#[cached(batch = ids, key = "number:<ids>")]
async fn numbers(ids: &[u32]) -> HashMap<u32, u32> {
    ids.iter().map(|id| (*id, *id)).collect()
}

// The entry of one id is named, not of many.
#[invalidates(numbers(&ids))]
async fn change(ids: Vec<u32>) {}

fn main() {}
