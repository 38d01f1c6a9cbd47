//! A function is a read or a write.

use cached_core::{cached, invalidates};

#[cached(key = "a:<id>")]
#[invalidates(key = "b:<id>")]
async fn read_first(id: u32) -> u32 {
    id
}

#[invalidates(key = "b:<id>")]
#[cached(key = "a:<id>")]
async fn write_first(id: u32) -> u32 {
    id
}

#[cached(key = "a:<id>")]
#[cached(key = "b:<id>")]
async fn twice(id: u32) -> u32 {
    id
}

fn main() {}
