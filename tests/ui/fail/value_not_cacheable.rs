//! Values that cannot be stored, or not by all threads.

use cached_core::cached;
use serde::{Deserialize, Serialize};

struct Plain;

#[derive(Clone, Serialize)]
struct OneWay;

#[derive(Serialize, Deserialize)]
struct NotClone;

#[cached]
async fn plain() -> Plain {
    Plain
}

#[cached]
async fn one_way() -> Result<Vec<OneWay>, std::io::Error> {
    Ok(vec![OneWay])
}

#[cached]
async fn not_clone() -> Option<NotClone> {
    None
}

#[cached]
async fn not_sync() -> std::cell::Cell<u32> {
    std::cell::Cell::new(1)
}

fn main() {}
