//! What is no call of a cached function.

use cached_core::{cached, invalidates};

#[cached]
async fn course(id: u32) -> u32 {
    id
}

#[invalidates(course)]
async fn path() {}

#[invalidates(course(1).await)]
async fn awaited() {}

#[invalidates(course(_))]
async fn wildcard() {}

#[invalidates("course:1")]
async fn text() {}

#[invalidates(course(return.id))]
async fn returned() -> u32 {
    1
}

#[invalidates((make())(1))]
async fn computed() {}

fn main() {}
